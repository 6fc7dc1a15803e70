"""Which samples go into the journal: all of them, unless the plan says less for a segment."""

from __future__ import annotations

from collections.abc import Iterable

from profiles.plan import Recorded, Segment
from station.safety.sample import Sample


class Kept:
    """Every sample is judged whatever is kept here. The first two and the last of a stretch always are."""

    def __init__(self, segments: Iterable[Segment]) -> None:
        self._rules = {segment.index: segment.record for segment in segments if segment.record is not None}
        self._last: Sample | None = None
        self._held: Sample | None = None
        self._first = 0
        self._segment = -1

    def take(self, sample: Sample) -> list[Sample]:
        """What to write now, oldest first."""
        found: list[Sample] = []
        if sample.segment != self._segment:
            self._segment, self._first = sample.segment, 2
            found = self.rest()
        rule = self._rules.get(sample.segment)
        if rule is None or self._first > 0 or self._last is None or _differs(rule, self._last, sample):
            self._first -= 1
            self._last, self._held = sample, None
            return [*found, sample]
        self._held = sample
        return found

    def rest(self) -> list[Sample]:
        """The newest sample where it has not been written: before a gap, a trip, the end."""
        held, self._held = self._held, None
        return [] if held is None else [held]


def _differs(rule: Recorded, last: Sample, sample: Sample) -> bool:
    """Is it time, or has something changed by enough? The command changing always is enough."""
    if rule.every_s is not None and sample.t_s - last.t_s >= rule.every_s * (1 - 1e-9):
        return True
    return (
        sample.command_A != last.command_A
        or _moved(last.voltage_V, sample.voltage_V, rule.voltage_V)
        or _moved(last.current_A, sample.current_A, rule.current_A)
        or _moved(last.surface_degC, sample.surface_degC, rule.temperature_K)
    )


def _moved(before: float | None, now: float | None, by: float | None) -> bool:
    if by is None or before is None or now is None:
        return False
    return abs(now - before) >= by
