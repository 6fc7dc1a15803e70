"""The checks before energy in whole runs on a bench in memory: told, in order, nothing moved by a refusal."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from station.engine.base.instruments import Instruments
from station.engine.base.live import LiveWriter
from station.engine.base.stop import StopFlags
from station.engine.before.gate import Gate
from station.engine.record.journal import read_journal
from station.engine.run import Ended, Run
from station.errors import CheckFailed
from station.safety.checks.instruments import InstrumentFacts
from tests.station.engine.fakes import FakeBench, make_job

SENSORS = [{"driver": "scanner", "inputs": [{"number": 1, "role": "cell_surface"}]}]
PACK = {
    "level": "pack",
    "series_cells": 18,
    "limits": {
        "voltage_min_V": 40,
        "voltage_max_V": 72,
        "charge_current_max_A": 60,
        "discharge_current_max_A": 60,
        "power_max_W": 5000,
    },
}


def run(fake: FakeBench, live: LiveWriter, run_dir: Path, channel: dict[str, Any]) -> Ended:
    job = make_job(run_dir, channel=channel)
    return Run(job, live, StopFlags(), opener=fake.open, make_clock=lambda _speed, _begin_s: fake.clock).run()


def events(run_dir: Path) -> list[dict[str, Any]]:
    return list(read_journal(run_dir / "journal.jsonl").events)


def rules(run_dir: Path) -> list[str]:
    return [event["params"]["rule"] for event in events(run_dir) if "rule" in event["params"]]


def test_every_rule_is_on_record_also_when_it_passes(live: LiveWriter, tmp_path: Path) -> None:
    power = {"driver": "source", "expect": {"model": "SOURCE"}}
    ended = run(FakeBench(), live, tmp_path, {"power": power, "sensors": SENSORS})
    assert ended.outcome.outcome == "completed", ended
    assert rules(tmp_path) == [
        "guard_present",
        "identity",
        "identity",
        "calibration",
        "watchdog_or_cutoff",
        "precharge_wired",
        "reading_present",
        "polarity",
        "no_battery",
        "voltage_agreement",
        "bms_fault",
        "bms_fresh",
        "bms_agreement",
        "overdischarged",
        "ocv_window",
        "cell_window",
        "temperature",
        "plan_current",
        "plan_power",
        "not_rested",
        "contact_current",
        "contact_evidence",
        "contact_plausible",
    ]
    told = [event for event in events(tmp_path) if event["params"].get("rule") == "identity"]
    assert [event["code"] for event in told] == ["engine.check", "engine.identity_unknown"]
    assert told[0]["params"]["answered"].startswith("manufacturer FAKE, model SOURCE")


def test_wrong_instruments_are_all_listed_and_nothing_is_said_to_them(
    live: LiveWriter, tmp_path: Path
) -> None:
    fake = FakeBench()
    wrong = {
        "power": {"driver": "source", "expect": {"serial": "2"}},
        "sensors": [{**SENSORS[0], "expect": {"model": "34970A"}}],
    }
    ended = run(fake, live, tmp_path, wrong)
    assert (ended.outcome.outcome, ended.outcome.code) == ("check_failed", "safety.check.identity")
    assert ended.outcome.params["expected"] == "serial 2"
    assert ended.outcome.params["wrong"] == "serial"
    assert fake.source.log == []
    assert fake.source.closed == 1
    refused = [event for event in events(tmp_path) if event["params"].get("rule") == "identity"]
    assert [(e["params"]["place"], e["level"]) for e in refused] == [
        ("power", "alarm"),
        ("sensors[0]", "alarm"),
    ]


@pytest.mark.parametrize(
    ("policy", "code"), [("refuse", "safety.check.calibration"), ("warn", "run.completed")]
)
def test_an_expired_calibration(live: LiveWriter, tmp_path: Path, policy: str, code: str) -> None:
    fake = FakeBench()
    power = {"driver": "source", "calibration": {"due": "2020-01-31", "certificate": "K-7"}}
    job = make_job(tmp_path, channel={"power": power})
    bench = job.bench.model_dump(mode="json", by_alias=True) | {"calibration": policy}
    job = make_job(tmp_path, channel={"power": power}, bench=bench)
    ended = Run(
        job, live, StopFlags(), opener=fake.open, make_clock=lambda _speed, _begin_s: fake.clock
    ).run()
    assert ended.outcome.code == code, ended
    if policy == "refuse":
        assert [name for _, name, _ in fake.source.log] == ["make_safe"]
        assert ended.outcome.params["certificate"] == "K-7"
    else:
        assert any(event["code"] == "engine.calibration_expired" for event in events(tmp_path))


def test_the_due_day_itself_is_still_good(tmp_path: Path) -> None:
    told: list[str] = []
    today = datetime.date(2026, 5, 1)
    gate = Gate(
        make_job(tmp_path),
        note=lambda code, _level, _params: told.append(code),
        turn=lambda: None,
        today=lambda: today,
    )
    facts = InstrumentFacts("power", "source", {"model": "S"}, {"model": "S"}, due=today)
    gate.instruments(Instruments(facts=[facts]))
    today += datetime.timedelta(days=1)
    with pytest.raises(CheckFailed):
        gate.instruments(Instruments(facts=[facts]))
    assert told == ["engine.check"] * 4


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, "safety.check.insulation_unknown"),
        ({"accept_no_insulation": "IMD of the stand"}, "run.completed"),
    ],
)
def test_a_pack_above_60_V_without_insulation_value(
    live: LiveWriter, tmp_path: Path, change: dict[str, Any], code: str
) -> None:
    fake = FakeBench()
    fake.cell.ocv_V, fake.cell.ohm = 64.8, 0.03
    ended = run(fake, live, tmp_path, {**PACK, **change})
    assert ended.outcome.code == code, ended
    accepted = [event for event in events(tmp_path) if event["code"] == "engine.insulation_accepted"]
    assert [event["params"]["by"] for event in accepted] == (["IMD of the stand"] if change else [])
    if not change:
        assert not fake.source.said("output_on")


def test_an_instrument_that_is_absent_does_not_hide_who_answered(live: LiveWriter, tmp_path: Path) -> None:
    fake = FakeBench()
    fake.missing = {"scanner"}
    ended = run(fake, live, tmp_path, {"sensors": SENSORS})
    assert ended.outcome.code == "driver.instrument"
    assert "identity" in rules(tmp_path)
    assert not fake.source.said("output_on")
