"""The alarm list on the page: one line for each first cause; a press opens the whole list."""

from __future__ import annotations

import time
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent
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

COLUMNS: Final = ("priority", "time", "channel", "text", "remedy", "code", "state")
WIDTHS: Final = (44, 76, 60, 0, 0, 180, 116)
SHOWN: Final = 50
LEVELS: Final = {1: "high", 2: "high", 3: "medium", 4: "low"}
"""By priority of the most urgent that waits: advice is not red."""


class AlarmView(QFrame):
    """Priority, time, channel, what happened, what to do, code, state; open ones first.

    ``opened``: somebody wants to see all of it.
    """

    opened = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("alarms")
        self._sizes = Sizes()
        self._title, self._count, self._hint = QLabel(), QLabel(), QLabel()
        self._title.setObjectName("alarm_title")
        self._count.setObjectName("alarm_count")
        self._hint.setProperty("role", "caption")
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
        self.table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionsClickable(False)
        header.setHighlightSections(False)
        self.table.installEventFilter(self)
        self.table.viewport().installEventFilter(self)
        side = QVBoxLayout()
        side.setSpacing(0)
        side.addWidget(self._title)
        side.addWidget(self._count, 0, Qt.AlignmentFlag.AlignLeft)
        side.addWidget(self._hint)
        side.addStretch(1)
        self._box = QHBoxLayout(self)
        self._box.addLayout(side)
        self._box.addWidget(self.table, 1)
        self._shown: tuple[object, ...] = ()
        self._hints = ("", "")

    def set_sizes(self, sizes: Sizes, compact: bool = False) -> None:
        """Fit the list to the window; ``compact`` leaves more room to the tiles."""
        self._sizes = sizes
        s = sizes.px
        self._box.setContentsMargins(s(10), s(2), s(4), s(2))
        self._box.setSpacing(s(12))
        self._title.setMinimumWidth(s(120))
        # The whole strip is pressed with gloves: never lower than a button.
        self.setFixedHeight(max(s(72 if compact else 104), sizes.button))
        header = self.table.horizontalHeader()
        header.setFixedHeight(s(22))
        for index, width in enumerate(WIDTHS):
            if width:
                header.setSectionResizeMode(index, QHeaderView.ResizeMode.Fixed)
                header.resizeSection(index, s(width))
            else:
                header.setSectionResizeMode(index, QHeaderView.ResizeMode.Stretch)
        self._shown = ()

    def show_alarms(self, alarms: AlarmList, texts: Texts, *, known: bool = True) -> None:
        """Show the list; does nothing when nothing changed. Not ``known``: nobody has been asked yet."""
        if (alarms.version, texts.lang, known) == self._shown:
            return
        self._shown = (alarms.version, texts.lang, known)
        self.table.setAccessibleName(texts("alarm.title"))
        self.table.setAccessibleDescription(texts("alarm.open_hint"))
        self._title.setText(texts("alarm.title"))
        self._hints = (texts("alarm.open_hint"), texts("alarm.more"))
        open_ones, nothing = alarms.open, texts("alarm.none" if known else "alarm.unknown")
        level = LEVELS[alarms.most_urgent or 1] if open_ones else "none"
        if self._count.property("level") != level:
            self._count.setProperty("level", level)
            self._count.style().unpolish(self._count)
            self._count.style().polish(self._count)
        self._count.setText(texts("alarm.open", count=open_ones) if open_ones else nothing)
        margin = self._sizes.px(6) if open_ones else 0
        self._count.setContentsMargins(margin, 0, margin, 0)
        self._count.updateGeometry()
        self.table.setHorizontalHeaderLabels([texts(f"alarm.{column}") for column in COLUMNS])
        for index, width in enumerate(WIDTHS):
            if width:
                least = self.table.horizontalHeader().sectionSizeHint(index) + 2
                self.table.setColumnWidth(index, max(self._sizes.px(width), least))
        rows = alarms.roots()[:SHOWN]
        self.table.setRowCount(len(rows))
        for row, alarm in enumerate(rows):
            for column, text in enumerate(self._cells(alarm, len(alarms.folded(alarm)), texts)):
                item = QTableWidgetItem(text)
                item.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
                font = item.font()
                font.setBold(alarm.open)
                item.setFont(font)
                self.table.setItem(row, column, item)
        self._fit_rows()

    @staticmethod
    def _cells(alarm: Alarm, folded: int, texts: Texts) -> list[str]:
        said = say_code(alarm.code, alarm.params, texts.lang, message=alarm.message, remedy=alarm.remedy)
        count = f" ×{alarm.count}" if alarm.count > 1 else ""
        more = f" {texts('alarm.folded', count=folded)}" if folded else ""
        return [
            priority_sign(alarm),
            time.strftime("%H:%M:%S", time.localtime(alarm.unix_s)),
            alarm.channel or texts("alarm.bench"),
            said.text + count + more,
            said.remedy,
            breakable(alarm.code),
            texts(f"alarm.state.{alarm.state}"),
        ]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap anew."""
        super().resizeEvent(event)
        self._fit_rows()

    def _fit_rows(self) -> None:
        """Rows that are whole, and how many more there are: half a row reads like something else."""
        table = self.table
        for row in range(table.rowCount()):
            table.setRowHidden(row, False)
        table.resizeRowsToContents()
        room, used, hidden = self.height() - self._around(), 0, 0
        for row in range(table.rowCount()):
            used += table.rowHeight(row)
            if row and used > room:
                table.setRowHidden(row, True)
                hidden += 1
        hint, more = self._hints
        self._hint.setText(more.format(count=hidden) if hidden else hint)

    def _around(self) -> int:
        """Pixels of this widget's height that no row can have."""
        margins = self._box.contentsMargins()
        frame = 2 * (self.frameWidth() + self.table.frameWidth())
        return margins.top() + margins.bottom() + frame + self.table.horizontalHeader().height()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A press anywhere on the strip opens the whole list."""
        super().mouseReleaseEvent(event)
        self.opened.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The same for a press on the table, and Enter or Space while it has the focus."""
        if watched is self.table.viewport() and event.type() == QEvent.Type.MouseButtonRelease:
            self.opened.emit()
        elif (
            watched is self.table
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
        ):
            self.opened.emit()
            return True
        return super().eventFilter(watched, event)


def priority_sign(alarm: Alarm) -> str:
    """The priority as number and sign, never as colour alone."""
    return f"{alarm.priority} {'!' * max(0, 4 - alarm.priority)}".strip()


def breakable(code: str) -> str:
    """A long code may go on in the next line after each of its parts."""
    return code.replace(".", ".\u200b").replace("_", "_\u200b")
