"""The window's copy of what the service says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from station.curves import Pyramid, to_message
from station.ui.mirror import SILENCE_S, Mirror
from station.ui.views import BenchInfo
from tests.ui.scripted import GOOD_GUARD, bench, idle, pulse_curve, running, samples


@pytest.fixture
def clock() -> list[float]:
    return [1000.0]


@pytest.fixture
def mirror(clock: list[float]) -> Mirror:
    made = Mirror(lambda: clock[0], lambda: clock[0])
    made.bench_seen(BenchInfo.read(bench(2)))
    made.apply({"type": "state", "channels": {"1": idle(), "2": idle()}, "guard": GOOD_GUARD})
    return made


def channel(number: str, state: dict[str, Any]) -> dict[str, Any]:
    return {"type": "channel", "channel": number, "state": state}


def test_readings_follow_the_samples_and_a_new_run_begins_a_new_curve(mirror: Mirror) -> None:
    mirror.apply(channel("1", running("1", 0.0)))
    mirror.apply(samples("1", pulse_curve(12.0)))
    slot = mirror.slots["1"]
    assert slot.live_V == pytest.approx(3.3, abs=0.01)
    assert slot.voltage.last_s == 12.0
    mirror.apply(channel("1", {**running("1", 0.0), "run_id": "another"}))
    assert slot.voltage.last_s is None
    assert slot.live_V is None


def test_a_window_that_comes_later_takes_over_the_whole_curve(mirror: Mirror) -> None:
    curve = pulse_curve(40.0)
    service = Pyramid()
    service.add(np.array(curve["t"]), np.array(curve["voltage_V"]))
    told = {
        "type": "curve",
        "channel": "1",
        "run_id": "run-1",
        "voltage": to_message(service),
        "current": None,
    }
    mirror.apply(channel("1", running("1", 40.0)))
    mirror.apply(told)
    slot = mirror.slots["1"]
    assert (slot.voltage.first_s, slot.voltage.last_s, slot.current.last_s) == (0.0, 40.0, None)
    mirror.apply(samples("1", {"t": [41.0], "voltage_V": [2.0], "current_A": [0.0]}))
    assert (slot.voltage.last_s, slot.voltage.low) == (41.0, 2.0)
    mirror.apply({**told, "run_id": "another"})
    assert slot.voltage.last_s == 41.0, "the curve of a run that is not the channel's"
    mirror.apply({**told, "voltage": {"keys": "?"}})
    assert [alarm.code for alarm in mirror.alarms] == ["ui.unreadable"]


def test_what_cannot_be_read_is_an_alarm_and_never_a_number(mirror: Mirror) -> None:
    mirror.apply(channel("1", running("1", 1.0, voltage_V=3.3)))
    for message in (
        channel("1", {**idle(), "state": "dancing"}),
        channel("1", {**idle(), "voltage_V": float("nan")}),
        {"type": "samples", "channel": "1", "t": [1.0, 2.0], "voltage_V": [3.3], "current_A": [0, 0]},
        {"type": "samples", "channel": "1", "t": [1.0], "voltage_V": ["x"], "current_A": [0]},
        {"type": "channel"},
        {"no": "type"},
    ):
        mirror.apply(message)
    assert mirror.slots["1"].live_V == 3.3
    assert all(alarm.code == "ui.unreadable" for alarm in mirror.alarms)
    assert sum(alarm.count for alarm in mirror.alarms) == 6


def test_a_reading_that_failed_is_no_number(mirror: Mirror) -> None:
    message = {
        "type": "samples",
        "channel": "1",
        "t": [1.0, 2.0],
        "voltage_V": [3.3, None],
        "current_A": [0, 0],
    }
    mirror.apply(message)
    assert mirror.slots["1"].live_V is None
    assert mirror.slots["1"].voltage.last_s == 1.0


def test_silence_is_noticed(mirror: Mirror, clock: list[float]) -> None:
    clock[0] += SILENCE_S - 0.1
    assert not mirror.silent
    clock[0] += 0.2
    assert mirror.silent
    mirror.heard()
    assert not mirror.silent


def test_a_lost_service_leaves_no_reading_standing(mirror: Mirror) -> None:
    mirror.apply(channel("1", running("1", 1.0, voltage_V=3.3, current_A=-5.0)))
    mirror.connection_lost("reset")
    slot = mirror.slots["1"]
    assert (slot.live_V, slot.live_A, slot.live_degC) == (None, None, None)
    assert mirror.guard.estop_ok is None
    mirror.connection_lost("again")
    assert [alarm.count for alarm in mirror.alarms] == [1]


def test_a_changed_speed_rebuilds_nothing(mirror: Mirror) -> None:
    version = mirror.bench_version
    mirror.bench_told(BenchInfo.read(bench(2, speed=50.0)))
    assert mirror.bench is not None
    assert mirror.bench.speed == 50.0
    assert mirror.bench_version == version
    mirror.bench_told(BenchInfo.read(bench(3)))
    assert mirror.bench_version == version + 1


def told(number: int, state: str = "unacknowledged", **more: Any) -> dict[str, Any]:
    row = {"number": number, "channel": "1", "code": "odd.one", "raised_s": 1.0, "state": state, **more}
    return {"type": "alarm", "alarm": row}


def test_the_list_is_the_services_and_the_windows_own_go_with_the_cause(mirror: Mirror) -> None:
    seen: list[str | None] = []
    mirror.alarms.on_seen = seen.append
    mirror.apply(told(1, raised_s=5.0))
    mirror.apply(told(2, root=1))
    mirror.apply(told(3, channel="2", priority=1))
    assert [alarm.number for alarm in mirror.alarms.roots()] == [3, 1]
    assert [alarm.number for alarm in mirror.alarms.folded(mirror.alarms.roots()[1])] == [2]
    mirror.alarms.acknowledge("1")
    mirror.alarms.acknowledge("7")
    assert seen == ["1"], "the service decides; it is asked where something waits"
    assert mirror.alarms.open == 2
    mirror.apply(told(1, "normal"))
    assert [alarm.number for alarm in mirror.alarms.roots()] == [3, 2]
    mirror.connection_lost("reset")
    assert mirror.alarms.open_for(None)
    mirror.bench_seen(BenchInfo.read(bench(2)))
    assert not mirror.alarms.open_for(None)
    mirror.apply({"type": "state", "channels": {}, "guard": GOOD_GUARD, "alarms": []})
    assert len(mirror.alarms) == 0
