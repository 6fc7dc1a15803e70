"""Second lives and dismantling."""

from __future__ import annotations

import pytest

from station.diagnosis.decision import Facts, RuleSet, SohInterval, evaluate
from station.diagnosis.decision.uses import UseResult

ALIKE = {"capacity_spread": 0.02, "resistance_spread": 0.05, "ocv_spread_V": 0.004}


def uses(facts: Facts, rules: RuleSet) -> dict[str, UseResult]:
    return {use.use: use for use in evaluate(facts, rules, decided_on="2026-11-27").uses}


def depth(facts: Facts, rules: RuleSet) -> str:
    return evaluate(facts, rules, decided_on="2026-11-27").depth.depth


def test_a_known_good_battery_fits_where_nobody_else_has_to_be_asked(good: Facts, rules: RuleSet) -> None:
    status = {name: use.status for name, use in uses(good, rules).items()}
    assert status == {
        "base_station": "fits",
        "energy_storage": "fits",
        "peak_shaving": "fits",
        "ups": "fits",
        "street_light": "fits",
        "forklift": "fits",
        "low_speed_vehicle": "conditional",
        "low_power": "conditional",
        "electric_bicycle": "blocked",
        "power_bank": "blocked",
    }


def test_electric_bicycles_are_blocked_with_the_rule_named(good: Facts, rules: RuleSet) -> None:
    (step,) = uses(good, rules)["electric_bicycle"].steps
    assert "新能源汽车废旧动力电池回收和综合利用管理暂行办法" in str(step.params["rule_zh"])
    assert step.params["since"] == "2026-04-01"
    assert step.evidence == "two_sources"
    asked_for = good.model_copy(
        update={"permitted": ("electric_bicycle",), "reviewed": ("electric_bicycle",)}
    )
    assert uses(asked_for, rules)["electric_bicycle"].status == "blocked"


@pytest.mark.parametrize(
    ("change", "expected"),
    [({"permitted": ("low_speed_vehicle",)}, "fits"), ({"refused": ("low_speed_vehicle",)}, "unfit")],
)
def test_low_speed_vehicles_depend_on_local_rules(
    good: Facts, rules: RuleSet, change: dict[str, tuple[str, ...]], expected: str
) -> None:
    assert uses(good.model_copy(update=change), rules)["low_speed_vehicle"].status == expected


def test_other_chemistries_need_review_or_do_not_fit(good: Facts, rules: RuleSet) -> None:
    def status(chemistry: str | None, reviewed: tuple[str, ...] = ()) -> str:
        facts = good.model_copy(update={"chemistry": chemistry, "reviewed": reviewed})
        return uses(facts, rules)["energy_storage"].status

    assert status("NMC") == status(None) == "conditional"
    assert status("NMC", ("energy_storage",)) == "fits"
    assert status("lead_acid", ("energy_storage",)) == "unfit"


def test_a_use_counts_the_lower_end_of_the_interval(good: Facts, rules: RuleSet) -> None:
    wide = good.model_copy(update={"soh": SohInterval(estimate=0.72, low90=0.68, high90=0.76)})
    found = uses(wide, rules)
    assert found["energy_storage"].status == "undecided"
    assert found["base_station"].status == "fits"
    assert found["forklift"].status == "unfit"


def test_missing_inputs_are_conditions(good: Facts, rules: RuleSet) -> None:
    bare = good.model_copy(update={"quantities": {}, "history": "unknown"})
    found = uses(bare, rules)["ups"]
    assert found.status == "conditional"
    missing = {step.id for step in found.steps if step.outcome == "unknown"}
    assert missing == {"use_ups.grade", "use_ups.resistance_growth", "use_ups.traceability"}


def test_traceability_can_be_made_a_bar(good: Facts, rules: RuleSet) -> None:
    assert rules.traceability is not None
    strict = rules.model_copy(
        update={"traceability": rules.traceability.model_copy(update={"effect": "no_reuse"})}
    )
    unknown = good.model_copy(update={"history": "unknown"})
    assert uses(unknown, strict)["base_station"].status == "unfit"
    assert uses(good, strict)["base_station"].status == "fits"
    pack = unknown.model_copy(update={"level": "pack", "quantities": {**good.quantities, **ALIKE}})
    assert uses(pack, strict)["base_station"].status == "fits"  # the text speaks of cells and assemblies


@pytest.mark.parametrize(
    ("level", "spreads", "expected"),
    [
        ("cell", {}, "whole"),
        ("module", ALIKE, "whole"),
        ("module", {**ALIKE, "capacity_spread": 0.2}, "to_cell"),
        ("pack", {**ALIKE, "resistance_spread": 0.3}, "to_module"),
        ("pack", {}, "undecided"),
        ("pack", {"capacity_spread": 0.01}, "undecided"),
        (None, ALIKE, "whole"),
        (None, {}, "undecided"),
    ],
)
def test_depth_follows_level_and_likeness(
    good: Facts, rules: RuleSet, level: str | None, spreads: dict[str, float], expected: str
) -> None:
    facts = good.model_copy(update={"level": level, "series_cells": None, "quantities": spreads})
    assert depth(facts, rules) == expected


def test_depth_follows_the_verdict(good: Facts, rules: RuleSet) -> None:
    low = SohInterval(estimate=0.4, low90=0.38, high90=0.42)
    assert depth(good.model_copy(update={"soh": low, "level": "pack"}), rules) == "to_material"
    assert depth(good.model_copy(update={"soh": None, "level": "pack"}), rules) == "undecided"
    assert depth(good.model_copy(update={"findings": ("leak",), "level": "pack"}), rules) == "hold"
