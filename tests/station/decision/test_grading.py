"""Verdicts and grades."""

from __future__ import annotations

import pytest

from station.diagnosis.decision import Decision, Facts, RuleSet, SohInterval, evaluate

DAY = "2026-11-27"


def soh(estimate: float, low: float, high: float) -> SohInterval:
    return SohInterval(estimate=estimate, low90=low, high90=high)


def judge(facts: Facts, rules: RuleSet) -> Decision:
    return evaluate(facts, rules, decided_on=DAY)


def rule(found: Decision, name: str) -> tuple[object, object, str]:
    return next((item.value, item.limit, item.outcome) for item in found.steps if item.id == name)


@pytest.mark.parametrize(
    ("estimate", "half", "verdict", "grade"),
    [
        (0.90, 0.02, "pass", "A"),
        (0.80, 0.02, "pass", "A"),
        (0.799, 0.02, "pass", "B"),
        (0.82, 0.15, "pass", "B"),
        (0.75, 0.08, "pass", "B"),
        (0.65, 0.03, "pass", "C"),
        (0.55, 0.04, "pass", "D"),
        (0.55, 0.06, "no_verdict", None),
        (0.48, 0.04, "no_verdict", None),
        (0.44, 0.04, "fail", "R"),
    ],
)
def test_grade_by_interval(
    good: Facts, rules: RuleSet, estimate: float, half: float, verdict: str, grade: str | None
) -> None:
    facts = good.model_copy(update={"soh": soh(estimate, estimate - half, estimate + half)})
    found = judge(facts, rules)
    assert (found.verdict, found.grade) == (verdict, grade)


def test_a_grade_is_held_back_by_the_lower_end_and_says_so(good: Facts, rules: RuleSet) -> None:
    found = judge(good.model_copy(update={"soh": soh(0.82, 0.65, 0.99)}), rules)
    assert found.grade == "B"
    assert rule(found, "grade_A.soh") == (0.82, 0.8, "met")
    assert rule(found, "grade_A.low90") == (0.65, 0.7, "not_met")


def test_an_interval_over_two_grades_is_told(good: Facts, rules: RuleSet) -> None:
    found = judge(good.model_copy(update={"soh": soh(0.81, 0.78, 0.84)}), rules)
    assert (found.grade, found.best, found.worst, found.straddles) == ("A", "A", "B", True)
    step = found.steps[-1]
    assert (step.id, step.code, step.outcome) == ("interval", "decision.straddles", "undecided")
    assert (step.params["soh_best"], step.params["soh_worst"]) == ("A", "B")
    alone = judge(good, rules)
    assert (alone.best, alone.worst, alone.straddles) == ("A", "A", False)
    assert alone.steps[-1].code == "decision.only_grade"
    over_the_limit = judge(good.model_copy(update={"soh": soh(0.52, 0.48, 0.56)}), rules)
    assert (over_the_limit.verdict, over_the_limit.straddles) == ("no_verdict", True)


def test_abstention_gives_no_verdict_with_its_reason(good: Facts, rules: RuleSet) -> None:
    facts = good.model_copy(update={"soh": None, "abstained_reason": "unknown_type"})
    found = judge(facts, rules)
    assert (found.verdict, found.grade) == ("no_verdict", None)
    assert rule(found, "soh_known") == ("unknown_type", None, "undecided")
    assert {use.status for use in found.uses} <= {"undecided", "unfit", "blocked"}


@pytest.mark.parametrize("finding", ["leak", "something_that_no_rule_names"])
def test_a_safety_finding_wins_over_any_soh(good: Facts, rules: RuleSet, finding: str) -> None:
    found = judge(good.model_copy(update={"findings": (finding,)}), rules)
    assert (found.verdict, found.grade, found.depth.depth) == ("quarantine", "R", "hold")
    assert [step.id for step in found.steps] == [f"safety.{finding}"]  # nothing else is looked at
    assert {use.status for use in found.uses} == {"unfit", "blocked"}


def test_what_nobody_looked_at_is_told(good: Facts, rules: RuleSet) -> None:
    found = judge(good.model_copy(update={"cleared": ("leak",)}), rules)
    assert "safety.inspection" in found.open_points
    names = next(step.params["names"] for step in found.steps if step.id == "safety.inspection")
    assert "leak" not in str(names)
    assert "swollen" in str(names)
    assert judge(good, rules).open_points == ()


def test_resistance_self_discharge_and_history_lower_the_grade(good: Facts, rules: RuleSet) -> None:
    def with_growth(growth: float) -> Decision:
        return judge(
            good.model_copy(update={"quantities": {**good.quantities, "resistance_growth": growth}}), rules
        )

    assert [with_growth(growth).grade for growth in (0.3, 0.4, 0.6, 2.0)] == ["A", "B", "C", "D"]
    assert rule(with_growth(0.6), "grade_A.resistance_growth") == (0.6, 0.3, "not_met")
    leaky = {**good.quantities, "self_discharge_per_month": 0.05}
    assert judge(good.model_copy(update={"quantities": leaky}), rules).grade == "B"
    assert judge(good.model_copy(update={"history": "unknown"}), rules).grade == "B"


def test_missing_inputs_are_unknown_and_never_give_the_best_grade(good: Facts, rules: RuleSet) -> None:
    found = judge(good.model_copy(update={"quantities": {}, "history": "unknown"}), rules)
    assert (found.grade, found.best, found.worst) == ("B", "A", "D")
    assert rule(found, "grade_A.resistance_growth") == (None, 0.3, "unknown")
    assert rule(found, "grade_B.resistance_growth") == (None, 0.5, "unknown")
    assert {"grade_A.history", "grade_B.resistance_growth"} <= set(found.open_points)


def test_parts_of_a_module_have_to_be_alike_for_the_best_grade(good: Facts, rules: RuleSet) -> None:
    alike = {**good.quantities, "capacity_spread": 0.02, "resistance_spread": 0.05, "ocv_spread_V": 0.004}
    module = good.model_copy(update={"level": "module", "quantities": alike})
    assert judge(module, rules).grade == "A"
    assert judge(module.model_copy(update={"quantities": good.quantities}), rules).grade == "B"
    spread = {**alike, "ocv_spread_V": 0.012}
    assert judge(module.model_copy(update={"quantities": spread}), rules).grade == "B"
    # 12 mV is within the limit of other chemistries; an unknown one gets the tightest.
    nmc = module.model_copy(update={"quantities": spread, "chemistry": "NMC"})
    assert judge(nmc, rules).grade == "A"
    assert judge(nmc.model_copy(update={"chemistry": None}), rules).grade == "B"


def test_gates_that_leave_no_grade_of_reuse_decide_by_what_is_known(good: Facts, rules: RuleSet) -> None:
    gate = rules.grades[0].limits["resistance_growth"]
    grades = tuple(
        grade.model_copy(update={"limits": {"resistance_growth": gate}, "unknown": "lower"})
        if grade.grade != "R"
        else grade
        for grade in rules.grades
    )
    strict = rules.model_copy(update={"grades": grades})
    bad = good.model_copy(update={"quantities": {"resistance_growth": 0.9}})
    assert (judge(bad, strict).verdict, judge(bad, strict).grade) == ("fail", "R")
    unknown = good.model_copy(update={"quantities": {}})
    assert (judge(unknown, strict).verdict, judge(unknown, strict).grade) == ("no_verdict", None)
