"""What belongs together, from the vehicle down to the cells; Enter opens a code."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem

from station.ui.engineer.identity.content import level_word
from station.ui.texts import Texts


class PartsTree(QTreeWidget):
    """The branch that the shown battery is in is open, and it is chosen in it."""

    opened = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setColumnCount(2)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setTextElideMode(Qt.TextElideMode.ElideNone)
        self.setUniformRowHeights(True)
        self.header().setSectionsClickable(False)
        self.header().setStretchLastSection(False)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.itemDoubleClicked.connect(lambda item, _column: self._open(item))

    def show_top(self, top: dict[str, Any], codes: list[str], texts: Texts) -> None:
        """``top``: ``code``, ``level``, ``parts`` and so on; ``codes`` are those of the shown battery."""
        self.clear()
        self._add(None, top, codes, texts)
        self.expandAll()
        here = self.currentItem()
        if here is not None:
            self.scrollToItem(here)

    def _add(
        self, above: QTreeWidgetItem | None, told: dict[str, Any], codes: list[str], texts: Texts
    ) -> None:
        here = told["code"] in codes
        text = texts("ident.here", code=told["code"]) if here else told["code"]
        item = QTreeWidgetItem([text, level_word(told["level"], texts)])
        item.setData(0, Qt.ItemDataRole.UserRole, told["code"])
        if above is None:
            self.addTopLevelItem(item)
        else:
            above.addChild(item)
        for part in told["parts"]:
            self._add(item, part, codes, texts)
        if here:
            self.setCurrentItem(item)

    def set_texts(self, texts: Texts) -> None:
        """Words."""
        self.setAccessibleName(texts("ident.tab_parts"))
        self.setHeaderLabels([texts("ident.one_code"), texts("ident.level")])

    def _open(self, item: QTreeWidgetItem | None) -> None:
        if item is not None:
            self.opened.emit(str(item.data(0, Qt.ItemDataRole.UserRole)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.currentItem())
            return
        super().keyPressEvent(event)
