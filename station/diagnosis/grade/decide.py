"""Grade and verdict from the SOH interval and the other gates, with every applied rule on record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from station.diagnosis.grade.table import GradeStep, GradeTable
from station.diagnosis.soh.combine import Interval

Verdict = Literal["pass", "fail", "quarantine", "no_verdict"]
Outcome = Literal["met", "not_met", "undecided", "not_checked"]


@dataclass(frozen=True)
class RuleOutcome:
    """One applied rule: ``id`` is stable, ``value`` and ``limit`` are what was compared (SOH and growth as
    fractions)."""

    id: str
    value: float | str | None
    limit: float | str | None
    outcome: Outcome


@dataclass(frozen=True)
class Decision:
    """``grade`` is None without a verdict; ``rules`` explains both in the order they were applied."""

    verdict: Verdict
    grade: str | None
    rules: tuple[RuleOutcome, ...]
    table_version: str


def decide(
    soh: Interval | None,
    table: GradeTable,
    *,
    abstained_reason: str | None = None,
    safety_findings: Sequence[str] = (),
    resistance_growth: float | None = None,
    history_known: bool | None = None,
) -> Decision:
    """Judge one battery.

    ``safety_findings`` (codes) quarantine it whatever its SOH and put it in the last grade. Without an
    interval, or with one that holds the reuse limit, there is no verdict. The grade is that of the estimate,
    at most ``steps_above_low90`` above that of the lower end, then lowered until every known gate is met;
    a gate whose input is None is recorded as not checked.
    """
    rules: list[RuleOutcome] = []
    last = table.grades[-1].grade
    for finding in safety_findings:
        rules.append(RuleOutcome("safety", finding, None, "not_met"))
    if safety_findings:
        return Decision("quarantine", last, tuple(rules), table.version)
    rules.append(RuleOutcome("safety", None, None, "met"))
    if soh is None:
        rules.append(RuleOutcome("soh_known", abstained_reason or "abstained", None, "undecided"))
        return Decision("no_verdict", None, tuple(rules), table.version)
    limit = table.reuse_soh_min
    if soh.high90 < limit:
        rules.append(RuleOutcome("reuse_limit", soh.high90, limit, "not_met"))
        return Decision("fail", last, tuple(rules), table.version)
    if soh.low90 < limit:
        rules.append(RuleOutcome("reuse_limit", soh.low90, limit, "undecided"))
        return Decision("no_verdict", None, tuple(rules), table.version)
    rules.append(RuleOutcome("reuse_limit", soh.low90, limit, "met"))
    position = _by_interval(soh, table, rules)
    while table.grades[position].soh_min > limit and not _gates_met(
        table.grades[position], resistance_growth, history_known, rules
    ):
        position += 1
    return Decision("pass", table.grades[position].grade, tuple(rules), table.version)


def _by_interval(soh: Interval, table: GradeTable, rules: list[RuleOutcome]) -> int:
    """Index of the grade by estimate, held back by the lower end of the interval."""
    position = table.position(soh.estimate)
    step = table.grades[position]
    rules.append(RuleOutcome(f"grade_{step.grade}.soh", soh.estimate, step.soh_min, "met"))
    best_allowed = max(0, table.position(soh.low90) - table.steps_above_low90)
    if position < best_allowed:
        # The lower end must reach within ``steps_above_low90`` of the grade: the limit that it missed.
        needed = table.grades[min(position + table.steps_above_low90, len(table.grades) - 1)].soh_min
        rules.append(RuleOutcome(f"grade_{step.grade}.low90", soh.low90, needed, "not_met"))
        return best_allowed
    return position


def _gates_met(
    step: GradeStep, resistance_growth: float | None, history_known: bool | None, rules: list[RuleOutcome]
) -> bool:
    met = True
    if step.resistance_growth_max is not None:
        outcome = _compare(resistance_growth, step.resistance_growth_max)
        rules.append(
            RuleOutcome(
                f"grade_{step.grade}.resistance_growth",
                resistance_growth,
                step.resistance_growth_max,
                outcome,
            )
        )
        met = met and outcome != "not_met"
    if step.history_required:
        said: Outcome = "not_checked" if history_known is None else "met" if history_known else "not_met"
        value = None if history_known is None else "known" if history_known else "unknown"
        rules.append(RuleOutcome(f"grade_{step.grade}.history", value, "known", said))
        met = met and said != "not_met"
    return met


def _compare(value: float | None, limit: float) -> Outcome:
    if value is None:
        return "not_checked"
    return "met" if value <= limit else "not_met"
