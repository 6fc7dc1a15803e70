"""Sends cyclic frames on time: by the adapter where it can, else by absolute deadlines of this thread."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import can

from drivers.keeper.cyclic import Cyclic

KEPT = 100_000
"""So many periods are remembered for what ``periods`` tells."""


def has_hardware(bus: can.BusABC) -> bool:
    """Whether this adapter, or the kernel behind it, sends cyclic frames by itself."""
    return type(bus)._send_periodic_internal is not can.BusABC._send_periodic_internal


class Sending:
    """``set`` replaces what is sent of each identifier named; ``tick`` sends what is due.

    A late frame is never caught up: the next one keeps its distance. Raises can.CanError, OSError.
    """

    def __init__(self, bus: can.BusABC, clock: Callable[[], float] = time.monotonic) -> None:
        self._bus = bus
        self._clock = clock
        self.hardware = has_hardware(bus)
        self._tasks: dict[tuple[int, bool], Any] = {}
        self._due: dict[tuple[int, bool], list[Any]] = {}
        self._sent_s: dict[tuple[int, bool], float] = {}
        self._periods: dict[tuple[int, bool], deque[float]] = {}

    def set(self, frames: Sequence[Cyclic]) -> None:
        """From now on exactly these; an identifier that stays keeps its rhythm and its place in the turn."""
        wanted = {one.key: one for one in frames}
        for key in [key for key in (*self._tasks, *self._due) if key not in wanted]:
            self._drop(key)
        for key, one in wanted.items():
            if self.hardware:
                self._drop(key)
                self._tasks[key] = self._bus.send_periodic(one.messages(), one.period_s)
            else:
                due_s, _, _, at = self._due.get(key) or (self._clock(), 0.0, [], 0)
                self._due[key] = [due_s, one.period_s, one.messages(), at]

    def _drop(self, key: tuple[int, bool]) -> None:
        task = self._tasks.pop(key, None)
        if task is not None:
            task.stop()
        self._due.pop(key, None)
        self._sent_s.pop(key, None)

    def tick(self) -> float:
        """Send what is due now; the seconds until the next one is."""
        now_s = self._clock()
        next_s = now_s + 1.0
        for key, entry in self._due.items():
            due_s, period_s, messages, at = entry
            if due_s <= now_s:
                self._bus.send(messages[at % len(messages)])
                self._note(key)
                entry[3] = at + 1
                due_s += period_s
                entry[0] = due_s = due_s if due_s > now_s else now_s + period_s
            next_s = min(next_s, due_s)
        return max(0.0, next_s - self._clock())

    def _note(self, key: tuple[int, bool]) -> None:
        now_s = self._clock()
        before_s = self._sent_s.get(key)
        self._sent_s[key] = now_s
        if before_s is not None:
            self._periods.setdefault(key, deque(maxlen=KEPT)).append(now_s - before_s)

    def periods(self) -> dict[str, dict[str, float]]:
        """Of each identifier sent by this thread: how many periods, p50, p99 and the longest, in s."""
        found = {}
        for (frame, _), kept in self._periods.items():
            ordered = sorted(kept)
            last = len(ordered) - 1
            found[f"{frame:X}"] = {
                "count": len(ordered),
                "p50_s": ordered[last // 2],
                "p99_s": ordered[round(last * 0.99)],
                "max_s": ordered[last],
            }
        return found

    def stop(self) -> None:
        """Send nothing any more."""
        self.set(())
