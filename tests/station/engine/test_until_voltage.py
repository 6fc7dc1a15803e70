"""Constant currents that end at a voltage: whole runs on a bench in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drivers.errors import NoReading
from station.engine.base.live import LiveWriter
from station.engine.base.stop import StopFlags
from station.engine.record.journal import Journal, read_journal
from station.engine.run import Ended, Run
from tests.station.engine.fakes import FakeBench, FakeCell, make_job, make_plan

CONTACT = {"step": "contact_check", "current_C": 0.1, "duration_s": 1.0, "rest_s": 2.0}
CHARGE = {
    "step": "constant_current_until", "direction": "charge", "current_C": 1.0, "cell_voltage_V": "charge_max",
    "duration_max_s": 600.0, "charge_max_of_capacity": 0.2,
}  # fmt: skip
DISCHARGE = {**CHARGE, "direction": "discharge", "cell_voltage_V": "discharge_min"}
REST = {"step": "rest", "duration_s": 5.0}
CAPACITY_AH = 0.5
"""Held between 2.7 V and 4.2 V by the cell below: a 20 A current fills it in 90 s."""


class FillingCell(FakeCell):
    """The rested voltage is linear in the charge held."""

    def __init__(self, bench: FakeBench) -> None:
        super().__init__(bench.clock)
        self.held_Ah = 0.2
        self.leaks = False
        """Charging fills nothing: a short inside."""
        self._last_s = 0.0

    def voltage_V(self) -> float:
        now_s = self.clock.now_s()
        if not (self.leaks and self.current_A > 0):
            self.held_Ah += self.current_A * max(0.0, now_s - self._last_s) / 3600
        self._last_s = now_s
        self.ocv_V = 2.7 + 1.5 * self.held_Ah / CAPACITY_AH
        return super().voltage_V()


@pytest.fixture
def bench() -> FakeBench:
    bench = FakeBench()
    bench.cell = bench.source.cell = bench.scanner.cell = FillingCell(bench)
    return bench


def run(
    bench: FakeBench, live: LiveWriter, run_dir: Path, *steps: dict[str, Any], stop: StopFlags | None = None,
    **job: Any,
) -> Ended:  # fmt: skip
    plan = make_plan([CONTACT, *steps], timing="best", sampling_Hz=10.0)
    return Run(
        make_job(run_dir, plan, **job), live, stop or StopFlags(),
        opener=bench.open, make_clock=lambda _speed, _begin_s: bench.clock,
    ).run()  # fmt: skip


def journal(run_dir: Path) -> Journal:
    return read_journal(run_dir / "journal.jsonl")


def ends(run_dir: Path) -> list[dict[str, Any]]:
    return [e for e in journal(run_dir).events if e["code"].startswith("engine.end_voltage_")]


def test_full_and_empty_and_again(bench: FakeBench, live: LiveWriter, tmp_path: Path) -> None:
    again = {"step": "repeat", "times": 2, "steps": [CHARGE, REST, DISCHARGE, REST]}
    ended = run(bench, live, tmp_path, again)
    assert ended.outcome.outcome == "completed", ended
    told = ends(tmp_path)
    assert [e["code"] for e in told] == ["engine.end_voltage_reached"] * 4
    assert [e["params"]["end_V"] for e in told] == [4.2, 2.7, 4.2, 2.7]
    # Between full and empty lies what the cell holds, less what the resistance of 3 mohm hides at both ends.
    expected_Ah = CAPACITY_AH * (1.5 - 2 * 0.003 * 20) / 1.5
    assert [e["params"]["moved_Ah"] for e in told[1:]] == pytest.approx([expected_Ah] * 3, rel=0.01)
    recorded = journal(tmp_path)
    voltage = recorded.column("voltage_V")
    assert voltage.max() < 4.2 + 0.02
    assert voltage.min() > 2.7 - 0.02
    # The current is zero within two samples of the first one beyond the voltage.
    segment, t_s = recorded.column("segment"), recorded.column("t_s")
    charging = segment == 2
    first_beyond_s = t_s[charging & (voltage >= 4.2)][0]
    assert t_s[charging][-1] - first_beyond_s < 0.25
    assert np.all(recorded.column("command_A")[segment == 3] == 0.0)


def test_a_smaller_current_goes_on_to_the_same_voltage(
    bench: FakeBench, live: LiveWriter, tmp_path: Path
) -> None:
    ended = run(bench, live, tmp_path, CHARGE, {**CHARGE, "current_C": 0.2})
    assert ended.outcome.outcome == "completed", ended
    assert [e["params"]["ended_by"] for e in ends(tmp_path)] == ["voltage", "voltage"]
    assert bench.cell.ocv_V == pytest.approx(4.2 - 0.003 * 4, abs=0.003)


@pytest.mark.parametrize(
    ("change", "why"),
    [({"charge_max_of_capacity": 0.01}, "charge"), ({"duration_max_s": 20.0}, "time")],
)
def test_a_voltage_that_is_not_reached_ends_the_run(
    bench: FakeBench, live: LiveWriter, tmp_path: Path, change: dict[str, float], why: str
) -> None:
    ended = run(bench, live, tmp_path, {**CHARGE, **change}, DISCHARGE)
    assert (ended.outcome.outcome, ended.outcome.code) == ("check_failed", "safety.check.end_voltage")
    assert ended.outcome.exit_code == 5
    assert ended.safe.verified
    told = ends(tmp_path)
    assert [(e["code"], e["params"]["ended_by"]) for e in told] == [("engine.end_voltage_missed", why)]
    assert journal(tmp_path).column("command_A").min() == pytest.approx(-2.0)  # the contact pulse alone


def test_a_battery_that_takes_charge_without_filling_is_stopped_by_its_charge(
    bench: FakeBench, live: LiveWriter, tmp_path: Path
) -> None:
    assert isinstance(bench.cell, FillingCell)
    bench.cell.leaks = True
    ended = run(bench, live, tmp_path, {**CHARGE, "charge_max_of_capacity": 0.05})
    assert ended.outcome.code == "safety.check.end_voltage"
    assert ended.outcome.params["moved_Ah"] == pytest.approx(1.0, abs=0.01)
    # The envelope counts as well, with the plan's usual room: 10 % and a twentieth of the capacity.
    allowed_Ah = journal(tmp_path).header["envelope"]["charge_max_Ah"]
    assert allowed_Ah["source"] == "plan"
    assert 2.1 <= allowed_Ah["value"] < 2.2


def test_a_step_that_need_not_reach_its_voltage_goes_on(
    bench: FakeBench, live: LiveWriter, tmp_path: Path
) -> None:
    ended = run(bench, live, tmp_path, {**CHARGE, "duration_max_s": 10.0, "must_reach": False}, DISCHARGE)
    assert ended.outcome.outcome == "completed", ended
    assert [e["code"] for e in ends(tmp_path)] == ["engine.end_voltage_missed", "engine.end_voltage_reached"]


@pytest.mark.parametrize("value", [9.9e37, float("nan"), float("inf")])
def test_a_sentinel_is_no_end_but_a_trip(
    bench: FakeBench, live: LiveWriter, tmp_path: Path, value: float
) -> None:
    original = bench.source.read

    def read() -> Any:
        reading = original()
        return type(reading)(value, reading.current_A) if bench.clock.t > 15.0 else reading

    bench.source.read = read  # type: ignore[method-assign]
    ended = run(bench, live, tmp_path, CHARGE, DISCHARGE)
    assert (ended.outcome.outcome, ended.outcome.code) == ("limit_tripped", "safety.no_reading")
    assert ends(tmp_path) == []
    assert not bench.source.on


def test_one_stray_sample_is_no_end(bench: FakeBench, live: LiveWriter, tmp_path: Path) -> None:
    original, strays = bench.source.read, [15.0]

    def read() -> Any:
        reading = original()
        if strays and bench.clock.t > strays[0]:
            strays.pop()
            return type(reading)(4.21, reading.current_A)
        return reading

    bench.source.read = read  # type: ignore[method-assign]
    run(bench, live, tmp_path, CHARGE)
    (told,) = ends(tmp_path)
    assert told["params"]["moved_Ah"] == pytest.approx(CAPACITY_AH * (1.5 - 0.06) / 1.5 - 0.2, rel=0.03)


def test_the_envelope_ends_it_where_the_cell_is_faster(
    bench: FakeBench, live: LiveWriter, tmp_path: Path
) -> None:
    original = bench.source.read

    def read() -> Any:
        reading = original()
        return type(reading)(4.3, reading.current_A) if bench.clock.t > 15.0 else reading

    bench.source.read = read  # type: ignore[method-assign]
    ended = run(bench, live, tmp_path, CHARGE)
    assert (ended.outcome.outcome, ended.outcome.code) == ("limit_tripped", "safety.voltage_max")


def test_a_lost_reading_trips(bench: FakeBench, live: LiveWriter, tmp_path: Path) -> None:
    bench.source.fail_read_at_s, bench.source.fail_read_with = 15.0, NoReading("overload")
    ended = run(bench, live, tmp_path, CHARGE)
    assert ended.outcome.code == "safety.no_reading"


def test_a_stop_in_the_middle(bench: FakeBench, live: LiveWriter, tmp_path: Path) -> None:
    stop, original = StopFlags(), bench.source.read

    def read() -> Any:
        if bench.clock.t > 15.0:
            stop.request("command")
        return original()

    bench.source.read = read  # type: ignore[method-assign]
    ended = run(bench, live, tmp_path, CHARGE, DISCHARGE, stop=stop)
    assert (ended.outcome.outcome, ended.outcome.exit_code) == ("stopped", 3)
    assert ended.safe.verified
    assert not bench.source.on
    assert journal(tmp_path).column("t_s")[-1] < 15.2


@pytest.mark.parametrize("voltage_V", [4.25, 4.4])
def test_a_voltage_on_or_beyond_the_limits_is_refused(
    bench: FakeBench, live: LiveWriter, tmp_path: Path, voltage_V: float
) -> None:
    ended = run(bench, live, tmp_path, {**CHARGE, "cell_voltage_V": voltage_V})
    assert ended.outcome.code == "safety.check.plan_end_voltage"
    assert ended.outcome.params["limit"] == pytest.approx([2.65, 4.25])
    assert not bench.source.said("output_on")


def test_the_limit_of_a_chemistry_needs_its_name(bench: FakeBench, live: LiveWriter, tmp_path: Path) -> None:
    battery = {"code": "B1", "nominal_capacity_Ah": 20.0, "chemistry": None, "level": "cell"}
    ended = run(bench, live, tmp_path, CHARGE, battery=battery)
    assert (ended.outcome.outcome, ended.outcome.code) == ("check_failed", "usage.end_voltage_unknown")
    assert not bench.source.said("output_on")


def test_a_string_whose_cells_nobody_sees_is_refused(
    bench: FakeBench, live: LiveWriter, tmp_path: Path
) -> None:
    two = {"level": "module", "series_cells": 2, "limits": {
        "voltage_min_V": 3.8, "voltage_max_V": 8.6, "charge_current_max_A": 60, "discharge_current_max_A": 60,
        "power_max_W": 600}}  # fmt: skip
    bench.cell = bench.source.cell = bench.scanner.cell = FakeCell(bench.clock)
    bench.cell.ocv_V = 7.3
    ended = run(bench, live, tmp_path, CHARGE, channel=two)
    assert ended.outcome.code == "safety.check.plan_end_cells"
