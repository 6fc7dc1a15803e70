"""Brings the alarm list to life on the page: opens it, carries what is pressed to the service."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QRect, Qt
from PySide6.QtGui import QKeySequence, QShortcut

from station.errors import StationError
from station.ui.alarmpanel import AlarmPanel
from station.ui.errand import Errand
from station.ui.style import Sizes
from station.ui.texts import Texts

if TYPE_CHECKING:
    from station.ui.page import OperatorPage


class AlarmControl(QObject):
    """``complain`` shows what the service refused; ``engineer`` says whether one is logged in here."""

    def __init__(self, page: OperatorPage, complain: Callable[[StationError], None]) -> None:
        super().__init__(page)
        self._page, self._complain = page, complain
        self.engineer: Callable[[], bool] = lambda: False
        self.panel = AlarmPanel(page)
        page.mirror.alarms.on_seen = lambda channel: self._ask(
            lambda backend: backend.service.acknowledge_alarms(channel)
        )
        page.alarms.opened.connect(self.toggle)
        self.panel.acknowledged.connect(self._acknowledge)
        self.panel.shelved.connect(self._shelve)
        self.panel.unshelved.connect(lambda number: self._ask(lambda b: b.service.unshelve_alarm(number)))
        shortcut = QShortcut(QKeySequence(Qt.Key.Key_F11), page)
        shortcut.setAutoRepeat(False)
        shortcut.activated.connect(self.toggle)
        page.scanner.commands[Qt.Key.Key_F11] = self.toggle

    def toggle(self) -> None:
        """Open the list, or close it."""
        if self.panel.isVisible():
            self.panel.hide()
        else:
            self.place()
            self.panel.open()

    def refresh(self) -> None:
        """Show what has changed."""
        if self.panel.isVisible() and self.panel.geometry() != self._page.tile_area():
            self.place()
        self.panel.show_alarms(self._page.mirror.alarms, engineer=self.engineer())

    def set_texts(self, texts: Texts) -> None:
        """Words."""
        self.panel.set_texts(texts)

    def set_sizes(self, sizes: Sizes) -> None:
        """Sizes; and the place over the tiles."""
        self.panel.set_sizes(sizes)
        self.place()

    def place(self) -> None:
        """Over the tiles and nothing else: prompt, alarms and stop buttons stay free."""
        area: QRect = self._page.tile_area()
        if area.width() > 0:
            self.panel.setGeometry(area)

    def _shelve(self, number: int, minutes: int, reason: str) -> None:
        self._ask(lambda backend: backend.service.shelve_alarm(number, minutes * 60.0, reason))

    def _acknowledge(self, number: int) -> None:
        if number < 0:
            self._page.mirror.alarms.forget_own(None)
        else:
            self._ask(lambda backend: backend.service.acknowledge_alarm(number))

    def _ask(self, call: Callable[[Any], Any]) -> None:
        self._page.link.ask(Errand(call, self._answered))

    def _answered(self, value: Any) -> None:
        if isinstance(value, StationError):
            self._complain(value)
