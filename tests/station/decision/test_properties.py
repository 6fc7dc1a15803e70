"""What must hold for any battery and any rule set of the form."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from station.diagnosis.decision import Decision, Facts, RuleSet, SohInterval, evaluate
from station.models.rulebook import load_prices, load_rules

DAY = "2026-11-27"
RULES = load_rules()
PRICES = load_prices("example")
QUANTITIES = [
    "resistance_growth",
    "self_discharge_per_month",
    "ocv_drop_7d_V",
    "capacity_spread",
    "resistance_spread",
    "ocv_spread_V",
]
VERDICTS = {"pass": 0, "no_verdict": 1, "fail": 2, "quarantine": 3}
STATUSES = {"fits": 0, "conditional": 1, "undecided": 2, "unfit": 3, "blocked": 4}
relaxed = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])

numbers = st.floats(0, 1.2)
sohs = st.tuples(numbers, st.floats(0, 0.2), st.floats(0, 0.2)).map(
    lambda t: SohInterval(estimate=t[0], low90=t[0] - t[1], high90=t[0] + t[2])
)


@st.composite
def batteries(draw: st.DrawFn) -> Facts:
    return Facts(
        soh=draw(st.none() | sohs),
        chemistry=draw(st.sampled_from([None, "LFP", "NMC", "LMO", "Na-ion"])),
        level=draw(st.sampled_from([None, "cell", "module", "pack"])),
        history=draw(st.sampled_from(["known", "unknown"])),
        findings=draw(st.sampled_from([(), (), (), ("leak",)])),
        quantities=draw(st.dictionaries(st.sampled_from(QUANTITIES), st.floats(-0.2, 2))),
        permitted=draw(st.sampled_from([(), ("low_speed_vehicle",)])),
        refused=draw(st.sampled_from([(), ("base_station",)])),
        reviewed=draw(st.sampled_from([(), ("base_station", "low_power")])),
        nominal_capacity_Ah=draw(st.none() | st.floats(1, 300)),
        series_cells=draw(st.none() | st.integers(1, 12)),
        mass_kg=draw(st.none() | st.floats(0.1, 500)),
        form=draw(st.sampled_from([None, "prismatic", "pouch"])),
    )


@st.composite
def rule_sets(draw: st.DrawFn) -> RuleSet:
    """The default set with other limits, gates, policies and hold-back."""
    grades: list[Any] = []
    gate = RULES.grades[0].limits["resistance_growth"]
    for grade in RULES.grades[:-1]:
        limits = {
            quantity: gate.model_copy(update={"value": value})
            for quantity, value in draw(
                st.dictionaries(st.sampled_from(QUANTITIES), st.floats(0, 1), max_size=3)
            ).items()
        }
        grades.append(
            grade.model_copy(
                update={
                    "limits": limits,
                    "history": draw(st.sampled_from([None, RULES.grades[0].history])),
                    "consistency": draw(st.sampled_from([None, RULES.grades[0].consistency])),
                    "unknown": draw(st.sampled_from(["lower", "keep"])),
                }
            )
        )
    steps = draw(st.integers(0, 3))
    return RULES.model_copy(
        update={
            "grades": (*grades, RULES.grades[-1]),
            "hold_back": RULES.hold_back.model_copy(update={"steps": steps}),
        }
    )


any_rules = st.one_of(st.just(RULES), rule_sets())


def rank(grade: str | None) -> int:
    """Position of a grade; no grade is no better than the last."""
    return len(RULES.grades) if grade is None else RULES.index_of(grade)


def judge(facts: Facts, rules: RuleSet) -> Decision:
    return evaluate(facts, rules, PRICES, decided_on=DAY)


def lowered(soh: SohInterval, by: float) -> SohInterval:
    return SohInterval(estimate=soh.estimate - by, low90=soh.low90 - by, high90=soh.high90 - by)


@st.composite
def worse(draw: st.DrawFn) -> tuple[Facts, Facts]:
    """A battery and one that is worse in one way."""
    facts = draw(batteries())
    ways = ["finding"]
    if facts.soh is not None:
        ways += ["soh", "soh", "no_soh"]
    if facts.quantities:
        ways += ["quantity", "quantity"]
    if facts.history == "known":
        ways += ["history"]
    way = draw(st.sampled_from(ways))
    change: dict[str, Any]
    if way == "soh" and facts.soh is not None:
        change = {"soh": lowered(facts.soh, draw(st.floats(0, 0.5)))}
    elif way == "no_soh":
        change = {"soh": None}
    elif way == "quantity":
        name = draw(st.sampled_from(sorted(facts.quantities)))
        value = facts.quantities[name] + draw(st.floats(0, 2))
        change = {"quantities": {**facts.quantities, name: value}}
    elif way == "history":
        change = {"history": "unknown"}
    else:
        change = {"findings": (*facts.findings, "swollen")}
    return facts, facts.model_copy(update=change)


@relaxed
@given(pair=worse(), rules=any_rules)
def test_a_worse_battery_never_gets_a_better_grade_or_use(pair: tuple[Facts, Facts], rules: RuleSet) -> None:
    before, after = judge(pair[0], rules), judge(pair[1], rules)
    if before.verdict != "no_verdict" and after.verdict != "no_verdict":
        assert rank(after.grade) >= rank(before.grade)
        assert VERDICTS[after.verdict] >= VERDICTS[before.verdict]
    if after.verdict == "pass":
        assert before.verdict == "pass"
    assert rank(after.worst) >= rank(before.worst)
    if pair[1].soh is not None or pair[0].soh is None:  # losing the estimate opens the range to both sides
        assert rank(after.best) >= rank(before.best)
    for one, two in zip(before.uses, after.uses, strict=True):
        if STATUSES[two.status] < STATUSES[one.status]:
            # Losing the estimate turns a known unfit into an unknown: never into a fit.
            assert pair[1].soh is None
            assert two.status == "undecided"


@relaxed
@given(facts=batteries(), rules=any_rules, data=st.data())
def test_a_missing_input_is_unknown_and_brackets_whatever_it_may_be(
    facts: Facts, rules: RuleSet, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(QUANTITIES))
    value = data.draw(st.floats(-0.5, 3))
    known = judge(facts.model_copy(update={"quantities": {**facts.quantities, name: value}}), rules)
    perfect = judge(facts.model_copy(update={"quantities": {**facts.quantities, name: -1.0}}), rules)
    rest = {key: kept for key, kept in facts.quantities.items() if key != name}
    missing = judge(facts.model_copy(update={"quantities": rest}), rules)
    all_steps = [*missing.steps, *(step for use in missing.uses for step in use.steps)]
    about = [step for step in all_steps if step.params.get("quantity") == name]
    assert all(step.outcome == "unknown" and step.value is None for step in about)
    assert rank(missing.best) <= rank(known.best)
    assert rank(missing.worst) >= rank(known.worst)
    if missing.verdict == "pass":
        assert rank(missing.grade) >= rank(perfect.grade)
    for one, two in zip(perfect.uses, missing.uses, strict=True):
        assert STATUSES[two.status] >= STATUSES[one.status]


@relaxed
@given(facts=batteries(), rules=any_rules)
def test_verdicts_are_safe_and_open_grades_are_told(facts: Facts, rules: RuleSet) -> None:
    found = judge(facts, rules)
    if facts.findings:
        assert found.verdict == "quarantine"
    elif facts.soh is None:
        assert (found.verdict, found.grade) == ("no_verdict", None)
    elif facts.soh.low90 < rules.reuse_soh_min <= facts.soh.high90:
        assert found.verdict == "no_verdict"
    if found.verdict == "pass":
        assert facts.soh is not None
        assert facts.soh.low90 >= rules.reuse_soh_min
        assert rank(found.best) <= rank(found.grade) <= rank(found.worst)
        lows = [grade.soh_min.value for grade in rules.grades]
        spans = sum(low <= facts.soh.low90 for low in lows) != sum(low <= facts.soh.high90 for low in lows)
        assert found.straddles == spans
    for use in found.uses:
        assert use.steps
        if use.status in ("fits", "conditional"):
            assert found.verdict == "pass"
        if use.use == "electric_bicycle":
            assert use.status == "blocked"


@relaxed
@given(facts=batteries(), rules=any_rules)
def test_values_keep_their_order_and_follow_the_verdict(facts: Facts, rules: RuleSet) -> None:
    found = judge(facts, rules)
    value = found.value
    assert value is not None
    fitting = {use.use for use in found.uses if use.status in ("fits", "conditional")}
    for offer in value.offers:
        assert (offer.net is None) == (offer.missing is not None)
        if offer.net is not None:
            assert offer.net.low <= offer.net.value <= offer.net.high
        if offer.kind == "reuse":
            assert offer.name in fitting
    nets = [offer.net.value for offer in value.offers if offer.net is not None]
    if value.better is not None:
        assert value.better.net is not None
        assert value.better.net.value == max(nets)
        assert found.verdict != "no_verdict"
    elif found.verdict != "no_verdict":
        assert not nets
