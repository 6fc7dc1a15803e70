"""How far to take a module or pack apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from station.diagnosis.decision.facts import Facts
from station.diagnosis.decision.gates import consistency
from station.diagnosis.decision.grading import Grading
from station.diagnosis.decision.rule_set import RuleSet
from station.diagnosis.decision.steps import Step, step, together

Depth = Literal["whole", "to_module", "to_cell", "to_material", "hold", "undecided"]
"""``hold``: do not open or send on before the safety finding has been dealt with."""


@dataclass(frozen=True)
class DepthResult:
    """The depth and the rules it follows from."""

    depth: Depth
    steps: tuple[Step, ...]


def judge_depth(facts: Facts, rules: RuleSet, grading: Grading) -> DepthResult:
    """Whole where it can be reused whole, one level down where its parts differ, material where it fails.

    Without a verdict, or where nobody knows how alike the parts are, the depth is undecided.
    """
    said_by = rules.dismantling
    if grading.verdict == "quarantine":
        return DepthResult(
            "hold", (step("depth.safety", "decision.depth_safety", "not_met", said_by=said_by),)
        )
    if grading.verdict == "fail":
        return DepthResult(
            "to_material", (step("depth.fail", "decision.depth_fail", "not_met", said_by=said_by),)
        )
    if grading.verdict == "no_verdict":
        return DepthResult(
            "undecided", (step("depth.verdict", "decision.depth_verdict", "undecided", said_by=said_by),)
        )
    spreads = consistency(facts, rules.consistency, "depth")
    if not spreads:
        return DepthResult("whole", (step("depth.single", "decision.depth_single", "met", said_by=said_by),))
    outcome = together(item.outcome for item in spreads)
    steps = [*spreads, step("depth.consistency", "decision.depth_consistency", outcome, said_by=said_by)]
    if outcome == "met":
        return DepthResult("whole", tuple(steps))
    if outcome == "unknown" or facts.level is None:
        return DepthResult("undecided", tuple(steps))
    return DepthResult("to_module" if facts.level == "pack" else "to_cell", tuple(steps))
