"""Brings the alarm list to life on the operator's page: opens it, carries what is pressed to the service.

Anybody acknowledges here; shelving is an engineer's, on the engineer's side (``engineer/alarms_page.py``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QRect
from PySide6.QtWidgets import QWidget

from station.errors import StationError
from station.ui.alarmpanel import AlarmPanel
from station.ui.alarms import AlarmList
from station.ui.errand import Errand
from station.ui.link import Link
from station.ui.style import Sizes
from station.ui.texts import Texts


class AlarmControl(QObject):
    """``area`` says where on ``parent`` the list may lie; ``complain`` shows what the service refused."""

    def __init__(
        self,
        parent: QWidget,
        link: Link,
        alarms: AlarmList,
        area: Callable[[], QRect],
        complain: Callable[[StationError], None],
    ) -> None:
        super().__init__(parent)
        self._link, self._alarms, self._area, self._complain = link, alarms, area, complain
        self.panel = AlarmPanel(parent)
        alarms.on_seen = lambda channel: self._ask(
            lambda backend: backend.service.acknowledge_alarms(channel)
        )
        self.panel.acknowledged.connect(self._acknowledge)

    def toggle(self) -> None:
        """Open the list, or close it."""
        if self.panel.isVisible():
            self.panel.hide()
        else:
            self.place()
            self.panel.open()

    def refresh(self) -> None:
        """Show what has changed."""
        if self.panel.isVisible() and self.panel.geometry() != self._area():
            self.place()
        self.panel.show_alarms(self._alarms, engineer=False)

    def set_texts(self, texts: Texts) -> None:
        """Words."""
        self.panel.set_texts(texts)

    def set_sizes(self, sizes: Sizes) -> None:
        """Sizes; and the place over the tiles."""
        self.panel.set_sizes(sizes)
        self.place()

    def place(self) -> None:
        """Over the tiles and nothing else: prompt, alarms and stop buttons stay free."""
        area = self._area()
        if area.width() > 0:
            self.panel.setGeometry(area)

    def _acknowledge(self, number: int) -> None:
        if number < 0:
            self._alarms.forget_own(None)
        else:
            self._ask(lambda backend: backend.service.acknowledge_alarm(number))

    def _ask(self, call: Callable[[Any], Any]) -> None:
        self._link.ask(Errand(call, self._answered))

    def _answered(self, value: Any) -> None:
        if isinstance(value, StationError):
            self._complain(value)
