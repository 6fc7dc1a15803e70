"""The past of a battery through the whole service: intake data, records, the run's own BMS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from station.cli.main import invoke
from station.errors import UsageError
from station.records import open_records
from station.service.client import ServiceClient
from station.service.run import run_to_end
from tests.station.service import fake_history_analysis, fakes
from tests.station.service.running import request, running_service

EARLIER = "20250101T000000-1-aaaaaa"
CODE = "02LCB02100101A87Y0026421"
"""A cell of 2018-07-31; the letter B says LFP."""


def put_earlier(data: Path, battery: str, run_id: str, **result: Any) -> None:
    """A completed test of the same code, as an earlier service has left it."""
    with open_records(data) as records:
        records.register_battery(battery, nominal_capacity_Ah=20.0)
        records.start_run(
            run_id=run_id, battery=battery, bench="testbench", channel="1", profile="screen",
            plan_digest="x", nominal_capacity_Ah=20.0, chemistry=None, speed=1.0, simulated=False,
        )  # fmt: skip
        records.update_run(run_id, state="ended", outcome="completed")
        kept = {"abstained": False, "series_cells": 1, "blocks": [], **result}
        records.save_result(run_id, kept, version="0")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def client(data: Path) -> Iterator[ServiceClient]:
    own = {"soh": {"estimate": 0.85, "low90": 0.82, "high90": 0.88}}
    joined = {"soh": {"estimate": 0.60, "low90": 0.58, "high90": 0.62}}
    known = {"mileage_km": 90_000.0, "bms": {"soh_pct": 86.0}}
    past = {"pulse_soh": own["soh"], "known": known}
    put_earlier(data, CODE, EARLIER, **joined, history=past)
    config = fakes.config(
        data, finalise=fake_history_analysis.finalise, diagnose=fake_history_analysis.diagnose
    )
    with running_service(config) as running:
        yield running


def test_everything_known_meets_in_the_verdict(
    client: ServiceClient, data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATION_LANG", "en")
    intake = {"mileage_km": 100_000, "use": "private", "bms": {"soh_pct": 99, "cycle_count": 65535}}
    result = run_to_end(client, request(CODE, chemistry="LFP", intake=intake))
    past = result["history"]
    sources = {one["name"]: one for one in past["sources"]}
    assert past["pulse_soh"] == {"estimate": 0.83, "low90": 0.80, "high90": 0.86}
    # The run's own BMS goes before the papers; what the earlier test had joined does not come again.
    assert sources["bms_soh"]["soh"] == pytest.approx(0.84)
    assert sources[f"earlier:{EARLIER}"]["params"]["said"] == 0.85
    assert sources["cycle_count"]["why"] == "sentinel"
    assert sources["age"]["params"]["years"] > 7
    assert sum(one["weight"] for one in past["sources"]) == pytest.approx(1.0)
    assert (past["basis"], past["confidence"], past["contradictions"]) == ("pulses", "supported", [])
    assert result["soh"] == past["soh"] != past["pulse_soh"]
    assert result["decision"]["facts"]["soh"] == result["soh"]
    row = client.run(result["run_id"])
    assert row["soh"] == result["soh"]["estimate"]
    assert [event["params"] for event in row["events"] if event["code"] == "history.intake"] == [intake]
    for command in (["explain"], ["records", "show"]):
        assert invoke([*command, result["run_id"], "--data", str(data)]) == 0
        told = capsys.readouterr().out
        assert "SOH by the BMS" in told
        assert f"earlier test {EARLIER}" in told
    assert invoke(["replay", result["run_id"], "--data", str(data)]) == 0
    assert invoke(["decide", result["run_id"], "--save", "--data", str(data)]) == 0
    assert invoke(["replay", result["run_id"], "--data", str(data)]) == 0
    changed = json.loads(json.dumps(result["decision"]))
    changed["history"]["facts"]["bms"]["values"]["soh_pct"] = 99.0
    (data / "changed.json").write_text(json.dumps(changed), encoding="utf-8")
    assert invoke(["replay", str(data / "changed.json"), "--data", str(data)]) != 0


def test_an_soh_that_rose_lowers_the_confidence(client: ServiceClient, data: Path) -> None:
    rose = {"estimate": 0.7, "low90": 0.68, "high90": 0.72}
    put_earlier(data, "GOOD-ROSE", "20250103T000000-1-cccccc", soh=rose)
    result = run_to_end(client, request("GOOD-ROSE"))
    past = result["history"]
    assert [one["name"] for one in past["contradictions"]] == ["soh_rose"]
    assert past["confidence"] == "contradicted"
    width = result["soh"]["high90"] - result["soh"]["low90"]
    assert width == pytest.approx(0.06 * 1.5)
    assert {one["name"] for one in past["sources"] if one["why"] is None} == {"pulses", "bms_soh"}


def test_an_abstention_stays_one_whatever_the_past_says(client: ServiceClient) -> None:
    result = run_to_end(client, request("GOOD-ABSTAINS", intake={"age_years": 5, "use": "taxi"}))
    assert (result["soh"], result["grade"], result["verdict"]) == (None, None, "no_verdict")
    assert (result["abstained"], result["reason_code"]) == (True, "foreign_pattern")
    past = result["history"]
    assert past["basis"] == past["confidence"] == "history_only"
    assert 0.7 < past["soh"]["estimate"] < 0.95
    assert "soh" not in result["decision"]["facts"]


def test_wrong_intake_data_refuse_the_start(client: ServiceClient) -> None:
    with pytest.raises(UsageError) as refused:
        client.start_run(request("GOOD-WRONG", intake={"mileage_km": -5}))
    assert (refused.value.code, refused.value.params["field"]) == ("usage.intake", "mileage_km")
