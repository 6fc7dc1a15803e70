"""One entry of the alarm list, and how it is told and kept."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from station.service.alarms.table import ACTIVE, ASIDE, NEXT, UNSEEN, AlarmEvent, AlarmState


@dataclass
class Alarm:
    """``channel`` is None for the bench as a whole; times are Unix seconds.

    ``priority`` 1 (critical) to 4 (low). ``latched``: the fault that keeps its channel shut; only
    acknowledging the channel itself ends it, whatever is done with its entry here.
    """

    number: int
    channel: str | None
    code: str
    level: str
    priority: int
    raised_s: float
    params: Mapping[str, Any] = field(default_factory=dict)
    message: str = ""
    remedy: str = ""
    run_id: str | None = None
    latched: bool = False
    state: AlarmState = AlarmState.NORMAL
    count: int = 0
    last_s: float = 0.0
    cleared_s: float | None = None
    acknowledged_s: float | None = None
    acknowledged_by: str | None = None
    shelved_until_s: float | None = None
    shelved_by: str | None = None
    shelved_reason: str | None = None

    @property
    def active(self) -> bool:
        """Whether its cause is there."""
        return self.state in ACTIVE

    @property
    def unseen(self) -> bool:
        """Whether it waits for a person."""
        return self.state in UNSEEN

    @property
    def shelved(self) -> bool:
        """Whether an engineer has put it aside."""
        return self.state in ASIDE

    def may(self, event: AlarmEvent) -> bool:
        """True when the table knows ``event`` in this state."""
        return (self.state, event) in NEXT

    def fire(self, event: AlarmEvent) -> bool:
        """Go on by the table; False, and unchanged, where the table has no way."""
        to = NEXT.get((self.state, event))
        if to is None:
            return False
        self.state = to
        return True

    def as_dict(self) -> dict[str, Any]:
        """Plain data for records and clients."""
        return {**dataclasses.asdict(self), "params": dict(self.params), "state": self.state.value}

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Alarm:
        """Back from ``as_dict``; fields of another version are left out. Raises KeyError, ValueError."""
        known = {item.name for item in dataclasses.fields(cls)}
        given = {name: value for name, value in row.items() if name in known}
        return cls(**{**given, "state": AlarmState(row["state"])})
