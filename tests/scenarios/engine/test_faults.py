"""Each way a run can be cut short ends with no current; most of these kill or hang a real process."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from station.engine.record.journal import read_journal
from tests.scenarios.engine.harness import (
    LONG,
    Guard,
    Process,
    SimBench,
    ended,
    plan_of,
    wait_until,
)

Start = Callable[..., Process]
posix = pytest.mark.skipif(sys.platform == "win32", reason="needs SIGSTOP and SIGKILL")


def in_the_pulse(sim: SimBench, process: Process) -> None:
    process.wait_for(lambda line: line.get("role") == "charge_pulse")
    wait_until(lambda: sim.truth()["current_A"] > 10, 5, "the pulse begins")


def dead(sim: SimBench) -> bool:
    truth = sim.truth()
    return bool(truth["current_A"] == 0.0 and not truth["cutoff_closed"])


def pulse(sim: SimBench, guard: Guard, worker: Start) -> tuple[SimBench, Guard, Process]:
    sim.reset(speed=2.0)
    guard.wait_until_healthy()
    process = worker(guard, plan_of(LONG, timing="commanded"), speed=2.0, bench=sim.bench())
    in_the_pulse(sim, process)
    return sim, guard, process


@pytest.fixture
def pulsing(healthy: SimBench, guard: Guard, worker: Start) -> tuple[SimBench, Guard, Process]:
    return pulse(healthy, guard, worker)


@pytest.fixture
def pulsing_alone(spare: SimBench, own_guard: Guard, worker: Start) -> tuple[SimBench, Guard, Process]:
    """With a guard that the test may kill."""
    return pulse(spare, own_guard, worker)


@posix
def test_worker_killed(pulsing: tuple[SimBench, Guard, Process], tmp_path: Path) -> None:
    sim, guard, process = pulsing
    killed_s = time.time()
    process.child.send_signal(signal.SIGKILL)
    took_s = wait_until(lambda: dead(sim), 3, "the guard cuts")
    assert took_s < 0.6
    assert guard.logged(lambda line: line["event"] == "trip")["code"] == "guard.worker_gone"
    wait_until(lambda: not any(sim.truth()["output_on"]), 5, "the watchdog turns the output off")
    journal = read_journal(tmp_path / "runs" / "r0" / "journal.jsonl")
    assert journal.end is None
    assert killed_s - journal.samples[-1][1] < 1.0


@posix
def test_worker_hung(pulsing: tuple[SimBench, Guard, Process]) -> None:
    sim, guard, process = pulsing
    process.child.send_signal(signal.SIGSTOP)
    try:
        took_s = wait_until(lambda: dead(sim), 3, "the guard cuts")
    finally:
        process.child.send_signal(signal.SIGCONT)
    assert took_s < 1.0
    trip = guard.logged(lambda line: line["event"] == "trip")
    assert trip["code"] == "guard.worker_late"
    assert trip["silent_s"] == pytest.approx(0.5, abs=0.2)
    end = process.wait_for(ended)
    assert end["exit_code"] in (4, 5)
    assert end["safe"]["verified"]


@posix
def test_guard_killed(pulsing_alone: tuple[SimBench, Guard, Process]) -> None:
    sim, guard, process = pulsing_alone
    guard.process.child.send_signal(signal.SIGKILL)
    end = process.wait_for(ended, 20)
    assert (end["outcome"], end["exit_code"]) == ("supervision_lost", 5)
    assert end["safe"]["verified"]
    assert end["safe"]["cutoff_open"] is False
    assert sim.truth()["current_A"] == 0.0
    assert sim.truth()["output_on"] == [False]


@posix
def test_guard_hung(pulsing_alone: tuple[SimBench, Guard, Process]) -> None:
    sim, guard, process = pulsing_alone
    guard.process.child.send_signal(signal.SIGSTOP)
    try:
        end = process.wait_for(ended, 20)
    finally:
        guard.process.child.send_signal(signal.SIGCONT)
    assert (end["outcome"], end["code"]) == ("supervision_lost", "safety.guard_silent")
    assert end["safe"]["verified"]
    assert sim.truth()["current_A"] == 0.0


def test_service_gone(pulsing: tuple[SimBench, Guard, Process]) -> None:
    sim, _, process = pulsing
    process.close_stdin()
    end = process.wait_for(ended, 20)
    assert (end["outcome"], end["code"]) == ("supervision_lost", "safety.service_gone")
    assert end["safe"]["verified"]
    assert end["safe"]["cutoff_open"]
    assert dead(sim)


def test_stop_command(pulsing: tuple[SimBench, Guard, Process], tmp_path: Path) -> None:
    sim, guard, process = pulsing
    process.say({"command": "stop"})
    end = process.wait_for(ended, 20)
    assert (end["outcome"], end["exit_code"]) == ("stopped", 3)
    assert end["safe"]["verified"]
    assert dead(sim)
    journal = read_journal(tmp_path / "runs" / "r0" / "journal.jsonl")
    assert journal.end is not None
    assert journal.end["outcome"] == "stopped"
    assert guard.logged(lambda line: line["event"] == "left")["bye"] is True


@posix
def test_terminated(pulsing: tuple[SimBench, Guard, Process]) -> None:
    sim, _, process = pulsing
    process.child.send_signal(signal.SIGTERM)
    end = process.wait_for(ended, 20)
    assert (end["outcome"], end["params"]) == ("stopped", {"by": "signal"})
    assert dead(sim)


@pytest.mark.parametrize(
    ("op", "value", "code"),
    [("estop", {"pressed": True}, "guard.estop_open"), ("interlock", {"open": True}, "guard.interlock_open")],
)
def test_safety_inputs(
    pulsing: tuple[SimBench, Guard, Process], op: str, value: dict[str, Any], code: str
) -> None:
    sim, guard, process = pulsing
    sim.ask(op, **value)
    end = process.wait_for(ended, 20)
    assert end["exit_code"] == 5
    assert end["code"] in (code, "safety.current_tracking"), end
    assert end["safe"]["verified"]
    assert dead(sim)
    assert guard.logged(lambda line: line["event"] == "cut" and line["why"] == code)


def test_relay_board_lost(pulsing: tuple[SimBench, Guard, Process]) -> None:
    """Without its path to the power the guard has the worker stop by the worker's own path."""
    sim, _, process = pulsing
    sim.ask("fault", channel="1", instrument="modbus-relay", name="link_silent")
    end = process.wait_for(ended, 20)
    assert (end["outcome"], end["code"]) == ("supervision_lost", "guard.relay_lost"), end
    assert end["safe"]["verified"]
    assert sim.truth()["current_A"] == 0.0


@pytest.mark.parametrize(
    ("fault", "value", "codes"),
    [
        ("sentinel_reading", True, {"safety.no_reading"}),
        ("link_silent", True, {"driver.transport", "guard.worker_late"}),
        ("output_trip", True, {"safety.current_tracking", "driver.instrument"}),
        ("current_sign", True, {"safety.current_tracking", "safety.discharge_current_max"}),
    ],
)
def test_instrument_faults_in_a_pulse(
    pulsing: tuple[SimBench, Guard, Process], fault: str, value: Any, codes: set[str]
) -> None:
    sim, _, process = pulsing
    sim.ask("fault", channel="1", instrument="delta-sm15k", name=fault, value=value)
    end = process.wait_for(ended, 30)
    assert end["code"] in codes, end
    wait_until(lambda: dead(sim), 1, "no current and an open cut-off")


def test_a_limit_in_a_pulse(healthy: SimBench, guard: Guard, worker: Start, tmp_path: Path) -> None:
    """A nearly full cell leaves the window in the charge pulse; the sample that did is on record."""
    healthy.reset(
        {"kind": "model", "chemistry": "NMC", "nominal_capacity_Ah": 20.0, "soh": 0.7, "soc": 0.97}, 2.0
    )
    steps = [LONG[0], {"step": "pulse_pair", "current_C": 2.5, "duration_s": 60.0, "rest_s": 10.0}]
    bench = healthy.bench()
    process = worker(guard, plan_of(steps, timing="commanded"), speed=2.0, bench=bench)
    end = process.wait_for(ended, 30)
    assert (end["outcome"], end["code"], end["exit_code"]) == ("limit_tripped", "safety.voltage_max", 5), end
    assert end["params"]["source"] == "chemistry"
    journal = read_journal(tmp_path / "runs" / "r0" / "journal.jsonl")
    assert journal.samples[-1][2] == pytest.approx(end["params"]["value"])
    assert journal.samples[-1][2] > 4.25
    assert dead(healthy)
