"""Whole runs on a bench in memory and fake time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drivers.capabilities import TimingClass
from drivers.errors import NoReading, TransportError
from station.engine.base.live import LiveWriter
from station.engine.base.outcome import StopRequested
from station.engine.base.stop import StopFlags
from station.engine.record.journal import Journal, read_journal
from station.engine.run import Ended, Run
from station.errors import UsageError
from tests.station.engine.fakes import STEPS, FakeBench, make_job, make_plan


@pytest.fixture
def bench() -> FakeBench:
    return FakeBench()


def run(
    fake: FakeBench, /, live: LiveWriter, run_dir: Path, stop: StopFlags | None = None, **job: Any
) -> Ended:
    fake.clock.t = 0.0
    return Run(
        make_job(run_dir, **job),
        live,
        stop or StopFlags(),
        opener=fake.open,
        make_clock=lambda _speed, _begin_s: fake.clock,
    ).run()


def journal(run_dir: Path) -> Journal:
    return read_journal(run_dir / "journal.jsonl")


@pytest.mark.parametrize("timing", ["commanded", "sequenced", "best"])
def test_a_run_in_order(bench: FakeBench, live: LiveWriter, tmp_path: Path, timing: str) -> None:
    ended = run(bench, live, tmp_path, plan=make_plan(timing=timing))
    assert ended.outcome.outcome == "completed", ended
    assert ended.safe.verified
    assert ended.safe.cutoff_open is None
    names = [name for _, name, _ in bench.source.log]
    assert names.index("prepare") < names.index("arm_watchdog") < names.index("output_on")
    assert names[-2:] == ["make_safe", "disarm_watchdog"]
    assert ("start_sequence" in names) == (timing != "commanded")
    assert bench.source.closed == 1
    recorded = journal(tmp_path)
    # The output stays off until the first energised group.
    on_s = bench.source.said("output_on")[0][0]
    assert on_s >= 5.0
    current = recorded.column("current_A")
    assert current.max() == pytest.approx(40.0)
    assert current.min() == pytest.approx(-40.0)
    edges = recorded.edges
    assert [edge["segment"] for edge in edges] == [1, 2, 3, 4, 5, 6]
    assert {edge["method"] for edge in edges} == {"samples"}
    assert max(abs(edge["achieved_s"] - edge["asked_s"]) for edge in edges) < 0.012
    times = recorded.column("t_s")
    assert np.all(np.diff(times) > 0)
    rate = next(event for event in recorded.events if event["code"] == "engine.sampling")["params"]
    assert rate["achieved_Hz"] == pytest.approx(100, abs=2)
    # Voltage and current belong to the same moment and to the segment they are marked with.
    command = recorded.column("command_A")
    assert np.mean(np.abs(command - current) < 0.1) > 0.99


def test_pulses_last_as_long_as_asked(bench: FakeBench, live: LiveWriter, tmp_path: Path) -> None:
    run(bench, live, tmp_path, plan=make_plan(timing="commanded"))
    times = [t for t, _ in bench.source.said("set_current")]
    values = [value for _, value in bench.source.said("set_current")]
    assert values == [0.0, -2.0, 0.0, 40.0, 0.0, -40.0, 0.0]
    assert np.diff(times)[1:] == pytest.approx([1.0, 2.0, 2.0, 5.0, 2.0], abs=0.002)


def test_the_watchdog_is_fed_by_the_main_loop(bench: FakeBench, live: LiveWriter, tmp_path: Path) -> None:
    run(bench, live, tmp_path)
    assert bench.source.said("arm_watchdog")[0][1] == 1.0


def test_header_and_end_tell_the_whole_story(bench: FakeBench, live: LiveWriter, tmp_path: Path) -> None:
    run(bench, live, tmp_path)
    recorded = journal(tmp_path)
    assert recorded.header["envelope"]["voltage_max_V"] == {"value": 4.25, "source": "chemistry"}
    assert recorded.header["envelope"]["charge_current_max_A"] == {"value": 40.0, "source": "plan"}
    assert recorded.header["instruments"]["power"]["model"] == "SOURCE"
    assert recorded.header["plan"]["segments"][1]["role"] == "contact_pulse"
    assert recorded.end is not None
    assert recorded.end["safe"]["verified"] is True


def test_instrument_protection_lies_just_outside_the_envelope(
    bench: FakeBench, live: LiveWriter, tmp_path: Path
) -> None:
    run(bench, live, tmp_path)
    p = bench.source.protection
    assert (p.voltage_min_V, p.voltage_max_V) == (pytest.approx(2.62), pytest.approx(4.28))
    assert (p.charge_current_max_A, p.discharge_power_max_W) == (40.0, 300.0)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ocv_V": -3.65}, "safety.check.polarity"),
        ({"ocv_V": 0.0}, "safety.check.no_battery"),
        ({"ocv_V": 1.2}, "safety.check.overdischarged"),
        ({"ocv_V": 2.5}, "safety.check.ocv_window"),
        ({"ocv_V": 4.3}, "safety.check.ocv_window"),
        ({"drift_V_per_s": 0.0003}, "safety.check.not_rested"),
    ],
)
def test_refused_before_energy(
    bench: FakeBench, live: LiveWriter, tmp_path: Path, change: dict[str, float], code: str
) -> None:
    for name, value in change.items():
        setattr(bench.cell, name, value)
    ended = run(bench, live, tmp_path)
    assert (ended.outcome.outcome, ended.outcome.code, ended.outcome.exit_code) == ("check_failed", code, 5)
    assert not bench.source.said("output_on")
    assert ended.safe.verified
    end = journal(tmp_path).end
    assert end is not None
    assert end["code"] == code


def test_no_watchdog_and_no_cutoff_is_refused_unless_accepted(
    bench: FakeBench, live: LiveWriter, tmp_path: Path
) -> None:
    bench.source.watchdog = None
    refused = run(bench, live, tmp_path / "a")
    assert refused.outcome.code == "safety.check.watchdog_or_cutoff"
    accepted = run(bench, live, tmp_path / "b", channel={"accept_no_watchdog": ["source"]})
    assert accepted.outcome.outcome == "completed"
    assert any(event["code"] == "engine.no_watchdog_accepted" for event in journal(tmp_path / "b").events)


def test_a_cutoff_without_a_guard_is_refused(bench: FakeBench, live: LiveWriter, tmp_path: Path) -> None:
    job = make_job(tmp_path)
    with_guard = job.bench.model_dump(mode="json", by_alias=True)
    with_guard["channels"][0]["cutoff"] = {"coil": 0}
    with_guard["guard"] = {"relay": {"driver": "relay"}}
    ended = run(bench, live, tmp_path, bench=with_guard)
    assert ended.outcome.code == "safety.check.guard_present"
    assert bench.source.log == []


def test_a_plan_beyond_the_channel_is_refused(bench: FakeBench, live: LiveWriter, tmp_path: Path) -> None:
    steps = [*STEPS[:2], {"step": "pulse_pair", "current_C": 4.0, "duration_s": 2.0, "rest_s": 5.0}]
    ended = run(bench, live, tmp_path, plan=make_plan(steps))
    assert ended.outcome.code == "safety.check.plan_current"
    assert not bench.source.said("output_on")


@pytest.mark.parametrize(
    ("error", "outcome", "code"),
    [
        (NoReading("overload"), "limit_tripped", "safety.no_reading"),
        (TransportError("link lost"), "instrument_fault", "driver.transport"),
        (ZeroDivisionError("a defect"), "internal", "internal.error"),
    ],
)
def test_whatever_breaks_the_output_ends_off(
    bench: FakeBench, live: LiveWriter, tmp_path: Path, error: Exception, outcome: str, code: str
) -> None:
    bench.source.fail_read_at_s, bench.source.fail_read_with = 9.0, error
    ended = run(bench, live, tmp_path)
    assert (ended.outcome.outcome, ended.outcome.code) == (outcome, code)
    assert bench.source.said("output_on")
    assert not bench.source.on
    assert ended.safe.verified
    recorded = journal(tmp_path)
    assert recorded.end is not None
    assert recorded.end["outcome"] == outcome
    assert recorded.samples[-1][0] < 9.001  # the middle of the last reading that did not fail


def test_voltage_limit_in_a_pulse(bench: FakeBench, live: LiveWriter, tmp_path: Path) -> None:
    bench.cell.ohm = 0.016  # 40 A move it by 0.64 V
    ended = run(bench, live, tmp_path, plan=make_plan(timing="commanded"))
    assert ended.outcome.code == "safety.voltage_max"
    recorded = journal(tmp_path)
    assert recorded.samples[-1][2] == pytest.approx(ended.outcome.params["value"], abs=1e-5)
    # One sample period after the edge at the latest.
    edge_s = bench.source.said("set_current")[-1][0]
    assert recorded.samples[-1][0] - edge_s < 0.011


def test_a_current_that_does_not_follow_trips(bench: FakeBench, live: LiveWriter, tmp_path: Path) -> None:
    steps = [*STEPS[:2], {"step": "pulse_pair", "current_C": 1.0, "duration_s": 20.0, "rest_s": 5.0}]
    stop_s = 12.0
    bench.source.stop_early_at_s = stop_s
    ended = run(bench, live, tmp_path, plan=make_plan(steps, timing="sequenced"))
    assert ended.outcome.code in ("instrument.sequence_broken", "safety.current_tracking")
    assert journal(tmp_path).samples[-1][0] < stop_s + 0.8


def test_contact_is_judged_before_larger_currents(bench: FakeBench, live: LiveWriter, tmp_path: Path) -> None:
    bench.cell.ohm = 0.2
    ended = run(bench, live, tmp_path)
    assert (ended.outcome.code, ended.outcome.exit_code) == ("safety.check.contact_plausible", 5)
    assert np.abs(journal(tmp_path).column("current_A")).max() == pytest.approx(2.0)


def test_half_the_current_is_found_in_the_contact_check(
    bench: FakeBench, live: LiveWriter, tmp_path: Path
) -> None:
    bench.source.gain = 0.5
    ended = run(bench, live, tmp_path, plan=make_plan(timing="commanded"))
    assert ended.outcome.code == "safety.half_current"


@pytest.mark.parametrize("by", ["command", "signal"])
def test_stop_ends_in_order(bench: FakeBench, live: LiveWriter, tmp_path: Path, by: str) -> None:
    stop = StopFlags()
    source = bench.source
    set_current = source.set_current

    def stop_in_the_pulse(current_A: float) -> None:
        set_current(current_A)
        if current_A == 40.0:
            stop.request(by)

    source.set_current = stop_in_the_pulse  # type: ignore[method-assign]
    ended = run(bench, live, tmp_path, stop, plan=make_plan(timing="commanded"))
    assert (ended.outcome.outcome, ended.outcome.params, ended.outcome.exit_code) == (
        "stopped",
        {"by": by},
        3,
    )
    assert not source.on
    assert source.said("make_safe")[-1][0] - source.said("set_current")[-1][0] < 0.05


def test_a_run_is_never_made_twice(bench: FakeBench, live: LiveWriter, tmp_path: Path) -> None:
    run(bench, live, tmp_path)
    before = (tmp_path / "journal.jsonl").read_bytes()
    again = run(bench, live, tmp_path)
    assert again.outcome.code in ("data.run_exists", "data.journal_write")
    assert (tmp_path / "journal.jsonl").read_bytes() == before


def test_timing_that_cannot_be_met_is_refused(bench: FakeBench, live: LiveWriter, tmp_path: Path) -> None:
    bench.source.timing = frozenset({TimingClass.COMMANDED})
    ended = run(bench, live, tmp_path, plan=make_plan(timing="sequenced"))
    assert ended.outcome.code == "engine.timing"
    assert not bench.source.said("output_on")


def test_speed_on_real_hardware_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        make_job(tmp_path, speed=20.0)
    assert error.value.code == "usage.speed"


def test_stop_flags_name_the_first_reason() -> None:
    stop = StopFlags()
    stop.check()
    stop.request("command")
    stop.request("signal")
    with pytest.raises(StopRequested, match="command"):
        stop.check()


def test_nothing_is_driven_that_cannot_be_recorded(
    bench: FakeBench, live: LiveWriter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("station.engine.record.journal.os.fsync", full)
    ended = run(bench, live, tmp_path)
    assert (ended.outcome.outcome, ended.outcome.code) == ("record_failed", "data.journal_write")
    assert ended.outcome.exit_code == 6
    assert not bench.source.said("output_on")
    assert ended.safe.verified
