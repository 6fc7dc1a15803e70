"""The list itself: raises, clears, acknowledges and shelves; folds consequences under the first cause."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from station.errors import UsageError
from station.service.alarms.alarm import Alarm
from station.service.alarms.priorities import CRITICAL, priority_of
from station.service.alarms.table import AlarmEvent, AlarmState

SHELF_MIN_S: Final = 60.0
SHELF_MAX_S: Final = 12 * 3600.0
REASON_MIN: Final = 3
KEEP: Final = 500
"""Entries held at most; the records keep every one."""


class AlarmBook:
    """Alarms that are not normal. ``now`` gives Unix seconds; ``changed`` hears of every change,
    ``seen`` who has acknowledged what."""

    def __init__(
        self,
        now: Callable[[], float],
        changed: Callable[[Alarm], None] = lambda _: None,
        seen: Callable[[Alarm, str | None], None] = lambda _, who: None,  # noqa: ARG005
    ) -> None:
        self._now, self._changed, self._told_seen = now, changed, seen
        self._alarms: dict[int, Alarm] = {}
        self._next = 1

    def __iter__(self) -> Iterator[Alarm]:
        return iter(list(self._alarms.values()))

    def __len__(self) -> int:
        return len(self._alarms)

    def load(self, alarms: list[Alarm], next_number: int) -> None:
        """Take over what an earlier service has left."""
        self._alarms = {alarm.number: alarm for alarm in alarms if alarm.state is not AlarmState.NORMAL}
        self._next = max([next_number, *(number + 1 for number in self._alarms)])

    # -- the world -----------------------------------------------------------------------------

    def raise_(
        self,
        channel: str | None,
        code: str,
        level: str,
        *,
        run_id: str | None = None,
        params: dict[str, Any] | None = None,
        message: str = "",
        remedy: str = "",
        latched: bool = False,
    ) -> Alarm:
        """The cause of this alarm has appeared, or once more; what is open already is counted."""
        alarm = self._find(channel, code, run_id)
        if alarm is None:
            alarm = Alarm(self._next, channel, code, level, 4, self._now(), run_id=run_id)
            self._next += 1
            self._make_room()
            self._alarms[alarm.number] = alarm
        alarm.fire(AlarmEvent.RAISED)
        alarm.count += 1
        alarm.last_s, alarm.cleared_s = self._now(), None
        alarm.params, alarm.message = params or alarm.params, message or alarm.message
        alarm.remedy, alarm.latched = remedy or alarm.remedy, alarm.latched or latched
        alarm.level = "alarm" if "alarm" in (alarm.level, level) else level
        alarm.priority = priority_of(code, alarm.level, latched=alarm.latched)
        self._changed(alarm)
        return alarm

    def sustain(self, channel: str | None, code: str, level: str, **more: Any) -> Alarm:
        """The cause is there: raised when it was not known to be, else left as it is."""
        alarm = self._find(channel, code, more.get("run_id"))
        if alarm is None or not alarm.active:
            return self.raise_(channel, code, level, **more)
        if more.get("latched") and not alarm.latched:
            alarm.latched, alarm.level = True, level
            alarm.message = more.get("message") or alarm.message
            alarm.remedy = more.get("remedy") or alarm.remedy
            alarm.priority = priority_of(code, level, latched=True)
            self._changed(alarm)
        return alarm

    def clear(self, wanted: Callable[[Alarm], bool]) -> None:
        """The causes of these are gone."""
        for alarm in self:
            if wanted(alarm) and alarm.fire(AlarmEvent.CLEARED):
                alarm.cleared_s = self._now()
                self._done(alarm)

    # -- people --------------------------------------------------------------------------------

    def acknowledge(self, number: int, who: str | None) -> list[Alarm]:
        """A person has seen this alarm, and with a first cause what is folded under it.

        Returns those that were waiting. Raises UsageError (``alarm.unknown``, ``alarm.shelved_now``).
        """
        alarm = self.alarm(number)
        if alarm.shelved:
            raise UsageError(
                f"alarm {number} is shelved",
                remedy="it comes back by itself; an engineer can take it back before",
                code="alarm.shelved_now",
                number=number,
            )
        folded = [other for other in self if self._root_of(other) is alarm]
        return [each for each in (alarm, *folded) if self._seen(each, who)]

    def acknowledge_all(self, wanted: Callable[[Alarm], bool], who: str | None) -> list[Alarm]:
        """A person has seen all of these; shelved ones stay aside. Returns those that were waiting."""
        return [alarm for alarm in self if wanted(alarm) and self._seen(alarm, who)]

    def shelve(self, number: int, who: str, duration_s: float, reason: str) -> Alarm:
        """Put an alarm aside for a time, with a reason. It un-latches nothing.

        Raises UsageError: unknown, critical, not in a state to be shelved, no such time, no reason.
        """
        alarm = self.alarm(number)
        if not SHELF_MIN_S <= duration_s <= SHELF_MAX_S:
            raise UsageError(
                f"an alarm can be shelved for {SHELF_MIN_S / 60:g} min to {SHELF_MAX_S / 3600:g} h",
                remedy="give a time in between",
                code="alarm.shelf_time",
                duration_s=duration_s,
                low_min=SHELF_MIN_S / 60,
                high_h=SHELF_MAX_S / 3600,
            )
        if len(reason.strip()) < REASON_MIN:
            raise UsageError(
                "shelving an alarm needs a reason",
                remedy="say why, in a few words",
                code="alarm.shelf_reason",
            )
        if alarm.priority == CRITICAL:
            raise UsageError(
                f"alarm {number} is critical and cannot be shelved",
                remedy="remove its cause",
                code="alarm.critical",
                number=number,
            )
        if not alarm.fire(AlarmEvent.SHELVED):
            raise UsageError(
                f"alarm {number} is {alarm.state.value}: it cannot be shelved now",
                remedy="acknowledge it instead",
                code="alarm.not_now",
                number=number,
                state=alarm.state.value,
            )
        alarm.shelved_until_s, alarm.shelved_by = self._now() + duration_s, who
        alarm.shelved_reason = reason.strip()
        self._changed(alarm)
        return alarm

    def unshelve(self, number: int) -> Alarm:
        """Take a shelved alarm back before its time. Raises UsageError."""
        alarm = self.alarm(number)
        if not alarm.fire(AlarmEvent.UNSHELVED):
            raise UsageError(
                f"alarm {number} is not shelved",
                remedy="see the list: station alarms",
                code="alarm.not_now",
                number=number,
                state=alarm.state.value,
            )
        self._back(alarm)
        return alarm

    def expired(self) -> list[Alarm]:
        """Those whose time aside is over are back in the list; returns them."""
        now_s = self._now()
        back = [a for a in self if a.shelved and (a.shelved_until_s is None or a.shelved_until_s <= now_s)]
        for alarm in back:
            alarm.fire(AlarmEvent.UNSHELVED)
            self._back(alarm)
        return back

    # -- looking -------------------------------------------------------------------------------

    def alarm(self, number: int) -> Alarm:
        """One of the list. Raises UsageError (``alarm.unknown``)."""
        try:
            return self._alarms[number]
        except KeyError as error:
            raise UsageError(
                f"there is no alarm {number} in the list",
                remedy="it may be over: see the list: station alarms",
                code="alarm.unknown",
                number=number,
            ) from error

    def rows(self) -> list[dict[str, Any]]:
        """All of them as plain data, most urgent first; ``root`` is the number of the first cause."""
        order = sorted(self, key=lambda a: (a.shelved, not a.unseen, a.priority, -a.raised_s, -a.number))
        return [self.row(alarm) for alarm in order]

    def row(self, alarm: Alarm) -> dict[str, Any]:
        """One as plain data."""
        root = self._root_of(alarm)
        return {**alarm.as_dict(), "root": None if root is None else root.number}

    # -- inside --------------------------------------------------------------------------------

    def _find(self, channel: str | None, code: str, run_id: str | None) -> Alarm | None:
        key = (channel, code, run_id)
        return next((a for a in self._alarms.values() if (a.channel, a.code, a.run_id) == key), None)

    def _root_of(self, alarm: Alarm) -> Alarm | None:
        """The first cause that ``alarm`` is folded under; None when it stands for itself.

        One group is a run on a channel; of the bench as a whole, what concerns the guard. Alarms go before
        warnings, and among them the first that came.
        """
        group = _group(alarm)
        if group is None or alarm.shelved:
            return None
        first = min(
            (other for other in self._alarms.values() if _group(other) == group and not other.shelved),
            key=lambda a: (a.level != "alarm", a.raised_s, a.number),
            default=alarm,
        )
        return None if first is alarm else first

    def _seen(self, alarm: Alarm, who: str | None) -> bool:
        if not alarm.fire(AlarmEvent.ACKNOWLEDGED):
            return False
        alarm.acknowledged_s, alarm.acknowledged_by = self._now(), who
        self._told_seen(alarm, who)
        self._done(alarm)
        return True

    def _back(self, alarm: Alarm) -> None:
        alarm.shelved_until_s = None
        self._done(alarm)

    def _done(self, alarm: Alarm) -> None:
        """Tell of a change; what is normal again leaves the list."""
        if alarm.state is AlarmState.NORMAL:
            self._alarms.pop(alarm.number, None)
        self._changed(alarm)

    def _make_room(self) -> None:
        """A list too long to be read is none: the oldest that is least urgent leaves it, as acknowledged."""
        if len(self._alarms) < KEEP:
            return
        least = max(self._alarms.values(), key=lambda a: (not a.active, a.priority, -a.raised_s))
        del self._alarms[least.number]
        least.state = AlarmState.NORMAL
        self._changed(least)


def _group(alarm: Alarm) -> tuple[str, str] | None:
    if alarm.channel is not None:
        return (alarm.channel, alarm.run_id or "")
    family = alarm.code.partition(".")[0]
    return ("", family) if family == "guard" else None
