"""Intake data are typed once: the next test of the same code finds them, and says where they are from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from station.records import Records, open_records
from station.reports.intake_memory import remembered
from station.service.history import INTAKE_EVENT, collect

THEN = {"run_id": "first", "day": "2026-01-10"}


def told_then(**intake: Any) -> list[dict[str, Any]]:
    return [{**THEN, "intake": intake}]


def started(records: Records, run_id: str, battery: str, intake: dict[str, Any] | None, **more: Any) -> None:
    records.register_battery(battery, chemistry="LFP", nominal_capacity_Ah=68.0)
    fields: dict[str, Any] = {
        "battery": battery, "bench": "one", "channel": "1", "profile": "rapid", "plan_digest": "d",
        "nominal_capacity_Ah": 68.0, "speed": 1.0, "simulated": False,
    }  # fmt: skip
    records.start_run(run_id=run_id, **{**fields, **more})
    if intake is not None:
        records.add_event(INTAKE_EVENT, intake, run_id=run_id)


def test_the_next_test_of_a_code_finds_what_was_typed_before(tmp_path: Path) -> None:
    with open_records(tmp_path) as records:
        typed = {"mileage_km": 90_000.0, "use": "taxi", "bms": {"soh_pct": 84}}
        started(records, "first", "PACK-1", typed)
        started(records, "second", "PACK-1", {"mileage_km": 95_000.0})
        started(records, "third", "PACK-1", None)
        started(records, "other", "PACK-2", None)
        started(records, "demo", "PACK-1", None, simulated=True)
        third = collect(records, "third")
        assert third["intake"] == {"mileage_km": 95_000.0, "use": "taxi"}
        assert {field: at["run_id"] for field, at in third["remembered"].items()} == {
            "mileage_km": "second",
            "use": "first",
        }
        assert collect(records, "first")["intake"] == typed
        assert [collect(records, run)["intake"] for run in ("other", "demo")] == [None, None]


def test_an_age_grows_and_what_is_told_anew_goes_first() -> None:
    known, origin = remembered(None, told_then(age_years=5.0, storage_years=1.0), today="2027-01-10")
    assert known is not None
    assert known["age_years"] == pytest.approx(6.0, abs=0.01)
    assert known["storage_years"] == 1.0
    assert origin["age_years"] == THEN
    assert remembered({"use": "bus"}, told_then(use="taxi"), today="2027-01-10") == ({"use": "bus"}, {})


@pytest.mark.parametrize(
    ("told", "before"),
    [
        ({"made_on": "2020-05"}, {"age_years": 5.0}),
        ({"age_years": 2.0}, {"storage_years": 3.0}),
        ({"age_years": 2.0}, {"made_on": "2020-05"}),
    ],
    ids=["two ages", "longer in store than old", "a day beside an age"],
)
def test_what_does_not_go_with_the_new_is_left_out(told: dict[str, Any], before: dict[str, Any]) -> None:
    assert remembered(told, told_then(**before), today="2027-01-10") == (told, {})
