"""Guided connection over the tiles: one question at a time, big yes and no, what the leads show, photos."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from station.ui.buttons import big_button
from station.ui.checkpictures import CheckPicture
from station.ui.style import FIELD, INK, LINE, ORANGE, RED, TILE, WHITE, Sizes
from station.ui.texts import Texts, say_code
from station.ui.views import Name, local

KEYS: Final = (("Ctrl+Y", "yes"), ("Ctrl+N", "no"))


class ConnectionPanel(QFrame):
    """Shows a channel's form as the service tells it; decides nothing.

    ``answered``: key and yes or no. ``dropped``: a photo's path. ``photo``: attach the newest one offered.
    ``go``: everything is answered, start. ``left``: close without a start.
    """

    answered = Signal(str, str)
    dropped = Signal(str)
    photo = Signal()
    go = Signal()
    left = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("connection")
        self.setAcceptDrops(True)
        self._texts, self._sizes = Texts(), Sizes()
        self._form: dict[str, Any] = {}
        self._battery, self._at = "", 0
        self._look: dict[str, Any] | None = None
        self._offer: str | None = None
        self._camera = False
        self._title, self._place, self._question, self._hint = (QLabel() for _ in range(4))
        self._effect, self._leads, self._finding, self._photos = (QLabel() for _ in range(4))
        for label, name in (
            (self._title, "check_title"), (self._place, "check_place"), (self._question, "check_question"),
            (self._hint, "check_hint"), (self._effect, "check_effect"), (self._leads, "check_leads"),
            (self._finding, "check_finding"), (self._photos, "check_photos"),
        ):  # fmt: skip
            label.setObjectName(name)
            label.setWordWrap(label is not self._place)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.path = QLineEdit()
        self.path.setObjectName("check_path")
        self.path.setMaxLength(1000)
        self.path.returnPressed.connect(self._path_given)
        self.picture = CheckPicture()
        self.yes, self.no = big_button("check_yes"), big_button("check_no")
        self.back, self.attach = big_button("check_back"), big_button("check_photo")
        self.leave, self.start = big_button("check_leave"), big_button("check_start")
        self._build()
        self.yes.clicked.connect(lambda: self.answer("yes"))
        self.no.clicked.connect(lambda: self.answer("no"))
        self.back.clicked.connect(self.step_back)
        self.attach.clicked.connect(self.photo)
        self.leave.clicked.connect(self.left)
        self.start.clicked.connect(self.go)
        for keys, word in KEYS:
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
            shortcut.activated.connect(lambda w=word: self.answer(w))
        self.hide()

    def _build(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self._title, 1)
        top.addWidget(self._place)
        words = self._words = QVBoxLayout()
        for label in (self._question, self._hint, self._effect):
            words.addWidget(label)
        words.addStretch(1)
        answers = QHBoxLayout()
        answers.addWidget(self.no, 1)
        answers.addSpacing(1)
        answers.addWidget(self.yes, 2)
        self._answers = answers
        row = QHBoxLayout()
        for button in (self.leave, self.back, self.attach):
            row.addWidget(button, 1)
        row.addWidget(self.start, 2)
        self._row = row
        right = QVBoxLayout()
        right.addLayout(words, 1)
        right.addLayout(answers)
        self._grid = QGridLayout(self)
        self._grid.addLayout(top, 0, 0, 1, 2)
        self._grid.addWidget(self.picture, 1, 0)
        self._grid.addLayout(right, 1, 1)
        self._grid.addWidget(self._leads, 2, 0)
        self._grid.addWidget(self._finding, 2, 1)
        photos = QVBoxLayout()
        photos.addWidget(self._photos)
        photos.addWidget(self.path)
        self._grid.addLayout(photos, 3, 0)
        self._grid.addLayout(row, 3, 1)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 2)
        self._grid.setRowStretch(1, 1)

    # -- what is shown -------------------------------------------------------------------------

    def open(self, form: dict[str, Any], battery: str) -> None:
        """Ask for this battery, beginning with the first question that is open."""
        self._battery, self._look, self._offer = battery, None, None
        self._form = form
        self._at = self._first_open()
        self.show()
        self.raise_()
        self.refresh()

    def show_form(self, form: dict[str, Any]) -> None:
        """The service's newest word on the form."""
        if form.get("channel") == self._form.get("channel"):
            self._form = form
            self.refresh()

    def show_look(self, look: dict[str, Any] | None) -> None:
        """What the leads show; None: nobody looks."""
        self._look = look
        self._show_leads()

    def offer(self, name: str | None, camera: bool = False) -> None:
        """The newest photo in the watched folder, or a camera that takes one, or None."""
        self._offer, self._camera = name, camera
        self._show_photos()

    @property
    def ready(self) -> bool:
        """Whether everything is answered and nothing stands against a start."""
        mine = self._form.get("battery") == self._battery
        return mine and bool((self._form.get("judged") or {}).get("free"))

    @property
    def barred(self) -> bool:
        """Whether an answer already stands against a start."""
        judged = self._form.get("judged") or {}
        return bool(judged.get("refused") or judged.get("quarantined"))

    def answer(self, word: str) -> None:
        """Yes or no to the question that is shown: by button, key or barcode."""
        items = self._items()
        if self.isVisible() and self._at < len(items):
            key = str(items[self._at]["key"])
            said = {**self._said(), key: word}
            self._form = {**self._form, "answers": said, "battery": self._battery}
            self.answered.emit(key, word)
            if word == "yes":
                self._at = next(
                    (n for n in range(self._at + 1, len(items)) if items[n]["key"] not in said), len(items)
                )
            self.refresh()

    def step_back(self) -> None:
        """The question before, to answer it anew."""
        self._at = max(0, self._at - 1)
        self.refresh()

    def set_texts(self, texts: Texts) -> None:
        """Words."""
        self._texts = texts
        for button, key in (
            (self.yes, "check.yes"), (self.no, "check.no"), (self.back, "check.back"),
            (self.attach, "check.attach"), (self.leave, "check.leave"), (self.start, "check.start"),
        ):  # fmt: skip
            button.setText(texts(key))
            button.setAccessibleName(texts(key).replace("\n", ", "))
        self.path.setPlaceholderText(texts("check.path"))
        self.path.setAccessibleName(texts("check.path"))
        self.refresh()

    def set_sizes(self, sizes: Sizes) -> None:
        """Fit the panel to the window."""
        self._sizes = sizes
        s = sizes.px
        self._grid.setContentsMargins(s(14), s(8), s(14), s(10))
        self._grid.setHorizontalSpacing(s(14))
        self._grid.setVerticalSpacing(s(6))
        self._words.setSpacing(s(6))
        self._answers.setSpacing(sizes.mm(13.5))
        self._row.setSpacing(s(8))
        self._finding.setMinimumHeight(s(52))
        self.setStyleSheet(_sheet(sizes))

    def refresh(self) -> None:
        """Show the question, or that all is answered."""
        if not self._form:
            return
        texts, lang, items, said = self._texts, self._texts.lang, self._items(), self._said()
        self._title.setText(
            f"{_local(self._form['title'], lang)} · "
            f"{texts('alarm.of_channel', channel=self._form['channel'])} · {self._battery}"
        )
        done = self._at >= len(items)
        shown = {"at": min(self._at + 1, len(items)), "of": len(items)}
        self._place.setText(texts("check.done") if done else texts("check.place", **shown))
        item = items[min(self._at, len(items) - 1)]
        answer = None if done else said.get(str(item["key"]))
        self.picture.show_picture("battery" if done else str(item["picture"]))
        self._question.setText(texts("check.all_answered") if done else _local(item["question"], lang))
        hint = item.get("hint")
        self._hint.setText(texts("check.then_start") if done else _local(hint, lang) if hint else "")
        self._show_effect(items, said, item if answer == "no" else None)
        for button in (self.yes, self.no):
            button.setVisible(not done)
        self.back.setEnabled(self._at > 0)
        self.start.setEnabled(self.ready)
        armed = "true" if self.ready else "false"
        if self.start.property("armed") != armed:
            self.start.setProperty("armed", armed)
            self.start.style().unpolish(self.start)
            self.start.style().polish(self.start)
        self.setAccessibleName(f"{self._title.text()}: {self._question.text()}")
        self._show_leads()
        self._show_photos()

    def _show_effect(
        self, items: list[dict[str, Any]], said: dict[str, str], now: dict[str, Any] | None
    ) -> None:
        """What a "no" means: the one just given, else the gravest on the form."""
        bad = [item for item in items if said.get(str(item["key"])) == "no"]
        order = {"quarantine": 0, "refuse": 1, "note": 2}
        gravest = now or min(bad, key=lambda item: order[str(item["no"])], default=None)
        self._effect.setVisible(gravest is not None)
        tone = "" if gravest is None else str(gravest["no"])
        if gravest is not None:
            word = self._texts(f"check.effect.{tone}")
            colon = "：" if self._texts.lang == "zh" else ": "
            self._effect.setText(f"{word}{colon}{_local(gravest['consequence'], self._texts.lang)}")
        if self._effect.property("tone") != tone:
            self._effect.setProperty("tone", tone)
            self._effect.style().unpolish(self._effect)
            self._effect.style().polish(self._effect)

    def _show_leads(self) -> None:
        texts, look = self._texts, self._look
        tone = ""
        if look is None:
            self._leads.setText(texts("check.look_none"))
            self._finding.setText("")
        else:
            volts = look.get("voltage_V")
            figure = "–" if volts is None else f"{volts:+.3f} V"
            self._leads.setText(texts("check.leads", volts=figure))
            finding = look.get("finding")
            tone = "good" if finding is None else "bad"
            if finding is None:
                self._finding.setText(texts("check.leads_good"))
            else:
                said = say_code(
                    str(finding.get("code")), finding.get("params") or {}, texts.lang,
                    message=str(finding.get("message", "")), remedy=str(finding.get("remedy", "")),
                )  # fmt: skip
                self._finding.setText(f"{said.text}\n→ {said.remedy}" if said.remedy else said.text)
        for label in (self._leads, self._finding):
            if label.property("tone") != tone:
                label.setProperty("tone", tone)
                label.style().unpolish(label)
                label.style().polish(label)

    def _show_photos(self) -> None:
        count = len(self._form.get("photos") or ()) if self._form.get("battery") == self._battery else 0
        words = [self._texts("check.photos", count=count)]
        if self._offer:
            texts = self._texts
            words.append(texts("check.camera") if self._camera else texts("check.offer", name=self._offer))
        self._photos.setText("\n".join(words))
        self.attach.setEnabled(bool(self._offer))

    # -- photos by path and by drop ---------------------------------------------------------------------

    def _path_given(self) -> None:
        path = self.path.text().strip().strip("\"'")
        self.path.clear()
        if path:
            self.dropped.emit(path)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files are welcome."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Each local file is a photo."""
        for url in event.mimeData().urls():
            if url.isLocalFile():
                self.dropped.emit(str(Path(url.toLocalFile())))

    # -- inside --------------------------------------------------------------------------------

    def _items(self) -> list[dict[str, Any]]:
        return list(self._form.get("items") or ())

    def _said(self) -> dict[str, str]:
        """Answers of this battery; those of another one that hung here before do not count."""
        return dict(self._form.get("answers") or {}) if self._form.get("battery") == self._battery else {}

    def _first_open(self) -> int:
        items, said = self._items(), self._said()
        return next((n for n, item in enumerate(items) if said.get(str(item["key"])) != "yes"), len(items))


def _local(text: dict[str, str] | None, lang: str) -> str:
    return local(Name(**text), lang) if text else ""


def _sheet(sizes: Sizes) -> str:
    s = sizes.px
    return f"""
    QFrame#connection {{ background: {TILE}; border: {s(3)}px solid {INK}; border-radius: {s(4)}px; }}
    QLabel#check_title {{ font-size: {s(16)}px; font-weight: bold; }}
    QLabel#check_question {{ font-size: {s(28)}px; font-weight: bold; }}
    QLabel#check_hint {{ font-size: {s(18)}px; }}
    QLabel#check_effect {{ font-size: {s(18)}px; font-weight: bold; color: {WHITE};
                           padding: {s(4)}px {s(8)}px;
                           border-radius: {s(3)}px; }}
    QLabel#check_effect[tone="quarantine"] {{ background: {RED}; }}
    QLabel#check_effect[tone="refuse"] {{ background: {ORANGE}; }}
    QLabel#check_effect[tone="note"] {{ background: {FIELD}; color: {INK}; border: 1px solid {LINE}; }}
    QLabel#check_leads {{ font-size: {s(22)}px; font-weight: bold; }}
    QLabel#check_finding {{ font-size: {s(16)}px; padding: {s(4)}px {s(8)}px; border-radius: {s(3)}px; }}
    QLabel#check_finding[tone="bad"] {{ background: {ORANGE}; color: {WHITE}; font-weight: bold; }}
    QPushButton#check_yes, QPushButton#check_no {{ font-size: {s(24)}px; font-weight: bold; }}
    QPushButton#check_yes {{ background: {INK}; color: {WHITE}; }}
    """
