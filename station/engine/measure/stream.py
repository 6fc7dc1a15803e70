"""What a cycler records by itself, placed in bench time: late, missing, doubled and impossible records.

The cycler counts seconds from the beginning of each step by its own clock; where its test began in bench time
is narrowed down by asking how long it has been running.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from drivers.contracts.cycler import CyclerRecord, CyclerStep
from station.errors import InstrumentFault

RESOLUTION_S = 0.1
"""Cyclers tell how long a test has been running to a tenth of a second, rounded or cut off."""
CLOCK_RATE = 0.02
CLOCK_S = 0.5
"""How far a cycler's clock may be from this computer's: 2 % and half a (real) second."""
SLACK_S = 1.0
"""How much longer than planned a step may be by the cycler's clock before a record in it makes no sense."""


@dataclass
class StreamCount:
    """How the records came."""

    records: int = 0
    doubled: int = 0
    missing: int = 0
    late_max_s: float = 0.0

    def as_dict(self) -> dict[str, object]:
        """Plain data."""
        return {**asdict(self), "late_max_s": round(self.late_max_s, 3)}


class TestClock:
    """When, in bench time, the cycler's test began: between ``low_s`` and ``high_s``."""

    __test__ = False

    def __init__(self, asked_s: float, started_s: float, speed: float) -> None:
        self.low_s, self.high_s, self._speed = asked_s, started_s, speed
        self._settled_s: float | None = None

    @property
    def start_s(self) -> float:
        """The best guess."""
        return (self.low_s + self.high_s) / 2 if self._settled_s is None else self._settled_s

    def settle(self) -> None:
        """Keep the guess: records placed by one guess are as far apart as the cycler says."""
        self._settled_s = self.start_s

    def seen(self, before_s: float, after_s: float, elapsed_s: float) -> None:
        """Between two bench times it said that it had been running so long. Raises InstrumentFault."""
        low_s = max(self.low_s, before_s - elapsed_s - RESOLUTION_S)
        high_s = min(self.high_s, after_s - elapsed_s + RESOLUTION_S)
        if low_s <= high_s:
            self.low_s, self.high_s = low_s, high_s
            return
        off_s = max(before_s - elapsed_s - self.high_s, self.low_s - (after_s - elapsed_s))
        if off_s > CLOCK_RATE * elapsed_s + CLOCK_S * self._speed + RESOLUTION_S:
            raise InstrumentFault(
                f"the cycler's clock and this computer's are {off_s:.2f} s apart after {elapsed_s:.1f} s",
                remedy="look at the cycler: its test was held, or another one took its place",
                code="instrument.stream_clock",
                off_s=round(off_s, 3),
                elapsed_s=round(elapsed_s, 1),
            )


class RecordStream:
    """Takes the records of one schedule in order. ``count`` says how they came, ``last`` the newest one."""

    def __init__(self, steps: Sequence[CyclerStep], slack_s: float) -> None:
        self._steps, self._slack_s = steps, slack_s
        self.count = StreamCount()
        self.last = 0
        self.step = 0
        """Of the newest record, from 1; 0 before the first."""
        self.begins_s: list[float] = []
        """When each step so far began, in s of the test."""
        self._step_time_s = 0.0
        self._elapsed_s = float("-inf")

    def accept(self, record: CyclerRecord) -> float | None:
        """Seconds of the test at which it was taken; None for one that tells nothing new.

        Raises InstrumentFault for a record that cannot belong to this schedule.
        """
        if record.number <= self.last:
            self.count.doubled += 1
            return None
        self.count.missing += record.number - self.last - 1
        self.last = record.number
        if not self.step <= record.step <= len(self._steps) or record.step < 1:
            raise self._broken(record, f"step {record.step} after step {self.step}")
        while self.step < record.step:
            self._next_step()
        planned_s = self._steps[self.step - 1].duration_s
        if not 0.0 <= record.step_time_s <= planned_s + SLACK_S:
            raise self._broken(record, f"{record.step_time_s:g} s in a step of {planned_s:g} s")
        if record.step_time_s < self._step_time_s:
            raise self._broken(record, f"{record.step_time_s:g} s after {self._step_time_s:g} s")
        self._step_time_s = record.step_time_s
        elapsed_s = self.begins_s[-1] + record.step_time_s
        if elapsed_s <= self._elapsed_s:
            self.count.doubled += 1
            return None
        self._elapsed_s = elapsed_s
        self.count.records += 1
        return elapsed_s

    @property
    def elapsed_s(self) -> float:
        """Of the newest record, in s of the test."""
        return max(self._elapsed_s, 0.0)

    @property
    def complete(self) -> bool:
        """Whether the last step has been seen to its end, but for ``slack_s``."""
        if self.step != len(self._steps):
            return False
        last = self._steps[-1]
        return last.until_V is not None or self._step_time_s >= last.duration_s - self._slack_s

    def _next_step(self) -> None:
        """A step that can end early lasted until its last record, any other as long as planned."""
        begins_s = 0.0
        if self.step:
            ended = self._steps[self.step - 1]
            begins_s = self.begins_s[-1] + (ended.duration_s if ended.until_V is None else self._step_time_s)
        self.begins_s.append(begins_s)
        self.step += 1
        self._step_time_s = 0.0

    def _broken(self, record: CyclerRecord, why: str) -> InstrumentFault:
        return InstrumentFault(
            f"record {record.number} of the cycler makes no sense: {why}",
            remedy="look at the cycler: another schedule may be running there",
            code="instrument.stream_broken",
            record=record.number,
            why=why,
        )
