"""What a test asks the operator: its words and picture, to be confirmed or answered by a number.

It lies over half of the tiles, never over the asking channel's own. F5 and the start barcode do not answer
it: they mean a test on another channel, and nobody confirms a question by mistake.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QLabel, QLineEdit, QSizePolicy, QWidget

from station.ui.buttons import BigButton, big_button
from station.ui.panels import Panel
from station.ui.style import Sizes
from station.ui.texts import Texts
from station.ui.views import Question

KEYS: Final = ("7", "8", "9", "-", "4", "5", "6", ".", "1", "2", "3", "0", "back")
PAD_COLUMN: Final = 2


class QuestionPanel(Panel):
    """``answered``: channel, number of the question, and the number entered (None where it is confirmed)."""

    answered = Signal(str, int, object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__("question", parent)
        self.channel, self.beside_right = "", True
        self._question, self._texts, self._problem_key = Question(), Texts(), ""
        self._shown = QPixmap()
        self._text, self._picture, self._range, self._problem = (QLabel() for _ in range(4))
        self._text.setObjectName("panel_title")
        self._problem.setObjectName("question_problem")
        for label in (self._text, self._range, self._problem):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._picture.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.field = QLineEdit()
        self.field.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.field.setMaxLength(16)
        self.field.returnPressed.connect(self.confirm_now)
        self.confirm = big_button("question_confirm")
        self.confirm.setProperty("armed", "true")
        self.confirm.clicked.connect(self.confirm_now)
        self.keys: dict[str, BigButton] = {key: big_button(f"question_{key}") for key in KEYS}
        self._arrange()

    def _arrange(self) -> None:
        grid = self.grid
        grid.addWidget(self.title, 0, 0, 1, 6)
        grid.addWidget(self._text, 1, 0, 1, 2)
        grid.addWidget(self._picture, 2, 0, 2, 2)
        grid.addWidget(self._range, 4, 0, 1, 2)
        grid.addWidget(self._problem, 5, 0, 1, 2)
        grid.addWidget(self.cancel, 6, 0)
        grid.addWidget(self.confirm, 6, 1)
        grid.addWidget(self.field, 1, PAD_COLUMN, 1, 3)
        grid.addWidget(self.keys["back"], 1, PAD_COLUMN + 3)
        for index, key in enumerate(KEYS[:-1]):
            row, column = divmod(index, 4)
            grid.addWidget(self.keys[key], (2, 3, 6)[row], PAD_COLUMN + column)
        for key, button in self.keys.items():
            button.clicked.connect(lambda _=False, key=key: self.key(key))
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(2, 1)

    def ask(self, channel: str, question: Question) -> None:
        """Ask this; what was typed for another question is forgotten."""
        if (channel, question) == (self.channel, self._question):
            return
        self.channel, self._question, self._problem_key = channel, question, ""
        self.field.clear()
        self._shown = QPixmap(question.picture) if question.picture else QPixmap()
        for widget in (self.field, *self.keys.values()):
            widget.setVisible(question.answer == "number")
        self.keys["-"].setVisible(question.answer == "number" and (question.low is None or question.low < 0))
        self.set_texts(self._texts)

    def opened(self) -> None:
        """Keys go into the field; a question to confirm has its other button in front, so that no key that
        was meant for something else confirms it."""
        first = self.field if self._question.answer == "number" else self.cancel
        first.setFocus(Qt.FocusReason.OtherFocusReason)
        self._fit_picture()

    def key(self, key: str) -> bool:
        """One more character, or one less."""
        if key not in self.keys or self._question.answer != "number":
            return False
        if key == "back":
            self.field.backspace()
        else:
            self.field.insert(key)
        return True

    def value(self) -> float | None:
        """The number entered, or None where it is none or outside its limits."""
        text = self.field.text().strip()
        for other in ("，", ",", "。"):
            text = text.replace(other, ".")
        try:
            value = float(text)
        except ValueError:
            return None
        low, high = self._question.low, self._question.high
        inside = (low is None or value >= low) and (high is None or value <= high)
        return value if inside and abs(value) < 1e12 else None

    def confirm_now(self) -> None:
        """Send the answer, or say why it cannot be taken."""
        question = self._question
        if not self.isVisible() or question.prompt is None:
            return
        if question.answer == "number" and self.value() is None:
            self._problem_key = "question.bad_number"
            self._problem.setText(self._texts(self._problem_key))
            return
        self.answered.emit(
            self.channel, question.prompt, self.value() if question.answer == "number" else None
        )

    # -- words, sizes, place -------------------------------------------------------------------

    def set_texts(self, texts: Texts) -> None:
        """Words."""
        self._texts = texts
        super().set_texts(texts)
        question = self._question
        self.title.setText(texts("question.title", channel=self.channel))
        self._text.setText(question.text.get(texts.lang) or next(iter(question.text.values()), ""))
        self._range.setText(self._limits(texts) if question.answer == "number" else "")
        self._problem.setText(texts(self._problem_key) if self._problem_key else "")
        self.setAccessibleName(f"{self.title.text()}: {self._text.text()}")
        self._picture.setAccessibleName(texts("question.picture"))
        self.field.setAccessibleName(f"{self._text.text()} {self._range.text()}".strip())
        self.cancel.set_words(texts("question.later"))
        self.cancel.setAccessibleName(texts("question.later"))
        word = texts("question.enter" if question.answer == "number" else "question.done")
        self.confirm.set_words(word)
        self.confirm.setAccessibleName(word)
        for key, button in self.keys.items():
            word = texts("missing.back") if key == "back" else key
            button.set_words(word)
            button.setAccessibleName(word)
        self._fit_picture()

    def _limits(self, texts: Texts) -> str:
        low, high = self._question.low, self._question.high
        if low is not None and high is not None:
            return texts("question.between", low=f"{low:g}", high=f"{high:g}")
        if low is not None:
            return texts("question.at_least", low=f"{low:g}")
        return "" if high is None else texts("question.at_most", high=f"{high:g}")

    def _fit_picture(self) -> None:
        question = self._question
        if question.picture and self._shown.isNull():
            self._picture.setText(self._texts("question.no_picture"))
        elif self._shown.isNull():
            self._picture.clear()
        else:
            self._picture.setPixmap(
                self._shown.scaled(
                    self._picture.size(),
                    Qt.AspectRatioMode.KeepAspectRatio,
                    Qt.TransformationMode.SmoothTransformation,
                )
            )

    def set_sizes(self, sizes: Sizes) -> None:
        """Keys for gloves."""
        super().set_sizes(sizes)
        for button in (*self.keys.values(), self.cancel, self.confirm):
            button.setMinimumHeight(sizes.button)
        for key in self.keys.values():
            key.setMinimumWidth(sizes.button)
        self._picture.setMinimumHeight(sizes.px(60))

    def stand(self, area: QRect, most: QRect) -> None:
        """Over the half of the tiles where the asking channel's is not."""
        half = area.width() // 2
        left = area.left() + (area.width() - half if self.beside_right else 0)
        self.setGeometry(
            left, area.top(), half, max(area.height(), min(most.height(), self.sizeHint().height()))
        )
        self.grid.activate()
        self._fit_picture()
