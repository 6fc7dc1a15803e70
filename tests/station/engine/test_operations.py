"""Pause, resume, skip, stop on a bench in memory: no current that nobody plays, no verdict on cut pulses."""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from station.engine.base.live import LiveWriter
from station.engine.base.stop import StopFlags
from station.engine.record.journal import Journal, read_journal
from station.engine.run import Ended, Run
from station.lifecycle import Machine
from station.lifecycle.table import Event, State
from tests.station.engine.fakes import STEPS, FakeBench, make_job, make_plan

PAIR = {"step": "pulse_pair", "current_C": 2.0, "duration_s": 2.0, "rest_s": 5.0}


class Stand:
    """A fake bench whose operator acts at given moments; ``live`` keeps what the worker says."""

    def __init__(self, run_dir: Path) -> None:
        self.fake = FakeBench()
        self.run_dir = run_dir
        self.stop = StopFlags()
        self.said: list[dict[str, Any]] = []
        self._acts: list[tuple[Callable[[], bool], Callable[[], None]]] = []
        sleep = self.fake.clock.sleep_until

        def sleep_until(bench_s: float) -> None:
            sleep(bench_s)
            self.look()

        self.fake.clock.sleep_until = sleep_until  # type: ignore[method-assign]

    def when(self, condition: Callable[[], bool], act: Callable[[], None]) -> None:
        """``act`` once, as soon as ``condition`` holds after the acts before it."""
        self._acts.append((condition, act))

    def operate(self, at_s: float, operation: str) -> None:
        """At bench time ``at_s``, one of pause, resume, skip or stop."""
        act = {
            "stop": lambda: self.stop.request("command"),
        }.get(operation, lambda: self.stop.operate(operation))
        self.when(lambda: self.fake.clock.t >= at_s, act)

    def look(self) -> None:
        while self._acts and self._acts[0][0]():
            self._acts.pop(0)[1]()

    def run(self, **job: Any) -> Ended:
        def clock(_speed: float, begin_s: float) -> Any:
            self.fake.clock.t = begin_s
            return self.fake.clock

        read, write = os.pipe()
        live = LiveWriter(write)
        send = live.send

        def keep(message: dict[str, Any], **more: bool) -> None:
            self.said.append(message)
            send(message, **more)

        live.send = keep  # type: ignore[method-assign]
        try:
            return Run(
                make_job(self.run_dir, **job), live, self.stop, opener=self.fake.open, make_clock=clock
            ).run()
        finally:
            os.close(read)
            live.close(0.0)
            os.close(write)

    @property
    def journal(self) -> Journal:
        return read_journal(self.run_dir / "journal.jsonl")

    def states(self) -> list[str]:
        told = [m["state"] for m in self.said if m["type"] == "state"]
        return [state for state, _ in itertools.groupby(told)]

    def events(self, code: str) -> list[dict[str, Any]]:
        return [event for event in self.journal.events if event["code"] == code]


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    return Stand(tmp_path)


def pulses_A(journal: Journal, *, void: bool = True) -> list[float]:
    """The currents of the pulses one after the other; without those that are declared void."""
    t, current = journal.column("t_s"), np.round(journal.column("current_A"))
    keep = np.ones(t.size, dtype=bool)
    for span in [] if void else journal.voids:
        keep &= (t < span["from_s"]) | (t > span["to_s"])
    return [value for value, _ in itertools.groupby(current[keep]) if value != 0]


@pytest.mark.parametrize("timing", ["commanded", "sequenced"])
def test_a_pause_in_a_pulse_is_zero_off_and_done_again(stand: Stand, timing: str) -> None:
    stand.operate(10.0, "pause")  # in the charge pulse, which begins at 8.2 s
    stand.operate(60.0, "resume")
    ended = stand.run(plan=make_plan(timing=timing))
    assert ended.outcome.outcome == "completed", ended
    assert stand.states() == ["checks", "ready", "running", "paused", "running", "stopping", "safe"]
    journal = stand.journal
    (paused,), (resumed,) = stand.events("run.paused"), stand.events("run.resumed")
    assert paused["t"] - 10.0 < 0.1
    assert resumed["t"] >= 60.0
    assert paused["params"]["verified"] is True
    t, current = journal.column("t_s"), journal.column("current_A")
    inside = (t > paused["t"]) & (t < resumed["t"])
    assert inside.any()  # a paused battery is watched on
    assert np.all(current[inside] == 0)
    off = [at for at, _ in stand.fake.source.said("make_safe")]
    on = [at for at, _ in stand.fake.source.said("output_on")]
    assert any(10.0 <= at <= paused["t"] for at in off)
    assert len(on) == 2
    # The pair anew, after a new contact check; what was cut is void.
    assert pulses_A(journal) == [-2, 40, -2, 40, -40]
    assert pulses_A(journal, void=False) == [-2, 40, -40]
    assert {span["reason"] for span in journal.voids} == {"pause", "contact_again"}


def test_the_watchdog_is_armed_again(stand: Stand) -> None:
    stand.operate(10.0, "pause")
    stand.operate(20.0, "resume")
    stand.run()
    names = [name for _, name, _ in stand.fake.source.log]
    order = [name for name in names if name in ("arm_watchdog", "disarm_watchdog", "output_on")]
    assert order == [
        "arm_watchdog", "output_on", "disarm_watchdog", "arm_watchdog", "output_on", "disarm_watchdog",
    ]  # fmt: skip


def test_counters_go_on_over_a_pause(stand: Stand) -> None:
    stand.operate(10.0, "pause")
    stand.operate(20.0, "resume")
    ended = stand.run(plan=make_plan(timing="commanded"))
    assert ended.outcome.outcome == "completed"
    t, current = stand.journal.column("t_s"), stand.journal.column("current_A")
    moved = np.diff(t) * (current[1:] + current[:-1]) / 2 / 3600
    totals = stand.journal.totals[-1]
    assert totals["charge_Ah"] == pytest.approx(moved[moved > 0].sum(), rel=1e-4)
    assert totals["discharge_Ah"] == pytest.approx(-moved[moved < 0].sum(), rel=1e-4)


def test_a_stop_in_a_pause_ends_the_run(stand: Stand) -> None:
    stand.operate(10.0, "pause")
    stand.operate(30.0, "stop")
    ended = stand.run()
    assert ended.outcome.outcome == "stopped"
    assert stand.states()[-4:] == ["running", "paused", "stopping", "safe"]
    assert not stand.fake.source.on


def test_a_pause_that_cannot_be_verified_is_a_fault(stand: Stand) -> None:
    source = stand.fake.source
    stand.operate(10.0, "pause")
    source.make_safe = lambda: None  # type: ignore[method-assign]
    ended = stand.run()
    assert (ended.outcome.outcome, ended.outcome.code) == ("instrument_fault", "run.pause_unverified")
    assert "paused" not in stand.states()


def test_a_battery_that_was_changed_in_the_pause_is_refused_until_it_is_right(stand: Stand) -> None:
    cell, ocv_V = stand.fake.cell, stand.fake.cell.ocv_V
    stand.operate(10.0, "pause")

    def put(volts: float) -> Callable[[], None]:
        return lambda: setattr(cell, "ocv_V", volts)

    clock = stand.fake.clock
    # Reversed only for the moment of the check: a pause watches the voltage as well.
    read = stand.fake.source.read
    resuming: list[int] = []

    def check_sees_it_reversed() -> Any:
        if any(m.get("code") == "run.resuming" for m in stand.said) and not resuming:
            put(-3.65)()
            reading = read()
            put(ocv_V)()
            resuming.append(1)
            return reading
        return read()

    stand.fake.source.read = check_sees_it_reversed  # type: ignore[method-assign]
    stand.operate(20.0, "resume")
    stand.operate(40.0, "resume")
    ended = stand.run()
    assert ended.outcome.outcome == "completed", ended
    (refused,) = stand.events("run.resume_refused")
    assert refused["params"]["code"] == "safety.check.polarity"
    assert 20.0 <= refused["t"] < 40.0 <= stand.events("run.resumed")[0]["t"] <= clock.t
    on_s = [at for at, _ in stand.fake.source.said("output_on")]
    assert on_s[1] > 40.0


def test_a_battery_that_heats_up_in_a_pause_ends_the_run(stand: Stand) -> None:
    sensors = [{"driver": "scanner", "inputs": [{"number": 1, "role": "cell_surface"}], "period_s": 0.5}]
    stand.operate(10.0, "pause")
    stand.when(lambda: stand.fake.clock.t > 15.0, lambda: setattr(stand.fake.cell, "surface_degC", 95.0))
    ended = stand.run(channel={"sensors": sensors})
    assert ended.outcome.outcome == "limit_tripped"
    assert ended.outcome.params["rule"] in ("temperature_max", "thermal_runaway")
    assert stand.states()[-3:] == ["paused", "stopping", "safe"]


def test_skipping_leaves_the_step_out_and_nothing_of_it_is_judged(stand: Stand) -> None:
    stand.operate(10.0, "skip")
    second = {**PAIR, "current_C": 1.0}
    ended = stand.run(plan=make_plan([*STEPS, second], timing="commanded"))
    assert ended.outcome.outcome == "completed"
    assert pulses_A(stand.journal, void=False) == [-2, 20, -20]
    (skipped,) = stand.events("run.skipped")
    assert skipped["params"] == {"step": 2}
    # The next pulse comes after the rest that the plan has before it.
    first_A20 = stand.fake.source.said("set_current")
    cut_s = next(at for at, value in first_A20 if value == 0.0 and at >= 10.0)
    next_s = next(at for at, value in first_A20 if value == 20.0)
    assert next_s - cut_s >= 5.0


@pytest.mark.parametrize("at_s", [2.0, 6.0])
def test_checks_cannot_be_skipped(stand: Stand, at_s: float) -> None:
    stand.operate(at_s, "skip")
    ended = stand.run()
    assert ended.outcome.outcome == "completed"
    assert not stand.events("run.skipped")
    assert stand.events("run.operation_refused")[0]["params"]["operation"] == "skip"
    assert pulses_A(stand.journal) == [-2, 40, -40]


def test_resume_without_a_pause_does_nothing(stand: Stand) -> None:
    stand.operate(9.0, "resume")
    assert stand.run().outcome.outcome == "completed"
    assert stand.events("run.operation_refused")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(st.floats(0.0, 40.0), st.sampled_from(["pause", "resume", "skip", "stop"])), max_size=6
    ),
    st.sampled_from(["commanded", "sequenced"]),
)
def test_whatever_is_pressed_whenever(acts: list[tuple[float, str]], timing: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        stand = Stand(Path(folder))
        for at_s, operation in sorted(acts):
            stand.operate(at_s, operation)
        # Somebody comes back in the end.
        stand.when(lambda: stand.fake.clock.t > 200.0, lambda: stand.stop.request("command"))
        ended = stand.run(plan=make_plan([*STEPS, PAIR], timing=timing))
        assert ended.outcome.outcome in ("completed", "stopped"), ended
        assert ended.safe.verified
        assert not stand.fake.source.on
        _only_ways_of_the_table(stand.states())
        journal = stand.journal
        t, current, command = (journal.column(name) for name in ("t_s", "current_A", "command_A"))
        for paused in stand.events("run.paused"):
            ends = [e["t"] for e in stand.events("run.resumed") if e["t"] >= paused["t"]]
            until_s = min([*ends, t[-1] + 1])
            assert not current[(t >= paused["t"]) & (t < until_s)].any()
        # A current only where one was commanded, but for the moment of the edge itself.
        assert np.mean(np.abs(current - command) > 0.1) < 0.02
        # Every pulse that counts is whole.
        for value in pulses_A(journal, void=False):
            assert value in (-2, 40, -40)


def _only_ways_of_the_table(states: list[str]) -> None:
    machine = Machine()
    machine.fire(Event.START)
    for state in states[1:]:
        ways = [event for event in Event if machine.may(event) and _leads(machine, event, State(state))]
        assert ways, f"{machine.state} to {state}"
        machine.fire(ways[0])


def _leads(machine: Machine, event: Event, to: State) -> bool:
    probe = Machine(machine.state)
    return probe.fire(event) is to
