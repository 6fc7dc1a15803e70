"""The left side of the page: a field for a code, and the codes on record that hold what is typed."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from station.ui.engineer.fields import Captioned, small_button
from station.ui.engineer.identity.content import level_word
from station.ui.engineer.table import Table
from station.ui.style import Sizes
from station.ui.texts import Texts

PAUSE_MS: Final = 300
"""Codes are looked for when nothing was typed for so long."""


class Finder(QWidget):
    """``wanted`` asks for the codes that hold a text, ``opened`` for one code."""

    wanted = Signal(str)
    opened = Signal(str)

    def __init__(self, texts: Texts) -> None:
        super().__init__()
        self._texts = texts
        self.code = QLineEdit()
        self.code.setMaxLength(64)
        self._part = Captioned(self.code)
        self.show_button = small_button("show")
        self.table = Table(2, 0)
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.codes: list[dict[str, Any]] = []
        self._more = False
        self._shown = ""
        row = QHBoxLayout()
        row.addWidget(self._part, 1)
        row.addWidget(self.show_button, 0, Qt.AlignmentFlag.AlignBottom)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addLayout(row)
        box.addWidget(self.table, 1)
        box.addWidget(self.note)
        self.pause = QTimer(self, interval=PAUSE_MS, singleShot=True)
        self.pause.timeout.connect(lambda: self.wanted.emit(self.code.text().strip()))
        self.code.textEdited.connect(lambda _: self.pause.start())
        self.code.returnPressed.connect(self._open_typed)
        self.show_button.clicked.connect(self._open_typed)
        self.table.opened.connect(self._open_row)

    def show_codes(self, codes: list[dict[str, Any]], *, more: bool) -> None:
        """What the service found."""
        self.codes, self._more = codes, more
        self._fill()

    def _fill(self) -> None:
        texts = self._texts
        self.table.fill([[row["code"], level_word(row["level"], texts)] for row in self.codes])
        self._mark()
        self.note.setText(texts("ident.more", count=len(self.codes)) if self._more else "")
        self.note.setVisible(self._more)

    def mark(self, code: str) -> None:
        """This one is shown: it is chosen where it stands in the list."""
        self._shown = code
        self._mark()

    def _mark(self) -> None:
        for row, known in enumerate(self.codes):
            if known["code"] == self._shown:
                self.table.setCurrentCell(row, 0)

    def _open_typed(self) -> None:
        text = self.code.text().strip()
        if text:
            self.opened.emit(text)

    def _open_row(self, row: int) -> None:
        if 0 <= row < len(self.codes):
            self.opened.emit(self.codes[row]["code"])

    def set_texts(self) -> None:
        """Words."""
        texts = self._texts
        self._part.set_name(texts("ident.code"))
        self.show_button.setText(texts("ident.show"))
        self.table.set_heads(texts("ident.codes"), [texts("ident.codes"), texts("ident.level")])
        self._fill()

    def set_sizes(self, sizes: Sizes) -> None:
        """Fit to the window."""
        self.table.set_sizes(sizes)
        self.setFixedWidth(sizes.px(360))
