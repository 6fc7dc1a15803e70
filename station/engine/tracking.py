"""Does the measured current follow the commanded one, also at rest."""

from __future__ import annotations

from station.errors import LimitTripped
from station.safety.sample import Sample

PERSIST_S = 0.5
PERSIST_SAMPLES = 5
TOLERANCE = 0.05
TOLERANCE_A = 0.3
TOLERANCE_OF_RANGE = 0.002


class CurrentTracking:
    """A deviation beyond the larger of 5 %, 0.3 A and 0.2 % of the instrument's range that lasts 0.5 s
    of bench time and five samples ends the test: something else limits, leads or drives the current."""

    def __init__(self, range_A: float) -> None:
        self._floor_A = max(TOLERANCE_A, TOLERANCE_OF_RANGE * range_A)
        self._since_s: float | None = None
        self._count = 0

    def check(self, sample: Sample) -> LimitTripped | None:
        """Judge one valid sample."""
        assert sample.current_A is not None
        allowed_A = max(TOLERANCE * abs(sample.command_A), self._floor_A)
        if abs(sample.current_A - sample.command_A) <= allowed_A:
            self._since_s, self._count = None, 0
            return None
        self._count += 1
        if self._since_s is None:
            self._since_s = sample.t_s
        if self._count < PERSIST_SAMPLES or sample.t_s - self._since_s < PERSIST_S:
            return None
        return LimitTripped(
            f"current_tracking: {sample.current_A:.4g} A flow where {sample.command_A:.4g} A were commanded",
            remedy="the battery may be full or empty, a lead open, or the instrument limited: look at it",
            code="safety.current_tracking",
            rule="current_tracking",
            value=sample.current_A,
            limit=sample.command_A,
            tolerance=allowed_A,
            unit="A",
            t_s=round(sample.t_s, 4),
            segment=sample.segment,
        )
