"""Verdict and grade from the SOH interval and the gates, each with what could still change it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from station.diagnosis.decision.facts import Facts, SohInterval
from station.diagnosis.decision.gates import gates_of
from station.diagnosis.decision.rule_set import RuleSet
from station.diagnosis.decision.safety import safety_steps
from station.diagnosis.decision.steps import Outcome, Step, step, together

Verdict = Literal["pass", "fail", "quarantine", "no_verdict"]
Unknown = Literal["policy", "met", "not_met"]
"""How a missing input counts: as the grade says, well, or badly."""


@dataclass(frozen=True)
class Grading:
    """Indices into the grades, 0 = best; ``index`` is None without a verdict.

    ``best`` and ``worst`` bound what the interval and the missing inputs leave open; ``worst_by_soh`` is the
    grade of the interval's lower end if all missing inputs turn out well.
    """

    verdict: Verdict
    index: int | None
    best: int
    worst_by_soh: int
    worst: int
    steps: tuple[Step, ...]


def grade(facts: Facts, rules: RuleSet) -> Grading:
    """Judge one battery: safety, then the reuse limit, then the grade."""
    steps = safety_steps(facts, rules)
    last = rules.last
    if any(item.outcome == "not_met" for item in steps):
        return Grading("quarantine", last, last, last, last, tuple(steps))
    soh = facts.soh
    states = _gate_states(facts, rules)
    if soh is None:
        reason = facts.abstained_reason or "abstained"
        steps.append(step("soh_known", "decision.no_soh", "undecided", reason, reason=reason))
        return Grading("no_verdict", None, _first(math.inf, "met", rules, states), last, last, tuple(steps))
    reuse = _reuse_limit(soh, rules)
    steps.append(reuse)
    if reuse.outcome == "not_met":
        return Grading("fail", last, last, last, last, tuple(steps))
    best = _first(soh.high90, "met", rules, states)
    worst_by_soh = _first(soh.low90, "met", rules, states)
    worst = _first(soh.low90, "not_met", rules, states)
    if reuse.outcome == "undecided":
        return Grading("no_verdict", None, best, worst_by_soh, worst, tuple(steps))
    index, how = _position(soh, facts, rules, states)
    steps.extend(how)
    if index == last:
        # The gates leave no grade of reuse: a failure only where no missing input could change that.
        verdict: Verdict = "fail" if best == last else "no_verdict"
        steps.append(step("grades", "decision.no_grade", "not_met" if best == last else "unknown"))
        return Grading(verdict, last if best == last else None, best, worst_by_soh, worst, tuple(steps))
    steps.append(_open(index, best, worst, soh, rules))
    return Grading("pass", index, best, worst_by_soh, worst, tuple(steps))


def _reuse_limit(soh: SohInterval, rules: RuleSet) -> Step:
    figure = rules.grades[-2].soh_min
    outcome: Outcome = (
        "not_met" if soh.high90 < figure.value else "undecided" if soh.low90 < figure.value else "met"
    )
    shown = soh.high90 if outcome == "not_met" else soh.low90
    return step("reuse_limit", "decision.reuse_limit", outcome, shown, figure.value, said_by=figure)


def _gate_states(facts: Facts, rules: RuleSet) -> list[Outcome]:
    return [
        together(item.outcome for item in gates_of(grade, facts, rules.consistency)) for grade in rules.grades
    ]


def _open_to(index: int, unknown: Unknown, rules: RuleSet, states: Sequence[Outcome]) -> bool:
    """Whether the gates of a grade let a battery in, taking missing inputs as ``unknown`` says."""
    if states[index] != "unknown":
        return states[index] == "met"
    return unknown == "met" or (unknown == "policy" and rules.grades[index].unknown == "keep")


def _first(soh: float, unknown: Unknown, rules: RuleSet, states: Sequence[Outcome]) -> int:
    """The best grade that a SOH and the gates allow."""
    return next(
        index
        for index, grade in enumerate(rules.grades)
        if index == rules.last or (soh >= grade.soh_min.value and _open_to(index, unknown, rules, states))
    )


def _position(
    soh: SohInterval, facts: Facts, rules: RuleSet, states: Sequence[Outcome]
) -> tuple[int, list[Step]]:
    """The grade by the estimate, held back by the lower end of the interval, with every gate looked at."""
    steps: list[Step] = []
    lower_end = next(index for index, grade in enumerate(rules.grades) if soh.low90 >= grade.soh_min.value)
    held = max(0, lower_end - rules.hold_back.steps)
    for index, candidate in enumerate(rules.grades[:-1]):
        name = f"grade_{candidate.grade}"
        earned: Outcome = "met" if soh.estimate >= candidate.soh_min.value else "not_met"
        steps.append(
            step(
                f"{name}.soh",
                "decision.grade_soh",
                earned,
                soh.estimate,
                candidate.soh_min.value,
                said_by=candidate.soh_min,
                grade=candidate.grade,
            )
        )
        if earned == "not_met":
            continue
        if index < held:
            needed = rules.grades[index + rules.hold_back.steps].soh_min.value
            steps.append(
                step(
                    f"{name}.low90",
                    "decision.grade_low90",
                    "not_met",
                    soh.low90,
                    needed,
                    said_by=rules.hold_back,
                    grade=candidate.grade,
                )
            )
            continue
        steps.extend(gates_of(candidate, facts, rules.consistency))
        if _open_to(index, "policy", rules, states):
            return index, steps
    return rules.last, steps


def _open(index: int, best: int, worst: int, soh: SohInterval, rules: RuleSet) -> Step:
    """Whether the grade is the only one possible, and if not, what leaves it open."""
    names = [grade.grade for grade in rules.grades]
    by_soh = [
        next(i for i, g in enumerate(rules.grades) if end >= g.soh_min.value)
        for end in (soh.high90, soh.low90)
    ]
    straddles = by_soh[0] != by_soh[1]
    outcome: Outcome = "undecided" if straddles else "met" if best == worst else "unknown"
    code = {
        "undecided": "decision.straddles",
        "unknown": "decision.open",
        "met": "decision.only_grade",
    }[outcome]
    return step(
        "interval",
        code,
        outcome,
        soh.low90,
        soh.high90,
        grade=names[index],
        best=names[best],
        worst=names[worst],
        soh_best=names[by_soh[0]],
        soh_worst=names[by_soh[1]],
    )
