"""Whole runs through the wire, and every refusal that must leave the battery untouched."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from profiles import load, resolve
from station.engine.record.journal import read_journal
from station.engine.record.runfile import finalise
from tests.scenarios.engine.harness import CELL, SHORT, Guard, Process, SimBench, ended, plan_of

Start = Callable[..., Process]


def never_energised(sim: SimBench, process: Process, run_dir: Path) -> None:
    """Nothing was switched on: not by the events, not by the journal, not in the battery."""
    truth = sim.truth()
    assert truth["charge_Ah"] == 0.0
    assert truth["output_on"] == [False]
    assert not truth["cutoff_closed"]
    assert not any(line.get("code") == "engine.energised" for line in process.lines)
    journal = read_journal(run_dir / "journal.jsonl")
    assert journal.end is not None
    assert not any(event["code"] == "engine.energised" for event in journal.events)


@pytest.mark.parametrize(("timing", "speed"), [("commanded", 20.0), ("sequenced", 20.0)])
def test_a_rapid_run_is_complete(
    healthy: SimBench, shared_guard: Guard, worker: Start, tmp_path: Path, timing: str, speed: float
) -> None:
    healthy.reset(speed=speed)
    profile = load("rapid").model_copy(update={"timing": timing})
    plan = resolve(profile, nominal_capacity_Ah=20.0).as_dict()
    process = worker(shared_guard, plan, speed=speed)
    end = process.wait_for(ended, 50)
    assert (end["outcome"], end["exit_code"]) == ("completed", 0), end
    assert end["safe"] == {
        "verified": True, "output_on": False, "current_A": end["safe"]["current_A"], "cutoff_open": True,
        "problems": [],
    }  # fmt: skip
    assert process.child.wait(10) == 0
    journal = read_journal(tmp_path / "runs" / "r0" / "journal.jsonl")
    assert journal.end is not None
    assert journal.end["outcome"] == "completed"
    # Every edge is on record, where it was asked for within what the host can do at this speed.
    assert [edge["segment"] for edge in journal.edges] == [1, 2, 3, 4, 5, 6]
    assert all(abs(edge["achieved_s"] - edge["asked_s"]) < 0.5 for edge in journal.edges)
    current = journal.column("current_A")
    assert current.max() == pytest.approx(50.0, abs=0.5)
    assert current.min() == pytest.approx(-50.0, abs=0.5)
    assert {event["code"] for event in journal.events} >= {
        "engine.ocv_drift",
        "engine.contact",
        "engine.sampling",
    }
    t = journal.column("t_s")
    assert (t[1:] > t[:-1]).all()
    truth = healthy.truth()
    assert truth["current_A"] == 0.0
    assert not truth["cutoff_closed"]
    table = pq.read_table(finalise(tmp_path / "runs" / "r0"))
    assert table.num_rows == len(journal.samples)
    assert {"Test Time / s", "Voltage / V", "Current / A", "Step Count / 1"} <= set(table.column_names)


@pytest.mark.parametrize(
    ("fault", "battery", "chemistry", "code"),
    [
        ("polarity_reversed", CELL, "NMC", "safety.check.polarity"),
        ("sense_open", CELL, "NMC", "safety.check.voltage_agreement"),
        (None, CELL, "LFP", "safety.check.ocv_window"),
        ("estop", CELL, "NMC", "guard.estop_open"),
        ("interlock", CELL, "NMC", "guard.interlock_open"),
    ],
)
def test_refusals_energise_nothing(
    healthy: SimBench,
    shared_guard: Guard,
    worker: Start,
    tmp_path: Path,
    fault: str | None,
    battery: dict[str, Any],
    chemistry: str,
    code: str,
) -> None:
    healthy.ask("connect", channel="1", battery=battery)
    if fault == "estop":
        healthy.ask("estop", pressed=True)
    elif fault == "interlock":
        healthy.ask("interlock", open=True)
    elif fault is not None:
        healthy.ask("fault", channel="1", name=fault)
    process = worker(shared_guard, plan_of(SHORT), chemistry=chemistry)
    end = process.wait_for(ended)
    assert (end["outcome"], end["code"], end["exit_code"]) == ("check_failed", code, 5), end
    assert end["remedy"]
    assert end["safe"]["verified"]
    assert process.child.wait(10) == 5
    never_energised(healthy, process, tmp_path / "runs" / "r0")
    assert not healthy.truth()["fuse_blown"]


def test_a_cell_that_has_not_rested_is_refused(
    healthy: SimBench, shared_guard: Guard, worker: Start, tmp_path: Path
) -> None:
    healthy.ask(
        "connect", channel="1", battery={**CELL, "relaxation_drift_mV": 60.0, "relaxation_time_s": 120.0}
    )
    steps = [{"step": "ocv_check", "duration_s": 10, "drift_max_mV_per_min": 6}, *SHORT]
    process = worker(shared_guard, plan_of(steps))
    end = process.wait_for(ended)
    assert (end["outcome"], end["code"]) == ("check_failed", "safety.check.not_rested"), end
    assert process.child.wait(10) == 5
    never_energised(healthy, process, tmp_path / "runs" / "r0")


@pytest.mark.parametrize(
    ("change", "ended_as"),
    [
        (
            {"driver": "no-such-driver", "address": "tcp://127.0.0.1:1"},
            ("instrument_fault", "driver.unknown", 4),
        ),
        (
            {"driver": "delta-sm15k", "address": "tcp://127.0.0.1:1"},
            ("instrument_fault", "driver.transport", 4),
        ),
        ({"expect": {"model": "SM500-CP-90"}}, ("check_failed", "safety.check.identity", 5)),
        ({"expect": {"serial": "000000000000"}}, ("check_failed", "safety.check.identity", 5)),
    ],
)
def test_a_missing_or_wrong_instrument_is_named(
    healthy: SimBench,
    shared_guard: Guard,
    worker: Start,
    change: dict[str, Any],
    ended_as: tuple[str, str, int],
) -> None:
    bench = healthy.bench()
    bench["channels"][0]["power"] |= change
    process = worker(shared_guard, plan_of(SHORT), bench=bench)
    end = process.wait_for(ended)
    assert (end["outcome"], end["code"], end["exit_code"]) == ended_as, end
    assert process.child.wait(10) == ended_as[2]
    assert healthy.truth()["charge_Ah"] == 0.0


def test_bad_contact_is_found_before_anything_larger_is_driven(
    healthy: SimBench, shared_guard: Guard, worker: Start, tmp_path: Path
) -> None:
    """The sense leads come off between the checks and the contact pulse."""
    healthy.reset(speed=4.0)
    steps = [{"step": "rest", "duration_s": 6.0}, *SHORT]
    process = worker(shared_guard, plan_of(steps, timing="commanded"), speed=4.0)
    process.wait_for(lambda line: line.get("state") == "running")
    healthy.ask("fault", channel="1", instrument="delta-sm15k", name="sense_open")
    end = process.wait_for(ended)
    assert end["outcome"] in ("check_failed", "limit_tripped")
    assert end["exit_code"] == 5
    assert end["code"] in ("safety.check.contact_resistance", "safety.voltage_agreement"), end
    journal = read_journal(tmp_path / "runs" / "r0" / "journal.jsonl")
    assert abs(journal.column("current_A")).max() < 2.5  # the contact pulse is 0.1 C = 2 A


def test_no_battery_is_named(healthy: SimBench, shared_guard: Guard, worker: Start) -> None:
    """A flat cell reads almost nothing: that is no battery, not a battery at 0 V."""
    bench = healthy.bench()
    bench["channels"][0]["sensors"] = []
    healthy.ask("fault", channel="1", instrument="delta-sm15k", name="sense_open")
    process = worker(shared_guard, plan_of(SHORT), bench=bench)
    end = process.wait_for(ended)
    assert end["code"] == "safety.check.no_battery", end
    assert healthy.truth()["charge_Ah"] == 0.0


def test_speed_of_bench_and_job_must_agree(healthy: SimBench, shared_guard: Guard, worker: Start) -> None:
    process = worker(shared_guard, plan_of(SHORT), speed=1.0)
    end = process.wait_for(ended)
    assert (end["code"], end["exit_code"]) == ("usage.speed", 2), end
    assert healthy.truth()["charge_Ah"] == 0.0
