"""The mission's card: what to do now, the question, the two things done at the bench, and how it ended.

It lies over the tiles of the other channels, never over the mission's own and never over the stop buttons.
"""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from station.ui.buttons import big_button
from station.ui.style import DARK, FIELD, INK, ORANGE, WHITE, Sizes
from station.ui.texts import Texts, say_code
from station.ui.training.link import Refused, TrainingLink

CHOICES: Final = 4
LETTERS: Final = "ABCD"


class TrainingCard(QFrame):
    """A child of the page over ``area``; hidden while no mission goes on."""

    def __init__(self, page: QWidget, area: QWidget, link: TrainingLink, texts: Texts) -> None:
        super().__init__(page)
        self._page = page
        self.setObjectName("training")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._area, self._link, self._texts = area, link, texts
        self._status: dict[str, Any] = {"mission": None}
        self._lang, self._closed = texts.lang, False
        self._title, self._clock, self._story, self._step, self._said = (QLabel() for _ in range(5))
        for name, label in (("title", self._title), ("clock", self._clock), ("story", self._story),
                            ("step", self._step), ("said", self._said)):  # fmt: skip
            label.setObjectName(f"training_{name}")
            label.setWordWrap(name not in ("title", "clock"))
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.deed, self.leave = big_button("training_deed"), big_button("training_leave")
        self.choices = [big_button(f"training_choice_{letter}") for letter in LETTERS]
        self._choice_texts = [QLabel() for _ in LETTERS]
        self._build()
        self.deed.clicked.connect(self._do)
        self.leave.clicked.connect(self._leave)
        for number, button in enumerate(self.choices):
            button.clicked.connect(lambda _=False, n=number: self._choose(n))
        link.status_came.connect(self.show_status)
        link.answered.connect(self._answered)
        area.installEventFilter(self)
        self.hide()

    def _build(self) -> None:
        head, foot = QHBoxLayout(), QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self._clock)
        self._grid = QGridLayout()
        for number, (button, label) in enumerate(zip(self.choices, self._choice_texts, strict=True)):
            label.setWordWrap(True)
            label.setObjectName("training_choice")
            row, column = divmod(number, 2)
            self._grid.addWidget(button, row, 2 * column)
            self._grid.addWidget(label, row, 2 * column + 1)
        for column in (1, 3):
            self._grid.setColumnStretch(column, 1)
        foot.addWidget(self.leave, 1)
        foot.addStretch(1)
        foot.addWidget(self.deed, 2)
        self._box = QVBoxLayout(self)
        self._box.addLayout(head)
        for part in (self._story, self._step):
            self._box.addWidget(part)
        self._box.addLayout(self._grid)
        self._box.addWidget(self._said)
        self._box.addStretch(1)
        self._box.addLayout(foot)

    def set_sizes(self, sizes: Sizes) -> None:
        """Fit the card to the window."""
        s = sizes.px
        self._box.setContentsMargins(s(14), s(10), s(14), s(12))
        self._box.setSpacing(s(6))
        self._grid.setSpacing(s(6))
        for button in self.choices:
            button.setFixedWidth(sizes.button)
        self.setStyleSheet(
            f"QFrame#training {{ background: {FIELD}; border: {s(3)}px solid {INK};"
            f" border-radius: {s(6)}px; }}"
            f"QLabel#training_title {{ font-size: {s(18)}px; font-weight: bold; }}"
            f"QLabel#training_clock {{ font-size: {s(22)}px; font-weight: bold; }}"
            f"QLabel#training_clock[late='true'] {{ background: {ORANGE}; color: {WHITE};"
            f" padding: 0 {s(6)}px; }}"
            f"QLabel#training_step {{ font-size: {s(19)}px; font-weight: bold; }}"
            f"QLabel#training_choice, QLabel#training_story, QLabel#training_said"
            f" {{ font-size: {s(16)}px; }}"
            f"QPushButton#training_deed {{ background: {DARK}; color: {WHITE}; font-weight: bold; }}"
        )

    # -- what came -----------------------------------------------------------------------------

    def show_status(self, status: dict[str, Any]) -> None:
        """Bring the card up to the mission's state, in the page's language."""
        fresh = (
            status["mission"],
            status.get("trainee"),
            status.get("going_on"),
            len(status.get("done", [])),
        )
        was = self._status
        if fresh != (was["mission"], was.get("trainee"), was.get("going_on"), len(was.get("done", []))):
            self._said.setText("")
            self._closed = self._closed and not status.get("going_on", False)
        self._status = status
        gone = status["mission"] is None or self._closed or not (status["going_on"] or status["over"])
        comes = self.isHidden() and not gone
        self.setVisible(not gone)
        if gone:
            return
        self._place()
        if comes:  # not later: what the trainee has opened since lies over it
            self.raise_()
        texts, lang, step = self._texts, self._texts.lang, status["step"]
        self._title.setText(
            texts(
                "train.head",
                title=status["title"][lang],
                number=min(status["number"], status["of"]),
                of=status["of"],
            )
        )
        self._show_clock(step)
        if step is None:
            self._show_end(status)
        else:
            self._story.setText(status["story"][lang] if status["number"] == 1 else "")
            why = status["why"]
            self._step.setText(
                step["text"][lang] if step["question"] is None else step["question"]["text"][lang]
            )
            if why and not self._said.text():
                self._said.setText(why[lang])
        self._story.setVisible(bool(self._story.text()))
        self._show_choices(step)
        kind = step["kind"] if step else ""
        self.deed.setVisible(kind in ("mended", "estop"))
        if kind in ("mended", "estop"):
            self._name(self.deed, texts(f"train.{kind}"))
        self._name(self.leave, texts("train.close" if step is None else "train.leave"))
        self._said.setVisible(bool(self._said.text()))

    def _show_clock(self, step: dict[str, Any] | None) -> None:
        left = step["left_s"] if step else None
        self._clock.setText("" if left is None else self._texts("train.left", seconds=f"{max(left, 0):.0f}"))
        late = "true" if left is not None and left <= 0 else "false"
        if self._clock.property("late") != late:
            self._clock.setProperty("late", late)
            self._clock.style().unpolish(self._clock)
            self._clock.style().polish(self._clock)

    def _show_end(self, status: dict[str, Any]) -> None:
        texts, lang = self._texts, self._texts.lang
        mistakes = status["mistakes"]
        self._step.setText(
            texts("train.passed") if status["passed"] else texts("train.mistakes", count=len(mistakes))
        )
        self._story.setText(status["notice"][lang])
        self._said.setText("\n".join(f"· {one[lang]}" for one in mistakes))

    def _show_choices(self, step: dict[str, Any] | None) -> None:
        offered = step["question"]["choices"] if step and step["question"] else []
        for number, (button, label) in enumerate(zip(self.choices, self._choice_texts, strict=True)):
            there = number < len(offered)
            button.setVisible(there)
            label.setVisible(there)
            if there:
                text = offered[number]["text"][self._texts.lang]
                label.setText(text)
                button.setText(LETTERS[number])
                button.setAccessibleName(f"{LETTERS[number]}: {text}")

    @staticmethod
    def _name(button: Any, text: str) -> None:
        button.setText(text)
        button.setAccessibleName(text)

    # -- what is pressed -----------------------------------------------------------------------

    def _do(self) -> None:
        step = self._status["step"]
        if step:
            self._link.ask("say", step["kind"])

    def _choose(self, number: int) -> None:
        step = self._status["step"]
        if step and step["question"]:
            self._link.ask("say", "answer", step["question"]["choices"][number]["id"])

    def _leave(self) -> None:
        self._closed = True
        self.hide()
        self._link.ask("end")

    def _answered(self, word: str, answer: object) -> None:
        if word == "say" and isinstance(answer, Refused):
            said = say_code(
                answer.code, answer.params, self._texts.lang, message=answer.message, remedy=answer.remedy
            )
            self._said.setText(f"{said.text} {said.remedy}".strip())
            self._said.show()

    # -- where it lies -------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the tiles."""
        if watched is self._area and event.type() in (QEvent.Type.Resize, QEvent.Type.Move):
            self._place()
        return False

    def _place(self) -> None:
        area = self._area.geometry()
        half = area.width() // 2
        own = self._page.findChildren(QWidget, "tile")
        channel = self._status.get("channel")
        mine = next((tile for tile in own if getattr(tile, "channel", None) == channel), None)
        right = mine is None or mine.geometry().center().x() < half
        self.setGeometry(area.left() + (half + 3 if right else 0), area.top(), half - 3, area.height())

    def free(self, area: QRect) -> QRect:
        """What of ``area`` the card leaves: all of it while there is none."""
        if self.isHidden():
            return area
        half = area.width() // 2
        on_right = self.geometry().center().x() > area.center().x()
        return QRect(area.left() + (0 if on_right else area.width() - half), area.top(), half, area.height())
