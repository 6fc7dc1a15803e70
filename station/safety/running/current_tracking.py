"""Does the measured current follow the commanded one, also at rest."""

from __future__ import annotations

from station.errors import LimitTripped
from station.safety.running.rule import RuleInfo
from station.safety.running.witness import Rig, Witness
from station.safety.sample import Sample

PERSIST_S = 0.5
PERSIST_SAMPLES = 5
TOLERANCE = 0.05


class CurrentTracking:
    """A deviation beyond the larger of 5 %, 0.3 A and 0.2 % of the instrument's range that lasts 0.5 s
    of bench time and five samples ends the test: something else limits, leads or drives the current."""

    def __init__(self, rig: Rig) -> None:
        self._floor_A = rig.floor_A
        self._since_s: float | None = None
        self._count = 0
        self.info = RuleInfo(
            "current_tracking",
            rig.floor_A,
            "A",
            "station",
            "the battery may be full or empty, a lead open, or the instrument limited: look at it",
        )

    def check(self, sample: Sample, witness: Witness) -> LimitTripped | None:
        """Judge one valid sample."""
        del witness
        assert sample.current_A is not None
        command_A = sample.command_A
        off_A = abs(sample.current_A - command_A)
        if off_A <= self._floor_A or off_A <= TOLERANCE * abs(command_A):
            self._since_s, self._count = None, 0
            return None
        self._count += 1
        if self._since_s is None:
            self._since_s = sample.t_s
        if self._count < PERSIST_SAMPLES or sample.t_s - self._since_s < PERSIST_S:
            return None
        return self.info.trip(
            f"{sample.current_A:.4g} A flow where {command_A:.4g} A were commanded",
            sample,
            value=sample.current_A,
            limit=command_A,
            tolerance=max(TOLERANCE * abs(command_A), self._floor_A),
        )
