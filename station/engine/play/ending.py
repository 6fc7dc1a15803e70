"""What ends a segment before its time: conditions on quantities, or the charge moved."""

from __future__ import annotations

from profiles.expressions import ExpressionError, evaluate, parse
from profiles.plan import Segment, Until
from station.engine.play.quantities import Quantities
from station.errors import CheckFailed
from station.safety.sample import Sample

CONFIRM = 2
"""Samples in a row for which a condition must hold: one alone may be noise."""


class EndWatch:
    """``done`` is asked behind each sample; ``why`` is a condition, ``charge``, or '' (time)."""

    def __init__(self, until: Until, quantities: Quantities, segment: Segment) -> None:
        self._until, self._quantities, self._segment = until, quantities, segment
        self._conditions = [parse(text) for text in until.conditions]
        self._held = [0] * len(self._conditions)
        self._since_s: list[float | None] = [None] * len(self._conditions)
        self._seen: Sample | None = None
        self.why = ""

    @property
    def reached(self) -> bool:
        """A condition ended it, or nothing but time and charge was to end it."""
        return self.why not in ("", "charge") or not self._until.conditions

    @property
    def moved_Ah(self) -> float:
        """In the direction of the segment's current."""
        values = self._quantities.values()
        charged = self._segment.current_A > 0
        return values["step_charge_Ah" if charged else "step_discharge_Ah"] or 0.0

    def done(self) -> bool:
        """Is it over?"""
        sample = self._quantities.newest
        if self.why or sample is None or sample is self._seen or sample.segment != self._segment.index:
            return self.why != ""
        self._seen = sample
        values = self._quantities.values()
        if self._until.charge_Ah is not None and self.moved_Ah >= self._until.charge_Ah:
            self.why = "charge"
            return True
        if (values["step_time_s"] or 0.0) < self._until.least_s:
            return False
        for number, node in enumerate(self._conditions):
            try:
                holds = bool(evaluate(node, values))
            except ExpressionError:
                holds = False  # a quantity without a reading at present reaches nothing
            self._held[number] = self._held[number] + 1 if holds else 0
            since_s = self._since_s[number] if holds else None
            self._since_s[number] = sample.t_s if holds and since_s is None else since_s
            if self._held[number] >= CONFIRM and sample.t_s - (since_s or sample.t_s) >= self._until.steady_s:
                self.why = self._until.conditions[number]
                return True
        return False

    def refuse(self, told: dict[str, object]) -> None:
        """It had to be reached and was not. Raises CheckFailed."""
        wanted = " / ".join(self._until.conditions) or "the current at the end"
        raise CheckFailed(
            f"not reached in the allowed time and charge: {wanted}",
            remedy="look at the battery and the profile; a battery that takes or gives more than it can hold "
            "may have a short inside: watch it, do not charge it again",
            code="safety.check.not_reached",
            rule="not_reached",
            value=None,
            limit=wanted,
            segment=self._segment.index,
            ended_by=self.why or "time",
            **{key: value for key, value in told.items() if key in ("moved_Ah", "duration_s")},
        )
