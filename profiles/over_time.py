"""A plan over time: what flows when, and what it adds up to; for pictures and tables."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from profiles.open_step import OpenStep
from profiles.plan import Plan, Segment, SegmentRole

ROLE_NAMES = {role: role.value for role in SegmentRole}
"""Looked up here: an enumeration's own way costs more than all else of a span."""


@dataclass(slots=True)
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
    begin_s = charge_Ah = discharge_Ah = largest_A = 0.0
    parts: list[Segment | OpenStep] = list(plan.segments)
    if plan.open_steps:
        parts = sorted([*parts, *plan.open_steps], key=lambda part: part.group)
    for part in parts:
        if isinstance(part, Segment):
            current_A, ended = part.current_A, part.open_ended
            into_A, out_A = (current_A, 0.0) if current_A > 0 else (0.0, abs(current_A))
            largest_A = max(largest_A, into_A, out_A)
            moved_Ah = (part.longest_s if ended else part.duration_s) / 3600
            charge_Ah, discharge_Ah = charge_Ah + into_A * moved_Ah, discharge_Ah + out_A * moved_Ah
            span = Span(
                begin_s, part.duration_s, ROLE_NAMES[part.role], part.step, current_A, into_A, out_A, ended
            )
        else:
            span = _open(part, begin_s)
            largest_A = max(largest_A, part.charge_max_A, part.discharge_max_A)
            charge_Ah += part.throughput_max_Ah if part.charge_max_A else 0.0
            discharge_Ah += part.throughput_max_Ah if part.discharge_max_A else 0.0
        spans.append(span)
        begin_s += span.duration_s
    return Timeline(tuple(spans), begin_s, charge_Ah, discharge_Ah, largest_A)


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
