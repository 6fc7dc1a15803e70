"""One applied rule, and how outcomes combine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from station.diagnosis.decision.parts import Sourced

Outcome = Literal["met", "not_met", "undecided", "unknown"]
"""``undecided``: the interval holds the limit; ``unknown``: the input is missing."""

Value = float | str | None


@dataclass(frozen=True)
class Step:
    """``id`` names the rule inside its set, ``code`` its sentence; ``value`` and ``limit`` were compared.

    ``params`` are further facts of the sentence. ``evidence`` and ``source`` are those of the limit.
    """

    id: str
    code: str
    outcome: Outcome
    value: Value = None
    limit: Value = None
    params: dict[str, float | str] = field(default_factory=dict)
    evidence: str | None = None
    source: str | None = None


def step(
    id: str,
    code: str,
    outcome: Outcome,
    value: Value = None,
    limit: Value = None,
    *,
    said_by: Sourced | None = None,
    **params: float | str,
) -> Step:
    """A step with the evidence and source of the rule that was applied."""
    evidence, source = (said_by.evidence, said_by.source) if said_by is not None else (None, None)
    return Step(id, code, outcome, value, limit, params, evidence, source)


def together(outcomes: Iterable[Outcome]) -> Outcome:
    """All of them: one failure fails, one doubt leaves a doubt."""
    found = set(outcomes)
    worst: tuple[Outcome, ...] = ("not_met", "undecided", "unknown")
    return next((outcome for outcome in worst if outcome in found), "met")
