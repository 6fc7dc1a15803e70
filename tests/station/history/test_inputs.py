"""Bad papers are refused by name, bad values of a BMS are left out with their reason."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from station.diagnosis.history import HistoryFacts, HistoryRules, judge_history, read_bms, replay_history
from station.errors import DataError, UsageError
from station.messages import codes
from station.models.rulebook import load_intake
from station.reports.history import check_intake
from tests.station.history.conftest import earlier, facts

TODAY = "2026-06-01"


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"mileage_km": -1}, "mileage_km"),
        ({"mileage_km": "120000 km"}, "mileage_km"),
        ({"mileage_km": math.nan}, "mileage_km"),
        ({"mileage_km": 120_000_000}, "mileage_km"),
        ({"mileage_miles": 5}, "mileage_miles"),
        ({"use": "race"}, "use"),
        ({"climate": "lunar"}, "climate"),
        ({"age_years": 140}, "age_years"),
        ({"made_on": "2027-01-01"}, "made_on"),
        ({"made_on": "2026-07"}, "made_on"),
        ({"made_on": "2021-02-30"}, "made_on"),
        ({"made_on": "12.03.2021"}, "made_on"),
        ({"age_years": 2, "storage_years": 3}, "intake"),
        ({"printed_capacity_Ah": 0}, "printed_capacity_Ah"),
        ({"bms": {"cycles": 5}}, "bms"),
        ({"bms": {"soh_pct": {"a": 1}}}, "bms"),
    ],
)
def test_wrong_intake_data_are_refused_by_field(data: dict[str, Any], field: str) -> None:
    with pytest.raises(UsageError) as refused:
        check_intake(data, today=TODAY)
    assert (refused.value.code, refused.value.params["field"]) == ("usage.intake", field)


def test_good_intake_data_stay_as_they_are() -> None:
    data = {"made_on": "2026-06", "mileage_km": 0.0, "use": "taxi", "bms": {"soh_pct": 80.0}}
    assert check_intake(data, today=TODAY) == data
    assert check_intake({}, today=TODAY) is None
    assert check_intake({"bms": {"soh_pct": math.nan}}, today=TODAY) == {"bms": {"soh_pct": "nan"}}


def test_a_wrong_file_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "intake.yaml"
    path.write_text("use: taxi\nmileage_km: -5\n", encoding="utf-8")
    with pytest.raises(DataError) as refused:
        load_intake(path)
    assert (refused.value.code, refused.value.params["line"]) == ("data.intake", 2)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (255, "sentinel"),
        (127.5, "sentinel"),
        (127, "sentinel"),
        (655.35, "sentinel"),
        (100.5, "over_100"),
        (0, "zero"),
        (0.85, "unit_unclear"),
        (-3, "negative"),
        (math.nan, "not_a_number"),
        (math.inf, "not_a_number"),
        ("88", "not_a_number"),
        (True, "not_a_number"),
        (None, "not_available"),
    ],
)
def test_an_soh_that_is_none_is_named_and_not_used(rules: HistoryRules, said: Any, why: str) -> None:
    assert read_bms({"soh_pct": said}).refused == {"soh_pct": why}
    found = judge_history(facts(0.83, bms={"soh_pct": said}), rules)["outcome"]
    source = next(one for one in found["sources"] if one["name"] == "bms_soh")
    assert (source["why"], source["weight"]) == (why, 0.0)
    assert f"history.why.{why}" in codes("en")


def test_good_values_are_kept_and_unknown_signals_ignored() -> None:
    read = read_bms({"soh_pct": 100, "cycle_count": 812, "pack_voltage_V": 355.0, "chemistry_code": 3})
    assert read.values == {"soh_pct": 100.0, "cycle_count": 812.0}
    assert (read.chemistry, read.refused) == ("LFP", {})


@pytest.mark.parametrize(
    ("age", "intake"),
    [(5.0, {"age_years": 5.0}), (4.4, {"made_on": "2022-01"}), (-1.6, {})],
)
def test_age_comes_from_papers_before_the_code(
    rules: HistoryRules, age: float, intake: dict[str, Any]
) -> None:
    known = facts(0.83, intake=intake, made_on="2027-12-31")
    assert known.age_years == pytest.approx(age, abs=0.05)
    source = judge_history(known, rules)["outcome"]["sources"][1]
    assert (source["why"] == "made_in_future") == (age < 0)


def test_years_in_store_age_less(rules: HistoryRules) -> None:
    def age_soh(**intake: Any) -> float:
        sources = judge_history(facts(0.83, intake=intake), rules)["outcome"]["sources"]
        return float(next(one["soh"] for one in sources if one["name"] == "age"))

    taxi = age_soh(age_years=6, use="taxi")
    rested = age_soh(age_years=6, use="taxi", storage_years=4)
    assert taxi == pytest.approx(1 - 6 * rules.ageing.fade_per_year["taxi"].value)
    assert taxi < rested < age_soh(age_years=6, use="storage")
    assert age_soh(age_years=6, use="taxi", climate="hot") < taxi


def kept(rules: HistoryRules) -> dict[str, Any]:
    known: HistoryFacts = facts(
        0.83,
        bms={"soh_pct": 90, "cycle_count": 500, "faults": ["x"]},
        intake={"age_years": 5, "mileage_km": 90_000, "use": "bus", "climate": "hot"},
        earlier=[earlier(0.86), earlier(None, "2025-05-05")],
    )
    text = json.dumps(judge_history(known, rules), sort_keys=True)
    again: dict[str, Any] = json.loads(text)
    return again


def test_a_stored_join_replays_from_itself(rules: HistoryRules) -> None:
    assert replay_history(kept(rules)) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda stored: stored["facts"]["intake"].update(age_years=1.0),
        lambda stored: stored["rules"]["content"]["joining"]["weight_max"].update(value=0.9),
        lambda stored: stored["outcome"]["soh"].update(estimate=0.99),
        lambda stored: stored.update(evaluator="0"),
    ],
)
def test_a_changed_join_does_not_pass(rules: HistoryRules, change: Any) -> None:
    stored = kept(rules)
    change(stored)
    assert replay_history(stored) != []


def test_what_is_no_join_is_refused(rules: HistoryRules) -> None:
    with pytest.raises(ValueError, match="format"):
        replay_history({"format": "x"})
    stored = kept(rules)
    del stored["facts"]
    with pytest.raises(ValueError, match="lacks"):
        replay_history(stored)
