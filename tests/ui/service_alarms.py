"""The service's own alarm list beside a scripted service: what is said becomes alarms as it would there."""

from __future__ import annotations

import time
from typing import Any

from station.service.alarms import Alarm, AlarmBook
from station.service.alarms.watch import AlarmWatch


class ServiceAlarms:
    """``after(message)`` gives the alarm messages that follow a live message."""

    def __init__(self, channels: list[str]) -> None:
        self._changed: list[Alarm] = []
        self.book = AlarmBook(time.time, self._changed.append)
        self.watch = AlarmWatch(self.book, channels)

    def after(self, message: dict[str, Any]) -> list[dict[str, Any]]:
        self._changed.clear()
        try:
            if message.get("type") == "state":
                for channel, state in message["channels"].items():
                    self.watch.channel(channel, state)
                self.watch.heard({"type": "guard", "guard": message["guard"] or {}})
                message["alarms"] = self.book.rows()
                return []
            self.watch.heard(message)
        except (KeyError, TypeError, AttributeError):
            return []  # what a test has broken on purpose
        seen = {alarm.number: alarm for alarm in self._changed}
        return [{"type": "alarm", "alarm": self.book.row(alarm)} for alarm in seen.values()]
