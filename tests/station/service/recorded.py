"""A data folder with people and a few tests on record: real recordings, really diagnosed."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np

from station.models.rulebook import KnownFacts
from station.rawfiles import read_record, write_run_parquet
from station.records import Records, open_records
from station.reports.decision import facts_of, with_decision
from station.reports.diagnose import diagnose_file
from station.service.persons import add_person

ADMIN, ENGINEER, OPERATOR = ("Ada Admin", "135790"), ("王工", "246801"), ("Otto", "975310")
RUNS = Path(__file__).parents[2] / "data" / "runs"
BADGE = "#ID#ENGINEER-BADGE-7#"


def people(records: Records) -> None:
    """One of each role; the engineer has a badge as well."""
    add_person(records, "test", ADMIN[0], "admin", ADMIN[1], None)
    add_person(records, "test", ENGINEER[0], "engineer", ENGINEER[1], BADGE)
    add_person(records, "test", OPERATOR[0], "operator", OPERATOR[1], None)


def pulse_run(r0: float, offset_s: float, step_s: float = 0.05) -> dict[str, np.ndarray[Any, Any]]:
    """A rest, a charge and a discharge pulse of 5 s at 2 C on a cell of 20 Ah, two time constants."""
    t = np.arange(0.0, offset_s + 160.0, step_s)
    current = np.zeros(len(t))
    for begin, amperes in ((offset_s + 20.0, 40.0), (offset_s + 90.0, -40.0)):
        current[(t >= begin) & (t < begin + 5.0)] = amperes
    volts, fast, slow = np.empty(len(t)), 0.0, 0.0
    for k, amperes in enumerate(current):
        fast += (amperes * 0.4 * r0 - fast) * step_s / 0.8
        slow += (amperes * 0.9 * r0 - slow) * step_s / 14.0
        volts[k] = 3.31 + amperes * r0 + fast + slow
    return {"Test Time / s": t, "Current / A": current, "Voltage / V": volts}


def a_run(records: Records, number: int, battery: str, capacity_Ah: float, recording: Path | None) -> str:
    """One test from its samples (None: made up, R0 2.4 mΩ) to its decision. Returns its id."""
    run_id = f"2026112{number}T080000-{number}-00000{number}"
    folder = records.folder / "runs" / run_id
    folder.mkdir(parents=True)
    path = folder / "run.parquet"
    if recording is not None:
        shutil.copyfile(recording, path)
    else:
        write_run_parquet(path, pulse_run(2.4e-3, 5.0), {"nominal_capacity_Ah": 20.0, "chemistry": "LFP"})
    found = diagnose_file(path, nominal_capacity_Ah=capacity_Ah, chemistry="LFP")
    result = with_decision(found, facts_of(found, KnownFacts(chemistry="LFP", level="cell")))
    result["files"] = []
    samples = read_record(path).samples
    assert samples is not None
    records.register_battery(battery, nominal_capacity_Ah=capacity_Ah, chemistry="LFP")
    records.start_run(
        run_id=run_id, battery=battery, bench="testbench", channel=str(number), profile="rapid",
        plan_digest="0" * 64, nominal_capacity_Ah=capacity_Ah, chemistry="LFP", speed=1.0, simulated=True,
    )  # fmt: skip
    soh = result["soh"] or {"estimate": None, "low90": None, "high90": None}
    records.add_event("run.started", {"channel": str(number), "battery": battery}, run_id=run_id, t_s=0.0)
    records.save_result(run_id, result, version="test")
    records.add_file(run_id, path, "run")
    records.update_run(
        run_id, state="ended", outcome="completed", exit_code=0, verdict=result["verdict"],
        grade=result["grade"], soh=soh["estimate"], soh_low90=soh["low90"], soh_high90=soh["high90"],
        duration_s=float(samples.time_s[-1]), ended_utc="2026-11-28T09:00:00.000000Z",
    )  # fmt: skip
    records.add_event("run.ended", {"verdict": result["verdict"], "grade": result["grade"]}, run_id=run_id)
    return run_id


def filled(folder: Path) -> list[str]:
    """People and four tests: two that passed, one without a verdict, one stopped by a limit."""
    with open_records(folder) as records:
        people(records)
        ids = [
            a_run(records, 1, "04QCB76G88201JD1A0000017", 35.0, RUNS / "lfp35_rapid.parquet"),
            a_run(records, 2, "04QCB76G88201JD1A0000018", 20.0, RUNS / "lfp20_rapid.parquet"),
            a_run(records, 3, "08RPE21B55103KA4C0000209", 20.0, None),
        ]
        records.start_run(
            run_id="20261124T080000-1-000004", battery="04QCB76G88201JD1A0000017", bench="testbench",
            channel="1", profile="screen", plan_digest="0" * 64, nominal_capacity_Ah=20.0, chemistry="LFP",
            speed=1.0, simulated=True,
        )  # fmt: skip
        trip = {"value": 4.312, "limit": 4.25, "unit": "V", "source": "chemistry", "rule": "voltage_max"}
        records.add_event(
            "safety.voltage_max", trip, level="alarm", run_id="20261124T080000-1-000004", t_s=3.2
        )
        error = {"code": "safety.voltage_max", "message": "voltage too high", "remedy": "", "params": trip}
        records.update_run(
            "20261124T080000-1-000004", state="ended", outcome="limit_tripped", exit_code=5, error=error
        )
    return [*ids, "20261124T080000-1-000004"]
