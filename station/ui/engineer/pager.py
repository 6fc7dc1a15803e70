"""Newer and older: pages of an answer that names where its next page begins."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from station.ui.engineer.fields import small_button
from station.ui.texts import Texts


class Pager(QWidget):
    """Remembers where each page began; ``turned`` gives where the wanted one does."""

    turned = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.newer, self.older = small_button("newer"), small_button("older")
        self.count = QLabel()
        self._began: list[int | None] = [None]
        self._next: int | None = None
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.newer)
        box.addWidget(self.older)
        box.addWidget(self.count, 1)
        self.newer.clicked.connect(self._back)
        self.older.clicked.connect(self._on)
        self._show()

    def restart(self) -> None:
        """Another search: the first page comes."""
        self._began, self._next = [None], None

    def arrived(self, following: int | None, text: str) -> None:
        """A page is there; ``following`` is where the next begins."""
        self._next = following
        self.count.setText(text)
        self._show()

    def _back(self) -> None:
        self._began.pop()
        self.turned.emit(self._began[-1])

    def _on(self) -> None:
        self._began.append(self._next)
        self.turned.emit(self._next)

    def _show(self) -> None:
        self.newer.setEnabled(len(self._began) > 1)
        self.older.setEnabled(self._next is not None)

    def set_texts(self, texts: Texts) -> None:
        """Words."""
        self.newer.setText(texts("page.newer"))
        self.older.setText(texts("page.older"))
