"""What does not fit is named, costs confidence, and has no weight."""

from __future__ import annotations

import typing
from typing import Any

import pytest

from station.diagnosis.history import HistoryRules, judge_history
from station.diagnosis.history.rules import ContradictionName
from station.messages import codes, say
from tests.station.history.conftest import earlier, facts, soh

CASES: list[tuple[str, dict[str, Any]]] = [
    ("source_outside", {"bms": {"soh_pct": 65}, "estimate": 0.95}),
    ("sources_disagree", {"estimate": None, "bms": {"soh_pct": 99}, "earlier": [earlier(0.60)]}),
    ("chemistry_differs", {"pulse_chemistry": "LFP", "bms": {"chemistry_code": 6}}),
    ("chemistry_differs", {"pulse_chemistry": "LFP", "letter": "E", "letter_chemistry": "NMC"}),
    ("chemistry_letter_differs", {"pulse_chemistry": "NMC", "letter": "C", "letter_chemistry": "LMO"}),
    ("soh_rose", {"estimate": 0.90, "earlier": [earlier(0.85)]}),
    ("bms_soh_rose", {"bms": {"soh_pct": 90}, "earlier": [earlier(0.84, bms={"soh_pct": 80.0})]}),
    ("resistance_fell", {"resistance_mohm": 1.0, "earlier": [earlier(0.84, resistance_mohm=2.0)]}),
    (
        "counter_backwards",
        {"bms": {"cycle_count": 5}, "earlier": [earlier(0.84, bms={"cycle_count": 900.0})]},
    ),
    (
        "counter_backwards",
        {"bms": {"odometer_km": 5}, "earlier": [earlier(None, bms={"odometer_km": 900.0})]},
    ),
    ("counters_disagree", {"bms": {"charge_throughput_Ah": 40_000, "cycle_count": 100}}),
    ("mileage_backwards", {"intake": {"mileage_km": 10}, "earlier": [earlier(0.84, mileage_km=50_000.0)]}),
    ("mileage_implausible", {"intake": {"mileage_km": 400_000, "age_years": 1, "use": "private"}}),
    ("capacity_differs", {"intake": {"printed_capacity_Ah": 25}}),
    ("capacity_differs", {"bms": {"nominal_capacity_Ah": 60}}),
    ("date_differs", {"intake": {"made_on": "2019-01"}, "made_on": "2022-03-12"}),
    ("date_differs", {"intake": {"age_years": 9}, "made_on": "2022-03-12"}),
    ("cell_voltage_extreme", {"bms": {"cell_voltage_min_ever_V": 0.4}}),
    ("cell_voltage_extreme", {"given_chemistry": "LFP", "bms": {"cell_voltage_max_ever_V": 3.9}}),
    ("bms_faults", {"bms": {"faults": ["P318E"]}}),
]


@pytest.mark.parametrize(("name", "known"), CASES)
def test_each_contradiction_is_named_and_costs(rules: HistoryRules, name: str, known: dict[str, Any]) -> None:
    known = {"estimate": 0.83, **known}
    estimate = known.pop("estimate")
    found = judge_history(facts(estimate, **known), rules)["outcome"]
    assert [one["name"] for one in found["contradictions"]] == [name]
    assert found["contradictions"][0]["widening"] == rules.widening[name].value  # type: ignore[index]
    if estimate is not None:
        assert found["confidence"] == "contradicted"
        if rules.widening[name].value:  # type: ignore[index]
            assert found["factor"] >= 1 + rules.widening[name].value - 1e-9  # type: ignore[index]
    for lang in ("zh", "en"):
        text = say(f"history.contradiction.{name}", found["contradictions"][0]["params"], lang).text
        assert "–" not in text


def test_every_contradiction_has_a_figure_a_case_and_words(rules: HistoryRules) -> None:
    names = set(typing.get_args(ContradictionName))
    assert set(rules.widening) == names
    assert {name for name, _ in CASES} == names
    assert {f"history.contradiction.{name}" for name in names} <= set(codes("zh"))


def test_what_contradicts_has_no_weight_and_stays_in_the_list(rules: HistoryRules) -> None:
    found = judge_history(facts(0.95, bms={"soh_pct": 65}), rules)["outcome"]
    source = next(one for one in found["sources"] if one["name"] == "bms_soh")
    assert (source["weight"], source["why"], source["soh"]) == (0.0, "contradicts", 0.65)
    assert found["soh"]["estimate"] == pytest.approx(0.95)


def test_the_same_doubt_from_many_tests_counts_once(rules: HistoryRules) -> None:
    tests = [earlier(0.80, "2025-01-01"), earlier(0.80, "2025-06-01")]
    found = judge_history(facts(0.90, earlier=tests), rules)["outcome"]
    assert [one["name"] for one in found["contradictions"]] == ["soh_rose", "soh_rose"]
    assert found["factor"] == pytest.approx(1 + rules.widening["soh_rose"].value)


def test_hints_that_agree_are_no_contradiction(rules: HistoryRules) -> None:
    known: dict[str, Any] = {
        "pulse_chemistry": "not-LFP",
        "given_chemistry": "NMC",
        "letter": "E",
        "letter_chemistry": "NMC",
        "bms": {"chemistry": "NCM"},
        "earlier": [earlier(0.84)],
    }
    assert judge_history(facts(0.83, **known), rules)["outcome"]["contradictions"] == []


@pytest.mark.parametrize(
    ("test", "why"),
    [
        (earlier(0.84, nominal_capacity_Ah=35.0), "other_capacity"),
        (earlier(0.84, "2027-01-01"), "in_future"),
        (earlier(0.84, simulated=True), "simulation_differs"),
        (earlier(0.84, series_cells=4), "other_level"),
        (earlier(None), "no_estimate"),
    ],
)
def test_an_earlier_test_that_does_not_compare_is_told_and_not_used(
    rules: HistoryRules, test: Any, why: str
) -> None:
    found = judge_history(facts(0.83, earlier=[test]), rules)["outcome"]
    told = {one["name"]: (one["why"], one["weight"]) for one in found["sources"]}
    assert told[f"earlier:{test.run_id}"] == (why, 0.0)
    assert found["contradictions"] == []
    assert f"history.why.{why}" in codes("en")


def test_a_mean_cell_keeps_its_basis(rules: HistoryRules) -> None:
    known = {"soh": soh(0.83), "mean_cell": True, "series_cells": 4}
    found = judge_history(facts(None, **known, bms={"soh_pct": 85}), rules)["outcome"]
    assert found["basis"] == "mean_cell"
