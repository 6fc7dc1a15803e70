"""A Sparkplug B edge node over one bench: a device for each channel, values on change, no commands."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any, Final

from pysparkplug import Client, DataType, Device, EdgeNode, Metric

from station.plant.watch import FIELDS, Seen

_KINDS: Final = {str: DataType.STRING, float: DataType.DOUBLE}


class SparkplugNode:
    """Births when connected, then what changed at each ``refresh``; a will for when it is lost."""

    def __init__(
        self, group: str, bench: dict[str, Any], look: Callable[[], Seen], client: Client | None = None
    ) -> None:
        self._bench, self._look = bench, look
        self._node = EdgeNode(group, bench["name"], [self._reached(False)], client or Client())
        self._last: dict[str, dict[str, Any]] = {}
        self._answered: bool | None = None

    def connect(self, host: str, port: int) -> None:
        """Raises OSError where there is no broker."""
        seen = self._look()
        for channel in self._bench["channels"]:
            values = seen.channels.get(channel["id"], dict.fromkeys(FIELDS))
            self._last[channel["id"]] = values
            self._node.register(Device(f"channel-{channel['id']}", _metrics(values.items())))
        self._node.connect(host, port=port)
        self.refresh()

    def close(self) -> None:
        """Death certificates, and the connection's end."""
        self._node.disconnect()

    def refresh(self) -> None:
        """One look; what changed is published."""
        seen = self._look()
        if seen.reached != self._answered:
            self._answered = seen.reached
            self._node.update([self._reached(seen.reached)])
        for channel, last in self._last.items():
            values = seen.channels.get(channel, dict.fromkeys(FIELDS))
            changed = [(name, value) for name, value in values.items() if value != last[name]]
            if changed:
                self._node.update_device(f"channel-{channel}", _metrics(changed))
                self._last[channel] = values

    @staticmethod
    def _reached(reached: bool) -> Metric:
        return Metric(_now_ms(), "service reached", DataType.BOOLEAN, value=reached)


def _metrics(values: Iterable[tuple[str, Any]]) -> list[Metric]:
    now = _now_ms()
    return [
        Metric(now, name, _KINDS[FIELDS[name][0]], value=value, is_null=value is None)
        for name, value in values
    ]


def _now_ms() -> int:
    return int(time.time() * 1000)
