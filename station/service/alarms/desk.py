"""The alarm list at work: hears the live messages, tells and keeps every change, ends shelvings in time."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Collection
from typing import Any

from station.records import Records
from station.service.alarms.alarm import Alarm
from station.service.alarms.book import AlarmBook
from station.service.alarms.watch import AlarmWatch
from station.service.keeper import Keeper

LATER_S = 0.2
"""What only counts on is told and kept this much later, together."""
LOOK_S = 0.5
"""How often the shelved ones are looked at."""


class AlarmDesk:
    """Lives on the service's event loop. ``tell`` publishes a live message."""

    def __init__(
        self,
        bench: str,
        channels: Collection[str],
        tell: Callable[[dict[str, Any]], None],
        now: Callable[[], float] = time.time,
    ) -> None:
        self._bench, self._tell = bench, tell
        self.book = AlarmBook(now, self._changed, self._seen)
        self.watch = AlarmWatch(self.book, channels)
        self._keeper: Keeper | None = None
        self._told: dict[int, tuple[Any, ...]] = {}
        self._later: dict[int, Alarm] = {}
        self._task: asyncio.Task[None] | None = None

    def open(
        self,
        keeper: Keeper,
        rows: list[dict[str, Any]],
        next_number: int,
        channels: dict[str, dict[str, Any]],
    ) -> None:
        """Take over what is on record, hold it against the channels as they are, and begin."""
        self.book.load(_readable(rows), next_number)
        self._keeper = keeper
        self.watch.reconcile(channels)
        self._task = asyncio.create_task(self._work(), name="alarms")

    async def close(self) -> None:
        """Keep what waits, then stop."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._flush()
        self._keeper = None

    def rows(self) -> list[dict[str, Any]]:
        """The list as clients get it, most urgent first."""
        return self.book.rows()

    def acknowledge(self, number: int, who: str | None) -> int:
        """A person has seen it; the channel of a latched fault stays shut. Returns how many were waiting.

        Raises UsageError.
        """
        return len(self.book.acknowledge(number, who))

    def acknowledge_channel(self, channel: str | None, who: str | None) -> int:
        """The same for all of a channel; None: of the bench."""
        return len(self.book.acknowledge_all(lambda a: a.channel == channel, who))

    def shelve(self, number: int, who: str, duration_s: float, reason: str) -> dict[str, Any]:
        """Put aside for ``duration_s``. Raises UsageError."""
        alarm = self.book.shelve(number, who, duration_s, reason)
        self._event("alarm.shelve", alarm, who=who, duration_s=duration_s, reason=alarm.shelved_reason)
        return self.book.row(alarm)

    def unshelve(self, number: int, who: str) -> dict[str, Any]:
        """Take back before its time. Raises UsageError."""
        alarm = self.book.unshelve(number)
        self._event("alarm.unshelve", alarm, who=who)
        return self.book.row(alarm)

    # -- inside --------------------------------------------------------------------------------

    def _seen(self, alarm: Alarm, who: str | None) -> None:
        self._event("alarm.acknowledge", alarm, who=who)

    def _event(self, code: str, alarm: Alarm, **facts: Any) -> None:
        if self._keeper is not None:
            params = {"number": alarm.number, "channel": alarm.channel, "alarm": alarm.code, **facts}
            self._keeper.event(code, params, run_id=alarm.run_id)

    def _changed(self, alarm: Alarm) -> None:
        """Tell of this one, and of those whose first cause is another now."""
        if self._told.get(alarm.number) == self._matter(alarm):
            self._later[alarm.number] = alarm
        else:
            self._send(alarm)
        for other in self.book:
            if other is not alarm and self._told.get(other.number) != self._matter(other):
                self._send(other)

    def _matter(self, alarm: Alarm) -> tuple[Any, ...]:
        return (alarm.state, alarm.latched, alarm.priority, self.book.row(alarm)["root"])

    def _send(self, alarm: Alarm) -> None:
        self._later.pop(alarm.number, None)
        self._told[alarm.number] = self._matter(alarm)
        if alarm.state.value == "normal":
            self._told.pop(alarm.number, None)
        self._tell({"type": "alarm", "alarm": self.book.row(alarm)})
        if self._keeper is not None:
            self._keeper.put(self._save, self._keeper.records, alarm.as_dict())

    def _save(self, records: Records, row: dict[str, Any]) -> None:
        records.save_alarm(self._bench, row)

    def _flush(self) -> None:
        later, self._later = self._later, {}
        for alarm in later.values():
            self._send(alarm)

    async def _work(self) -> None:
        looked = time.monotonic()
        while True:
            await asyncio.sleep(LATER_S)
            self._flush()
            if time.monotonic() - looked >= LOOK_S:
                looked = time.monotonic()
                for alarm in self.book.expired():
                    self._event("alarm.shelf_over", alarm)


def _readable(rows: list[dict[str, Any]]) -> list[Alarm]:
    """What another version has written and this one cannot read is left on record."""
    found = []
    for row in rows:
        with contextlib.suppress(KeyError, TypeError, ValueError):
            found.append(Alarm.from_dict(row))
    return found
