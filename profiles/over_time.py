"""A plan over time: what flows when, and what it adds up to; for pictures and tables."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from profiles.open_step import OpenStep
from profiles.plan import Plan, Segment


@dataclass(frozen=True)
class Span:
    """A stretch of the plan. ``current_A`` is None where the step decides while it runs; it then stays
    between ``charge_max_A`` and ``-discharge_max_A``. ``longest``: it may be over before."""

    start_s: float
    duration_s: float
    role: str
    step: int
    current_A: float | None
    charge_max_A: float
    discharge_max_A: float
    longest: bool = False


@dataclass(frozen=True)
class Timeline:
    """``charge_Ah`` and ``discharge_Ah`` are the most that the plan may move, as ``duration_s`` the longest
    it may take; ``largest_A`` is a magnitude."""

    spans: tuple[Span, ...]
    duration_s: float
    charge_Ah: float
    discharge_Ah: float
    largest_A: float

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def timeline(plan: Plan) -> Timeline:
    """The spans of ``plan`` in the order in which they are played."""
    spans: list[Span] = []
    begin_s = charge_Ah = discharge_Ah = 0.0
    parts: list[Segment | OpenStep] = [*plan.segments, *plan.open_steps]
    for part in sorted(parts, key=lambda part: part.group):
        if isinstance(part, Segment):
            span = _fixed(part, begin_s)
            moved_Ah = part.current_A * part.longest_s / 3600
            charge_Ah, discharge_Ah = charge_Ah + max(moved_Ah, 0.0), discharge_Ah + max(-moved_Ah, 0.0)
        else:
            span = _open(part, begin_s)
            charge_Ah += part.throughput_max_Ah if part.charge_max_A else 0.0
            discharge_Ah += part.throughput_max_Ah if part.discharge_max_A else 0.0
        spans.append(span)
        begin_s += span.duration_s
    largest_A = max((max(span.charge_max_A, span.discharge_max_A) for span in spans), default=0.0)
    return Timeline(tuple(spans), begin_s, charge_Ah, discharge_Ah, largest_A)


def _fixed(part: Segment, begin_s: float) -> Span:
    current_A = part.current_A
    ends = (max(current_A, 0.0), abs(min(current_A, 0.0)))
    return Span(
        begin_s, part.duration_s, part.role.value, part.step, current_A, *ends, longest=part.open_ended
    )


def _open(part: OpenStep, begin_s: float) -> Span:
    return Span(
        begin_s,
        part.budget_s,
        "adaptive",
        part.step,
        None,
        part.charge_max_A,
        part.discharge_max_A,
        longest=True,
    )
