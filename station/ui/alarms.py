"""The window's copy of the service's alarm list, and the few alarms only a window can have: no service.

The service keeps the list (docs/alarms.md); nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

KEEP: Final = 200
"""Alarms of the window itself that are held at most."""
OPEN_STATES: Final = frozenset({"unacknowledged", "returned_unacknowledged"})
SHELVED_STATES: Final = frozenset({"shelved", "shelved_returned"})

State = Literal[
    "normal", "unacknowledged", "acknowledged", "returned_unacknowledged", "shelved", "shelved_returned"
]


@dataclass
class Alarm:
    """One entry. ``channel`` is None for the bench as a whole; ``unix_s`` is when it was first seen.

    ``number`` is the service's; None: the window's own. ``root`` is the number of the first cause that this
    one is a consequence of. ``priority`` 1 (critical) to 4 (low).
    """

    unix_s: float
    channel: str | None
    code: str
    message: str = ""
    remedy: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    run_id: str | None = None
    state: State = "unacknowledged"
    count: int = 1
    number: int | None = None
    root: int | None = None
    priority: int = 2
    latched: bool = False
    acknowledged_s: float | None = None
    acknowledged_by: str | None = None
    shelved_until_s: float | None = None
    shelved_by: str | None = None
    shelved_reason: str | None = None

    @property
    def open(self) -> bool:
        """Whether it waits for a person."""
        return self.state in OPEN_STATES

    @property
    def shelved(self) -> bool:
        """Whether an engineer has put it aside."""
        return self.state in SHELVED_STATES

    @property
    def acknowledged(self) -> bool:
        """Whether a person has seen it."""
        return not self.open

    @classmethod
    def of_service(cls, row: Mapping[str, Any]) -> Alarm:
        """As the service tells it. Raises KeyError, TypeError, ValueError."""
        return cls(
            unix_s=float(row["raised_s"]),
            channel=row["channel"],
            code=str(row["code"]),
            message=str(row.get("message") or ""),
            remedy=str(row.get("remedy") or ""),
            params=row.get("params") or {},
            run_id=row.get("run_id"),
            state=row["state"],
            count=int(row.get("count", 1)),
            number=int(row["number"]),
            root=row.get("root"),
            priority=int(row.get("priority", 3)),
            latched=bool(row.get("latched")),
            acknowledged_s=row.get("acknowledged_s"),
            acknowledged_by=row.get("acknowledged_by"),
            shelved_until_s=row.get("shelved_until_s"),
            shelved_by=row.get("shelved_by"),
            shelved_reason=row.get("shelved_reason"),
        )


class AlarmList:
    """Alarms of the bench, most urgent first; consequences are reached through their first cause."""

    def __init__(self) -> None:
        self._told: dict[int, Alarm] = {}
        self._own: list[Alarm] = []
        self.version = 0
        self.on_seen: Callable[[str | None], None] = lambda _: None
        """Tells the service that a person has seen what waits on a channel."""

    def __iter__(self) -> Iterator[Alarm]:
        return iter(sorted([*self._told.values(), *self._own], key=_order))

    def __len__(self) -> int:
        return len(self._told) + len(self._own)

    # -- from the service ----------------------------------------------------------------------

    def take_all(self, rows: list[Mapping[str, Any]]) -> None:
        """The whole list, as the first message of a live stream has it."""
        self._told = {alarm.number or 0: alarm for alarm in map(Alarm.of_service, rows)}
        self.version += 1

    def take(self, row: Mapping[str, Any]) -> None:
        """One alarm as it is now; what is normal again leaves the list."""
        alarm = Alarm.of_service(row)
        number = alarm.number or 0
        self.version += 1
        if alarm.state != "normal":
            self._told[number] = alarm
            return
        self._told.pop(number, None)
        for other in self._told.values():
            if other.root == number:  # the service tells its new place with the next change
                other.root = None

    # -- the window's own ----------------------------------------------------------------------

    def raise_(self, alarm: Alarm, *, once: bool = False) -> Alarm:
        """Add one of the window's own, or count it when it is open (``once``: leave that as it is)."""
        for known in self._own:
            if (known.channel, known.code) == (alarm.channel, alarm.code) and known.open:
                if not once:
                    self.version += 1
                    known.count += 1
                    known.message = alarm.message or known.message
                return known
        self.version += 1
        self._own.append(alarm)
        if len(self._own) > KEEP:
            self._own.remove(min(self._own, key=lambda a: (a.open, a.unix_s)))
        return alarm

    def acknowledge(self, channel: str | None) -> None:
        """A person has seen what waits on ``channel`` (None: of the bench); the service is told."""
        self.forget_own(channel)
        if any(alarm.channel == channel and alarm.open for alarm in self._told.values()):
            self.on_seen(channel)

    def forget_own(self, channel: str | None) -> None:
        """The window's own of ``channel`` (None: of the bench) are over."""
        before = len(self._own)
        self._own = [alarm for alarm in self._own if alarm.channel != channel]
        self.version += before != len(self._own)

    # -- looking -------------------------------------------------------------------------------

    def roots(self) -> list[Alarm]:
        """First causes, most urgent first, the shelved ones at the end."""
        numbers = set(self._told)
        return [alarm for alarm in self if alarm.root is None or alarm.root not in numbers]

    def folded(self, root: Alarm) -> list[Alarm]:
        """The consequences of ``root``, first of them first."""
        if root.number is None:
            return []
        found = [alarm for alarm in self._told.values() if alarm.root == root.number]
        return sorted(found, key=lambda a: (a.unix_s, a.number or 0))

    @property
    def open(self) -> int:
        """How many first causes nobody has acknowledged."""
        return sum(alarm.open for alarm in self.roots())

    @property
    def most_urgent(self) -> int | None:
        """The priority (1 is the highest) of the most urgent that nobody has acknowledged."""
        return min((alarm.priority for alarm in self if alarm.open), default=None)

    def open_for(self, channel: str | None) -> bool:
        """Whether ``channel`` has an alarm nobody has acknowledged."""
        return any(alarm.channel == channel and alarm.open for alarm in self)


def _order(alarm: Alarm) -> tuple[Any, ...]:
    return (alarm.shelved, not alarm.open, alarm.priority, -alarm.unix_s, -(alarm.number or 0))
