"""The sample clock against the wall clock, and against running backwards."""

from __future__ import annotations

from station.errors import LimitTripped
from station.safety.running.rule import Notes, RuleInfo
from station.safety.running.witness import Rig, Witness
from station.safety.sample import Sample

WINDOW_S = 10.0
RATE_TOLERANCE = 0.02
JUMP_S = 0.5
WINDOWS = 2
BACKWARDS = 3


class SampleClock:
    """Sample times must grow, and bench time must run at its speed by the wall clock.

    A wall clock that is set jumps at once: that is told and the comparison begins anew, because times come
    from the other clock. Two windows of 10 real seconds in a row that are 2 % too short or too long trip.
    """

    def __init__(self, rig: Rig, notes: Notes) -> None:
        self._speed, self._judges, self._notes = rig.speed, rig.judge_clock, notes
        self._t_s = float("-inf")
        self._unix_s = 0.0
        self._from: tuple[float, float] | None = None
        self._wrong = self._backwards = 0
        self.info = RuleInfo(
            "sample_clock",
            RATE_TOLERANCE,
            "",
            "station",
            "the times of the samples cannot be trusted: restart the computer and check its clock",
        )

    def check(self, sample: Sample, witness: Witness) -> LimitTripped | None:
        """Judge one valid sample."""
        del witness
        t_s, unix_s = sample.t_s, sample.unix_s
        step_s = t_s - self._t_s
        if step_s <= 0:
            self._backwards += 1
            if self._backwards < BACKWARDS:
                return None
            return self.info.trip("the sample times do not grow", sample, value=step_s)
        self._backwards = 0
        wall_s = unix_s - self._unix_s
        self._t_s, self._unix_s = t_s, unix_s
        if not self._judges:
            return None
        if self._from is None:
            self._from = (t_s, unix_s)
            return None
        error_s = wall_s - step_s / self._speed
        if not -JUMP_S <= error_s <= JUMP_S:
            self._notes.once(
                "engine.wall_clock_jumped", "warning", f"{error_s:.0f}", jump_s=round(error_s, 2)
            )
            self._from, self._wrong = (t_s, unix_s), 0
            return None
        return self._judge(sample) if unix_s - self._from[1] >= WINDOW_S else None

    def _judge(self, sample: Sample) -> LimitTripped | None:
        assert self._from is not None
        rate = (sample.t_s - self._from[0]) / (sample.unix_s - self._from[1]) / self._speed
        self._from = (sample.t_s, sample.unix_s)
        self._wrong = self._wrong + 1 if abs(rate - 1) > RATE_TOLERANCE else 0
        if self._wrong < WINDOWS:
            return None
        return self.info.trip(
            f"the sample clock runs at {rate:.3f} of its speed", sample, value=abs(rate - 1)
        )
