"""The language's steps in whole runs on a bench in memory: ends, held quantities, ways, prompts."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import profiles
from station.engine.base.live import LiveWriter
from station.engine.base.stop import StopFlags
from station.engine.record.journal import Journal, read_journal
from station.engine.run import Ended, Run
from tests.station.engine.fakes import FakeBench, make_job, make_plan
from tests.station.engine.test_until_voltage import CAPACITY_AH, CONTACT, FillingCell


@pytest.fixture
def bench() -> FakeBench:
    bench = FakeBench()
    bench.cell = bench.source.cell = bench.scanner.cell = FillingCell(bench)
    return bench


def run(
    bench: FakeBench, live: LiveWriter, run_dir: Path, *steps: dict[str, Any],
    stop: StopFlags | None = None, **job: Any,
) -> Ended:  # fmt: skip
    plan = make_plan([CONTACT, *steps], timing="best", sampling_Hz=10.0)
    return Run(
        make_job(run_dir, plan, **job), live, stop or StopFlags(),
        opener=bench.open, make_clock=lambda _speed, _begin_s: bench.clock,
    ).run()  # fmt: skip


def journal(run_dir: Path) -> Journal:
    return read_journal(run_dir / "journal.jsonl")


def told(run_dir: Path, code: str) -> list[dict[str, Any]]:
    return [e["params"] for e in journal(run_dir).events if e["code"] == code]


CCCV = {
    "step": "cccv", "current_C": 1.0, "cell_voltage_V": "charge_max", "current_end_C": 0.1,
    "duration_max_s": 900.0, "charge_max_of_capacity": 0.2,
}  # fmt: skip


def test_a_voltage_is_held_until_the_current_has_fallen(
    bench: FakeBench, live: LiveWriter, tmp_path: Path
) -> None:
    ended = run(bench, live, tmp_path, CCCV)
    assert ended.outcome.outcome == "completed", ended
    (held,) = told(tmp_path, "engine.held")
    assert (held["ended_by"], held["mode"], held["target"]) == ("current", "voltage", 4.2)
    assert abs(held["mean"]) < 0.002
    recorded = journal(tmp_path)
    voltage, current = recorded.column("voltage_V"), recorded.column("current_A")
    assert voltage.max() < 4.21
    charging = recorded.column("segment") == 2
    assert np.all(current[charging] >= 0)
    # At 0.1 C (2 A) through 3 mohm the cell rests 6 mV below what was held.
    assert bench.cell.ocv_V == pytest.approx(4.2 - 0.003 * 2, abs=0.004)


def test_a_hold_that_swings_for_ever_stands_still_for_the_rules(
    bench: FakeBench, live: LiveWriter, tmp_path: Path
) -> None:
    cell = bench.cell
    steady_V = cell.voltage_V

    def swing_V() -> float:
        now_s = cell.clock.now_s()
        return 0.1 * (int(now_s * 2) % 2) if bench.source.command_A < -3 else 0.0

    # A contact that comes and goes twice a second: every setting is more than 2 % away from the one before.
    cell.voltage_V = lambda: steady_V() + swing_V()  # type: ignore[method-assign]
    step = {
        "step": "constant_power", "direction": "discharge", "power_W": 18.0, "current_max_C": 0.3,
        "duration_max_s": 60.0,
    }  # fmt: skip
    ended = run(bench, live, tmp_path, step)
    assert ended.outcome.outcome == "completed", ended
    (held,) = told(tmp_path, "engine.held")
    assert held["stills"] == 2
    recorded = journal(tmp_path)
    inside = recorded.column("segment") == 2
    t_s, current_A = recorded.column("t_s")[inside], recorded.column("current_A")[inside]
    changes_s = [t_s[0], *t_s[1:][np.abs(np.diff(current_A)) > 0.02 * 6], t_s[-1]]
    stills = [begin for begin, end in pairwise(changes_s) if end - begin >= 2.9]
    assert len(stills) == 2
    assert max(np.diff([t_s[0], *stills])) < 25  # never blind for longer


def test_power_and_resistance_are_held_as_the_voltage_falls(
    bench: FakeBench, live: LiveWriter, tmp_path: Path
) -> None:
    power = {
        "step": "constant_power", "direction": "discharge", "power_W": 30.0, "current_max_C": 1.0,
        "duration_max_s": 30.0,
    }  # fmt: skip
    load = {
        "step": "constant_resistance",
        "resistance_ohm": 0.5,
        "current_max_C": 1.0,
        "duration_max_s": 30.0,
    }
    ended = run(bench, live, tmp_path, power, {"step": "rest", "duration_s": 2}, load)
    assert ended.outcome.outcome == "completed", ended
    of_power, of_load = told(tmp_path, "engine.held")
    assert (of_power["mode"], of_power["limited"]) == ("power", False)
    assert abs(of_power["mean"]) < 0.15
    assert (of_load["mode"], of_load["target"]) == ("resistance", 0.5)
    assert abs(of_load["mean"]) < 0.005
    recorded = journal(tmp_path)
    watts = (recorded.column("voltage_V") * recorded.column("current_A"))[recorded.column("segment") == 2]
    assert watts[20:-2] == pytest.approx(-30.0, abs=0.3)
    assert recorded.column("voltage_V")[recorded.column("segment") == 2][-2] < 3.2


def test_conditions_end_a_current_and_choose_the_way(
    bench: FakeBench, live: LiveWriter, tmp_path: Path
) -> None:
    down = {
        "step": "constant_current", "direction": "discharge", "current_C": 0.5, "duration_max_s": 200,
        "until": ["cell_voltage_V <= 3.2 V", "step_discharge_Ah >= 0.4 Ah"], "must_reach": True,
    }  # fmt: skip
    short = {"step": "pulse", "direction": "charge", "current_C": 0.5, "duration_s": 1, "rest_s": 1}
    ways = {
        "step": "if", "condition": "last_discharge_Ah > 5 Ah",
        "then": [{**short, "duration_s": 2}], "else": [short],
    }  # fmt: skip
    until = {
        "step": "repeat_until", "condition": "cell_voltage_V >= 3.3 V", "times_max": 30,
        "steps": [{**short, "current_C": 1.0, "duration_s": 3}],
    }  # fmt: skip
    ended = run(bench, live, tmp_path, down, ways, until)
    assert ended.outcome.outcome == "completed", ended
    assert told(tmp_path, "engine.until")[0]["ended_by"] == "cell_voltage_V <= 3.2 V"
    decided = told(tmp_path, "run.decided")
    assert [one["holds"] for one in decided] == [False] * (len(decided) - 1) + [True]
    assert 2 < len(decided) < 12
    segments = set(journal(tmp_path).column("segment").astype(int))
    assert 3 not in segments  # the way that was not taken
    assert 5 in segments
    assert bench.cell.ocv_V == pytest.approx(3.3, abs=0.06)


def test_what_is_not_reached_ends_the_run_by_name(bench: FakeBench, live: LiveWriter, tmp_path: Path) -> None:
    pulse = {"step": "pulse", "direction": "charge", "current_C": 0.5, "duration_s": 1, "rest_s": 1}
    never = {"step": "repeat_until", "condition": "cell_voltage_V >= 4.1 V", "times_max": 3, "steps": [pulse]}
    ended = run(bench, live, tmp_path, never)
    assert (ended.outcome.outcome, ended.outcome.code) == ("check_failed", "safety.check.not_reached")
    assert ended.outcome.params["limit"] == "cell_voltage_V >= 4.1 V"
    assert ended.safe.verified
    assert len(told(tmp_path, "run.decided")) == 3


def test_a_condition_on_what_this_channel_does_not_see_is_refused_before_energy(
    bench: FakeBench, live: LiveWriter, tmp_path: Path
) -> None:
    ask = {"step": "if", "condition": "bms_soc > 50 %", "then": [{"step": "rest", "duration_s": 1}]}
    ended = run(bench, live, tmp_path, ask)
    assert ended.outcome.code == "safety.check.plan_quantity"
    assert not any(what == "output_on" for _, what, _ in bench.source.log)


def test_capacities_are_measured_until_they_agree(bench: FakeBench, live: LiveWriter, tmp_path: Path) -> None:
    test = {
        "step": "capacity_test", "charge_C": 1.0, "charge_end_C": 0.2, "discharge_C": 1.0, "rest_s": 2.0,
        "cycles_max": 4, "agree": 2, "agree_within": 0.01, "duration_max_s": 600,
        "charge_max_of_capacity": 0.2,
    }  # fmt: skip
    ended = run(bench, live, tmp_path, test)
    assert ended.outcome.outcome == "completed", ended
    kept = {one["name"]: one["value"] for one in told(tmp_path, "run.value")}
    assert sorted(kept) == ["capacity_1_Ah", "capacity_2_Ah", "capacity_Ah"]
    expected_Ah = CAPACITY_AH * (1.5 - 0.003 * (20 + 4)) / 1.5
    assert kept["capacity_Ah"] == pytest.approx(expected_Ah, rel=0.02)


def test_limits_of_a_role_end_the_run_only_there(bench: FakeBench, live: LiveWriter, tmp_path: Path) -> None:
    down = {"step": "pulse", "direction": "discharge", "current_C": 1.0, "duration_s": 5, "rest_s": 1}
    up = {**down, "direction": "charge"}
    limits = {"by_role": {"discharge_pulse": {"cell_voltage_min_V": 3.2}}}
    bench.cell.held_Ah = 0.18  # 3.24 V rested, 3.18 V under 20 A
    ended = run(bench, live, tmp_path, up, down, profile_limits=limits)
    assert (ended.outcome.outcome, ended.outcome.code) == ("limit_tripped", "safety.role_limit")
    assert ended.outcome.params["role"] == "discharge_pulse"


def test_fewer_samples_are_kept_where_the_plan_says_so(
    bench: FakeBench, live: LiveWriter, tmp_path: Path
) -> None:
    rest = {"step": "rest", "duration_s": 60, "record": {"every_s": 10}}
    down = {
        "step": "constant_current", "direction": "discharge", "current_C": 0.5, "duration_max_s": 60,
        "record": {"voltage_change_V": 0.05},
    }  # fmt: skip
    ended = run(bench, live, tmp_path, rest, down)
    assert ended.outcome.outcome == "completed", ended
    segment, t_s = journal(tmp_path).column("segment"), journal(tmp_path).column("t_s")
    assert 7 <= np.count_nonzero(segment == 2) <= 10
    assert t_s[segment == 2][-1] - t_s[segment == 2][0] == pytest.approx(60, abs=0.5)
    voltage = journal(tmp_path).column("voltage_V")[segment == 3]
    assert 5 < len(voltage) < 20
    assert np.all(np.abs(np.diff(voltage))[1:-1] >= 0.05)


def test_a_prompt_waits_for_a_number_that_fits(bench: FakeBench, live: LiveWriter, tmp_path: Path) -> None:
    ask = {
        "step": "prompt", "text": {"zh": "输入扭矩", "en": "enter the torque"}, "answer": "number",
        "name": "torque", "low": 1, "high": 9, "timeout_s": 20,
    }  # fmt: skip
    then = {"step": "if", "condition": "torque > 4", "then": [{"step": "rest", "duration_s": 1}]}
    stop = StopFlags()
    for answer in (
        {"prompt": 7, "value": 3},
        {"prompt": 1, "value": 12},
        {"prompt": 1, "value": 5, "by": "li"},
    ):
        stop.answer({"command": "answer", **answer})
    ended = run(bench, live, tmp_path, ask, then, stop=stop)
    assert ended.outcome.outcome == "completed", ended
    assert told(tmp_path, "prompt.refused") == [{"prompt": 1, "why": "larger than 9"}]
    assert told(tmp_path, "prompt.answered") == [{"prompt": 1, "value": 5, "by": "li"}]
    assert told(tmp_path, "run.decided")[0]["holds"] is True


def test_a_prompt_that_nobody_answers_ends_the_run(
    bench: FakeBench, live: LiveWriter, tmp_path: Path
) -> None:
    ask = {"step": "prompt", "text": {"zh": "确认", "en": "confirm"}, "timeout_s": 1}
    ended = run(bench, live, tmp_path, ask)
    assert (ended.outcome.outcome, ended.outcome.code) == ("check_failed", "safety.check.prompt")
    assert not bench.source.on


def test_waits_end_when_what_they_wait_for_has_come(
    bench: FakeBench, live: LiveWriter, tmp_path: Path
) -> None:
    ocv = {"step": "ocv_wait", "drift_max_mV_per_min": 1, "duration_min_s": 20, "duration_max_s": 300}
    warm = {"step": "wait_temperature", "low_degC": 20, "high_degC": 30, "stable_s": 5, "duration_max_s": 60}
    cold = {**warm, "low_degC": -10, "high_degC": 0}
    channel = {"sensors": [{"driver": "scanner", "inputs": [{"number": 1, "role": "cell_surface"}]}]}
    ended = run(bench, live, tmp_path, ocv, warm, cold, channel=channel)
    assert ended.outcome.code == "safety.check.not_reached"
    first, second = told(tmp_path, "engine.until")
    assert 28 <= first["duration_s"] < 40  # half of the window over which the drift is taken
    # At least the steady time; the scanner's thread lives in real time and may lag behind the fake clock.
    assert 5 <= second["duration_s"] < 60
    assert told(tmp_path, "engine.until_missed")[0]["duration_s"] == pytest.approx(60, abs=1)


def test_excitations_are_played_edge_by_edge(bench: FakeBench, live: LiveWriter, tmp_path: Path) -> None:
    sines = {"step": "multi_sine", "base_Hz": 0.1, "harmonics": [1, 3], "current_C": 0.5, "hold_s": 0.5}
    bits = {"step": "prbs", "order": 4, "bit_s": 1, "current_C": 0.2}
    ramp = {"step": "ramp", "from_C": 0.1, "to_C": 0.5, "duration_s": 10, "hold_s": 1}
    table = {"step": "current_table", "rows": [[0, 1.0], [2, -1.0], [5, 0.0]]}
    ended = run(bench, live, tmp_path, sines, bits, ramp, table)
    assert ended.outcome.outcome == "completed", ended
    recorded = journal(tmp_path)
    command = recorded.column("command_A")
    assert command.max() == pytest.approx(10.0, abs=0.01)
    moved = np.trapezoid(recorded.column("current_A"), recorded.column("t_s")) / 3600
    # Sines carry nothing, one bit of 4 A is left over, the ramp carries 6 A for 10 s, the table -1 As.
    assert moved == pytest.approx((4.0 + 60.0 - 1.0 - 2.0) / 3600, abs=0.003)


def test_methods_of_the_field_run_on_the_engine(bench: FakeBench, live: LiveWriter, tmp_path: Path) -> None:
    """Short ones: the two-step resistance of IEC 61960, from whose two voltages the cell's 3 mohm come."""
    bench.cell.held_Ah = 0.3
    plan = profiles.resolve(profiles.load("iec61960_dcr"), nominal_capacity_Ah=20).as_dict()
    ended = Run(
        make_job(tmp_path, plan), live, StopFlags(),
        opener=bench.open, make_clock=lambda _speed, _begin_s: bench.clock,
    ).run()  # fmt: skip
    assert ended.outcome.outcome == "completed", ended
    recorded = journal(tmp_path)
    segment, volts, amps = (recorded.column(name) for name in ("segment", "voltage_V", "current_A"))
    first, second = np.flatnonzero(segment == 3)[-2], np.flatnonzero((segment == 4) & (amps < -19))[1]
    ohm = (volts[first] - volts[second]) / (amps[first] - amps[second])
    assert ohm == pytest.approx(0.003, rel=0.1)
