"""The alarm list: what needs somebody, newest first, acknowledged by channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

KEEP: Final = 200
"""Entries held at most; the oldest acknowledged ones go first. The records keep everything."""


@dataclass
class Alarm:
    """One entry. ``channel`` is None for the bench as a whole; ``unix_s`` is when it was first seen."""

    unix_s: float
    channel: str | None
    code: str
    message: str = ""
    remedy: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    run_id: str | None = None
    acknowledged: bool = False
    count: int = 1


class AlarmList:
    """Alarms of the bench. Consequences of one cause in one run are folded into one entry by code."""

    def __init__(self) -> None:
        self._alarms: list[Alarm] = []
        self.version = 0

    def __iter__(self) -> Any:
        return iter(sorted(self._alarms, key=lambda a: (a.acknowledged, -a.unix_s)))

    def __len__(self) -> int:
        return len(self._alarms)

    def raise_(self, alarm: Alarm, *, once: bool = False) -> Alarm:
        """Add ``alarm``, or count it when the same one is open already (``once``: leave that as it is)."""
        for known in self._alarms:
            same = (known.channel, known.code, known.run_id) == (alarm.channel, alarm.code, alarm.run_id)
            if same and not known.acknowledged:
                if once:
                    return known
                self.version += 1
                known.count += 1
                known.params = alarm.params or known.params
                known.message, known.remedy = alarm.message or known.message, alarm.remedy or known.remedy
                return known
        self.version += 1
        self._alarms.append(alarm)
        if len(self._alarms) > KEEP:
            self._alarms.remove(min(self._alarms, key=lambda a: (not a.acknowledged, a.unix_s)))
        return alarm

    def acknowledge(self, channel: str | None) -> None:
        """Mark every entry of ``channel`` (None: of the bench) as seen by a person."""
        for alarm in self._alarms:
            if alarm.channel == channel and not alarm.acknowledged:
                alarm.acknowledged = True
                self.version += 1

    @property
    def open(self) -> int:
        """How many nobody has acknowledged."""
        return sum(not alarm.acknowledged for alarm in self._alarms)

    def open_for(self, channel: str | None) -> bool:
        """Whether ``channel`` has an alarm nobody has acknowledged."""
        return any(a.channel == channel and not a.acknowledged for a in self._alarms)
