"""A test handed over to a (simulated) Neware channel, and everything that may go wrong while it plays it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from drivers.contracts.cycler import CyclerStep, Schedule
from drivers.contracts.power import Protection
from drivers.neware_bts8 import NewareBts8, NewareOptions
from drivers.transports.address import parse_address
from station.engine.record.journal import Journal, read_journal
from tests.scenarios.cyclers.conftest import NewareBench
from tests.scenarios.engine.harness import LONG, SHORT, Process, ended, plan_of, wait_until

Start = Callable[..., Process]
PLAN = plan_of(SHORT)


def begin(worker: Start) -> Process:
    """Until the first large pulse flows; it lasts 60 s, 3 s of real time."""
    process = worker(plan_of(LONG))
    process.wait_for(lambda line: line.get("type") == "state" and line.get("role") == "charge_pulse")
    return process


def journal(tmp_path: Path) -> Journal:
    return read_journal(tmp_path / "r0" / "journal.jsonl")


def safe(bench: NewareBench) -> bool:
    truth = bench.truth()
    return truth["current_A"] == 0.0 and truth["output_on"] == [False] and not truth["cutoff_closed"]


def test_a_test_is_whole(healthy: NewareBench, worker: Start, tmp_path: Path) -> None:
    end = worker(PLAN).wait_for(ended)
    assert (end["outcome"], end["safe"]["verified"], end["safe"]["cutoff_open"]) == ("completed", True, True)
    made = journal(tmp_path)
    t = made.column("t_s")
    assert (t[1:] > t[:-1]).all()
    edges = {edge["segment"]: edge for edge in made.edges}
    assert sorted(edges) == [0, 1, 2, 3, 4, 5]
    # By the cycler's own clock a pulse lasts exactly as long as asked.
    assert edges[3]["achieved_s"] - edges[2]["achieved_s"] == pytest.approx(5.0, abs=1e-6)
    pulse = [sample for sample in made.samples if sample[5] == 2]
    assert len(pulse) >= 49
    assert all(sample[4] == pytest.approx(20.0, abs=0.05) for sample in pulse)
    stream = [event["params"] for event in made.events if event["code"] == "engine.stream"]
    assert [one["missing"] for one in stream] == [0, 0]
    assert safe(healthy)


@pytest.mark.parametrize(("fault", "count"), [("record_missing", "missing"), ("record_doubled", "doubled")])
def test_what_the_stream_loses_or_repeats_is_counted(
    healthy: NewareBench, worker: Start, tmp_path: Path, fault: str, count: str
) -> None:
    healthy.ask("fault", channel="1", name=fault)
    end = worker(PLAN).wait_for(ended)
    assert end["outcome"] == "completed", end
    made = journal(tmp_path)
    assert sum(e["params"][count] for e in made.events if e["code"] == "engine.stream") > 20
    assert any(e["code"] == "engine.records_missing" for e in made.events) is (count == "missing")
    t = made.column("t_s")
    assert (t[1:] > t[:-1]).all()


@pytest.mark.parametrize(
    ("fault", "outcome", "code"),
    [
        ("records_stop", "limit_tripped", "safety.stream_late"),
        ("sentinel_reading", "limit_tripped", "safety.no_reading"),
        ("half_current", "limit_tripped", "safety.half_current"),
        ("trip", "instrument_fault", "instrument.cycler_protected"),
        ("front_stop", "instrument_fault", "instrument.cycler_ended"),
        ("front_pause", "instrument_fault", "instrument.cycler_ended"),
        ("estop", "limit_tripped", "guard.estop_open"),
        ("link_reset", "instrument_fault", "driver.transport"),
    ],
)
def test_what_ends_it(
    healthy: NewareBench, worker: Start, tmp_path: Path, fault: str, outcome: str, code: str
) -> None:
    process = begin(worker)
    if fault == "estop":
        healthy.ask("estop", pressed=True)
    else:
        healthy.ask("fault", channel="1", name=fault)
    end = process.wait_for(ended)
    assert (end["outcome"], end["code"]) == (outcome, code), end
    assert end["remedy"]
    assert end["safe"]["cutoff_open"] is True
    # Where nobody can tell the cycler to stop, the cut-off has ended the current.
    assert end["safe"]["verified"] is (fault not in ("link_reset", "sentinel_reading"))
    wait_until(lambda: healthy.truth()["current_A"] == 0.0, 5, "no current")
    assert not healthy.truth()["cutoff_closed"]
    made = journal(tmp_path)
    assert made.end is not None
    assert made.end["code"] == code


def test_a_stop_reaches_the_cycler(healthy: NewareBench, worker: Start) -> None:
    process = begin(worker)
    process.say({"command": "stop"})
    end = process.wait_for(ended)
    assert (end["outcome"], end["safe"]["verified"]) == ("stopped", True)
    assert safe(healthy)


def test_a_dead_worker_leaves_the_guards_cut_off(healthy: NewareBench, worker: Start) -> None:
    process = begin(worker)
    process.child.kill()
    wait_until(lambda: not healthy.truth()["cutoff_closed"], 5, "the guard opens the cut-off")
    assert healthy.truth()["current_A"] == 0.0


def test_somebody_elses_test_is_not_touched(healthy: NewareBench, worker: Start, tmp_path: Path) -> None:
    address = parse_address(f"tcp://127.0.0.1:{healthy.port('neware-bts8')}")
    options = NewareOptions(
        device=21, subdevice=2, channel=3, voltage_max_V=5, current_max_A=100, folder=str(tmp_path)
    )
    theirs = NewareBts8(address, options)  # type: ignore[arg-type]
    schedule = Schedule((CyclerStep(0.0, 3000.0),), Protection(0.0, 5.0, 10, 10, 1, 1), 1.0)
    theirs.upload(schedule, "THEIRS-1")
    theirs.start("THEIRS-1")
    end = worker(PLAN).wait_for(ended)
    assert (end["outcome"], end["code"]) == ("instrument_fault", "instrument.cycler_busy"), end
    assert theirs.status().word == "working"
    theirs.make_safe()
    theirs.close()
