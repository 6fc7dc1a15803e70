"""Second lives: which fit, under which conditions, which do not, and which are blocked by what rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from station.diagnosis.decision.facts import Facts
from station.diagnosis.decision.gates import history, within
from station.diagnosis.decision.grading import Grading
from station.diagnosis.decision.rule_set import RuleSet, Use
from station.diagnosis.decision.steps import Outcome, Step, step, together

Status = Literal["fits", "conditional", "undecided", "unfit", "blocked"]


@dataclass(frozen=True)
class UseResult:
    """``conditional``: fits once the steps that are ``unknown`` have been met."""

    use: str
    status: Status
    steps: tuple[Step, ...]


def judge_uses(facts: Facts, rules: RuleSet, grading: Grading) -> tuple[UseResult, ...]:
    """All uses of the rule set, in its order."""
    return tuple(_judge(use, facts, rules, grading) for use in rules.uses)


def _judge(use: Use, facts: Facts, rules: RuleSet, grading: Grading) -> UseResult:
    prefix = f"use_{use.use}"
    if use.blocked is not None:
        since = {"since": use.blocked.since} if use.blocked.since else {}
        return UseResult(
            use.use,
            "blocked",
            (
                step(
                    f"{prefix}.blocked",
                    "decision.use_blocked",
                    "not_met",
                    said_by=use.blocked,
                    rule_zh=use.blocked.rule.zh,
                    rule_en=use.blocked.rule.en,
                    **since,
                ),
            ),
        )
    steps = [_grade(use, rules, grading, prefix)]
    if grading.verdict in ("pass", "no_verdict"):
        steps += within(facts, use.limits, prefix)
        steps += _people(use, facts, rules, prefix)
        if use.history is not None:
            steps.append(history(facts, use.history, prefix))
    status: dict[Outcome, Status] = {
        "not_met": "unfit",
        "undecided": "undecided",
        "unknown": "conditional",
        "met": "fits",
    }
    return UseResult(use.use, status[together(item.outcome for item in steps)], tuple(steps))


def _grade(use: Use, rules: RuleSet, grading: Grading, prefix: str) -> Step:
    """The grade must do at the lower end of the interval, not only at the estimate.

    Where only missing inputs stand between the battery and the grade, they are the condition.
    """
    assert use.grade_min is not None  # a use without one is blocked
    needed = rules.index_of(use.grade_min)
    outcome: Outcome
    if grading.verdict in ("quarantine", "fail") or grading.best > needed:
        outcome = "not_met"
    elif grading.index is None or grading.worst_by_soh > needed:
        outcome = "undecided"
    else:
        outcome = "met" if grading.worst <= needed else "unknown"
    names = [grade.grade for grade in rules.grades]
    return step(
        f"{prefix}.grade",
        "decision.use_grade",
        outcome,
        names[grading.index] if grading.index is not None else None,
        use.grade_min,
        said_by=use,
        best=names[grading.best],
        worst=names[grading.worst],
        verdict=grading.verdict,
    )


def _people(use: Use, facts: Facts, rules: RuleSet, prefix: str) -> list[Step]:
    """Chemistry, level, traceability, and what a person or a local rule has to say."""
    steps: list[Step] = []
    reviewed: Outcome = "met" if use.use in facts.reviewed else "unknown"
    if use.chemistry is not None:
        known = facts.chemistry
        outcome: Outcome = "not_met"
        if known is None:
            outcome = "unknown"
        elif known in use.chemistry.fits:
            outcome = "met"
        elif known in use.chemistry.review:
            outcome = reviewed
        fits = ", ".join(use.chemistry.fits)
        steps.append(
            step(f"{prefix}.chemistry", "decision.use_chemistry", outcome, known, fits, said_by=use.chemistry)
        )
    if len(use.levels) < 3:
        at_level: Outcome = (
            "unknown" if facts.level is None else "met" if facts.level in use.levels else "not_met"
        )
        steps.append(
            step(f"{prefix}.level", "decision.use_level", at_level, facts.level, ", ".join(use.levels))
        )
    trace = rules.traceability
    if (
        trace is not None
        and facts.history == "unknown"
        and (facts.level is None or facts.level in trace.levels)
    ):
        traced: Outcome = "not_met" if trace.effect == "no_reuse" else "unknown"
        steps.append(
            step(
                f"{prefix}.traceability",
                "decision.traceability",
                traced,
                facts.history,
                "known",
                said_by=trace,
                rule_zh=trace.text.zh,
                rule_en=trace.text.en,
            )
        )
    if use.use in facts.refused or use.permission is not None:
        allowed: Outcome = (
            "not_met" if use.use in facts.refused else "met" if use.use in facts.permitted else "unknown"
        )
        steps.append(step(f"{prefix}.permission", "decision.use_permission", allowed, said_by=use.permission))
    if use.review is not None:
        steps.append(step(f"{prefix}.review", "decision.use_review", reviewed, said_by=use.review))
    return steps
