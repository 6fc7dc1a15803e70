"""One decision: facts, a rule set and perhaps prices in; verdict, grade, uses, depth and value out.

Pure arithmetic on what it is given: the same inputs give the same result on any machine and in any year.
``EVALUATOR`` names the meaning of the rules; whoever changes a meaning adds a new one and keeps this one.
"""

from __future__ import annotations

from dataclasses import dataclass

from station.diagnosis.decision.days import day_number
from station.diagnosis.decision.depth import DepthResult, judge_depth
from station.diagnosis.decision.facts import Facts
from station.diagnosis.decision.grading import Grading, Verdict, grade
from station.diagnosis.decision.price_table import PriceTable
from station.diagnosis.decision.rule_set import RuleSet
from station.diagnosis.decision.steps import Step
from station.diagnosis.decision.uses import UseResult, judge_uses
from station.diagnosis.decision.value import ValueResult, judge_value

EVALUATOR = "1"


@dataclass(frozen=True)
class Decision:
    """``grade`` is None without a verdict; ``best`` and ``worst`` are the grades that are still possible.

    ``open_points`` name the rules whose input is missing although the verdict or the grade asks for it.
    """

    verdict: Verdict
    grade: str | None
    best: str
    worst: str
    straddles: bool
    open_points: tuple[str, ...]
    steps: tuple[Step, ...]
    uses: tuple[UseResult, ...]
    depth: DepthResult
    value: ValueResult | None


def evaluate(facts: Facts, rules: RuleSet, prices: PriceTable | None = None, *, decided_on: str) -> Decision:
    """Decide. ``decided_on`` (ISO day, else ValueError) only ages the prices; the rest knows no clock."""
    day_number(decided_on)
    grading = grade(facts, rules)
    uses = judge_uses(facts, rules, grading)
    value = None if prices is None else judge_value(facts, rules, grading, uses, prices, decided_on)
    names = [step.grade for step in rules.grades]
    return Decision(
        verdict=grading.verdict,
        grade=None if grading.index is None else names[grading.index],
        best=names[grading.best],
        worst=names[grading.worst],
        straddles=_straddles(grading),
        open_points=tuple(dict.fromkeys(item.id for item in grading.steps if item.outcome == "unknown")),
        steps=grading.steps,
        uses=uses,
        depth=judge_depth(facts, rules, grading),
        value=value,
    )


def _straddles(grading: Grading) -> bool:
    return any(
        item.outcome == "undecided" and item.id in ("reuse_limit", "interval") for item in grading.steps
    )
