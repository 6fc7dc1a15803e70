"""The alarm list on the page."""

from __future__ import annotations

import time
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from station.ui.alarms import Alarm, AlarmList
from station.ui.style import Sizes
from station.ui.texts import Texts, say_code

COLUMNS: Final = ("time", "channel", "text", "remedy", "code", "state")
SHOWN: Final = 50


class AlarmView(QFrame):
    """Time, channel, what happened, what to do, code, state; open ones first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("alarms")
        self._sizes = Sizes()
        self._title, self._count = QLabel(), QLabel()
        self._title.setObjectName("alarm_title")
        self._count.setObjectName("alarm_count")
        self.table = QTableWidget(0, len(COLUMNS))
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.table.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.table.setTabKeyNavigation(False)
        self.table.setTextElideMode(Qt.TextElideMode.ElideNone)
        self.table.setWordWrap(True)
        self.table.setShowGrid(False)
        self.table.verticalHeader().hide()
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionsClickable(False)
        header.setHighlightSections(False)
        side = QVBoxLayout()
        side.addWidget(self._title)
        side.addWidget(self._count, 0, Qt.AlignmentFlag.AlignLeft)
        side.addStretch(1)
        self._box = QHBoxLayout(self)
        self._box.addLayout(side)
        self._box.addWidget(self.table, 1)
        self._shown: tuple[object, ...] = ()

    def set_sizes(self, sizes: Sizes, compact: bool = False) -> None:
        """Fit the list to the window; ``compact`` leaves more room to the tiles."""
        self._sizes = sizes
        s = sizes.px
        self._box.setContentsMargins(s(10), s(4), s(4), s(4))
        self._box.setSpacing(s(12))
        self._title.setMinimumWidth(s(120))
        self.setFixedHeight(s(72 if compact else 104))
        header = self.table.horizontalHeader()
        header.setFixedHeight(s(22))
        for index, width in enumerate((76, 66, 0, 0, 180, 110)):
            if width:
                header.setSectionResizeMode(index, QHeaderView.ResizeMode.Fixed)
                header.resizeSection(index, s(width))
            else:
                header.setSectionResizeMode(index, QHeaderView.ResizeMode.Stretch)
        self._shown = ()

    def show_alarms(self, alarms: AlarmList, texts: Texts) -> None:
        """Show the list; does nothing when nothing changed."""
        if (alarms.version, texts.lang) == self._shown:
            return
        self._shown = (alarms.version, texts.lang)
        self.table.setAccessibleName(texts("alarm.title"))
        self._title.setText(texts("alarm.title"))
        open_ones = alarms.open
        level = "open" if open_ones else "none"
        if self._count.property("level") != level:
            self._count.setProperty("level", level)
            self._count.style().unpolish(self._count)
            self._count.style().polish(self._count)
        self._count.setText(texts("alarm.open", count=open_ones) if open_ones else texts("alarm.none"))
        margin = self._sizes.px(6) if open_ones else 0
        self._count.setContentsMargins(margin, 0, margin, 0)
        self._count.updateGeometry()
        self.table.setHorizontalHeaderLabels([texts(f"alarm.{column}") for column in COLUMNS])
        rows = list(alarms)[:SHOWN]
        self.table.setRowCount(len(rows))
        for row, alarm in enumerate(rows):
            for column, text in enumerate(self._cells(alarm, texts)):
                item = QTableWidgetItem(text)
                item.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
                font = item.font()
                font.setBold(not alarm.acknowledged)
                item.setFont(font)
                self.table.setItem(row, column, item)
        self.table.resizeRowsToContents()

    @staticmethod
    def _cells(alarm: Alarm, texts: Texts) -> list[str]:
        said = say_code(alarm.code, alarm.params, texts.lang, message=alarm.message, remedy=alarm.remedy)
        count = f" ×{alarm.count}" if alarm.count > 1 else ""
        return [
            time.strftime("%H:%M:%S", time.localtime(alarm.unix_s)),
            alarm.channel or texts("alarm.bench"),
            said.text + count,
            said.remedy,
            _breakable(alarm.code),
            texts("alarm.acked" if alarm.acknowledged else "alarm.unacked"),
        ]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap anew."""
        super().resizeEvent(event)
        self.table.resizeRowsToContents()


def _breakable(code: str) -> str:
    """A long code may go on in the next line after each of its parts."""
    return code.replace(".", ".\u200b").replace("_", "_\u200b")
