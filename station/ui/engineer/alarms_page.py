"""The alarm list on the engineer's side: acknowledged and shelved by the person who is logged in."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QVBoxLayout

from station.service.client import ServiceClient
from station.ui.alarmpanel import AlarmPanel
from station.ui.alarms import AlarmList
from station.ui.engineer.page import EngineerPage
from station.ui.style import Sizes
from station.ui.texts import Texts


class AlarmsPage(EngineerPage):
    """The same list as on the operator's page, from the same live messages."""

    key = "alarms"

    def __init__(self, client: ServiceClient, texts: Texts) -> None:
        super().__init__(client, texts)
        self.panel = AlarmPanel(self)
        self.panel.closing.hide()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.panel)
        self.panel.acknowledged.connect(self._acknowledge)
        self.panel.shelved.connect(
            lambda number, minutes, reason: self._do(
                lambda: self.client.shelve_alarm(number, minutes * 60.0, reason)
            )
        )
        self.panel.unshelved.connect(lambda number: self._do(lambda: self.client.unshelve_alarm(number)))

    @property
    def _alarms(self) -> AlarmList:
        return self.mirror.alarms if self.mirror is not None else AlarmList()

    def shown(self) -> None:
        """From the first page on."""
        self.panel.open()
        self.look()

    def look(self) -> None:
        """What has changed meanwhile."""
        self.panel.show_alarms(self._alarms, engineer=True)

    def set_texts(self) -> None:
        """Words."""
        self.panel.set_texts(self.texts)

    def set_sizes(self, sizes: Sizes) -> None:
        """Fit to the window."""
        super().set_sizes(sizes)
        self.panel.set_sizes(sizes)

    def _acknowledge(self, number: int) -> None:
        if number < 0:
            self._alarms.forget_own(None)
        else:
            self._do(lambda: self.client.acknowledge_alarm(number))

    def _do(self, call: Any) -> None:
        """The list itself says what has come of it, by the live messages."""
        self.ask(call, lambda _: self.look())
