"""A table to read and to choose rows from, by keys as by mouse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from station.ui.style import Sizes

STRETCH: Final = 0


class Table(QTableWidget):
    """``widths`` in pixels of the smallest window; ``STRETCH`` columns share the rest and wrap."""

    opened = Signal(int)
    """Enter, or a double click, on a row."""

    def __init__(self, widths: Sequence[int], *, many: bool = False) -> None:
        super().__init__(0, len(widths))
        self._widths = tuple(widths)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        mode = QAbstractItemView.SelectionMode
        self.setSelectionMode(mode.ExtendedSelection if many else mode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setAlternatingRowColors(True)
        self.setTextElideMode(Qt.TextElideMode.ElideNone)
        self.setShowGrid(False)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        self.cellDoubleClicked.connect(lambda row, _column: self.opened.emit(row))

    def set_heads(self, name: str, heads: Sequence[str]) -> None:
        """What it is, and what its columns are."""
        self.setAccessibleName(name)
        self.setHorizontalHeaderLabels(list(heads))

    def set_sizes(self, sizes: Sizes) -> None:
        """Fit the columns to the window."""
        header = self.horizontalHeader()
        for index, width in enumerate(self._widths):
            if width == STRETCH:
                header.setSectionResizeMode(index, QHeaderView.ResizeMode.Stretch)
            else:
                header.setSectionResizeMode(index, QHeaderView.ResizeMode.Fixed)
                header.resizeSection(index, sizes.px(width))
        self.resizeRowsToContents()

    def fill(self, rows: Sequence[Sequence[str]]) -> None:
        """Show these rows; the first is chosen."""
        self.setRowCount(0)
        self.setRowCount(len(rows))
        for row, cells in enumerate(rows):
            for column, text in enumerate(cells):
                item = QTableWidgetItem(text)
                item.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
                self.setItem(row, column, item)
        self.resizeRowsToContents()
        if rows:
            self.setCurrentCell(0, 0)

    def chosen(self) -> list[int]:
        """The rows chosen, from above."""
        return sorted({index.row() for index in self.selectionModel().selectedRows()})

    def texts(self) -> list[list[str]]:
        """What stands in it."""
        return [
            [item.text() if (item := self.item(row, column)) else "" for column in range(self.columnCount())]
            for row in range(self.rowCount())
        ]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap anew; a table behind a tab learns its width only when it comes to the front."""
        super().resizeEvent(event)
        self.resizeRowsToContents()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentRow() >= 0:
            self.opened.emit(self.currentRow())
            return
        super().keyPressEvent(event)


def breakable(code: str) -> str:
    """A long code may go on in the next line after each of its parts."""
    return code.replace(".", ".\u200b").replace("_", "_\u200b").replace("/", "/\u200b")
