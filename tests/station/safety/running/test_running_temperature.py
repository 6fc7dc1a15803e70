"""Rates and spreads of temperatures, and the judgement of a thermal runaway."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from station.safety import EnvelopePart
from station.safety.running.slope import Course
from tests.station.safety.running.feed import Feed, bms_of, code_of, envelope_of


def heating(rate_K_per_s: float, from_s: float = 20.0) -> Callable[[float], tuple[float]]:
    return lambda t_s: (25.0 + rate_K_per_s * max(0.0, t_s - from_s),)


def noisy(feed: Feed, sigma_K: float) -> None:
    clean = feed.degC

    def degC(t_s: float) -> list[float | None]:
        return [None if v is None else v + feed.random.gauss(0, sigma_K) for v in clean(t_s)]

    feed.degC = degC


@pytest.mark.parametrize(
    ("rate", "code", "low_s", "high_s"),
    [
        (0.05, None, 0, 0),
        (0.09, None, 0, 0),
        (0.2, "safety.temperature_rate", 15, 30),
        (0.12, "safety.temperature_rate", 20, 35),
        (0.7, "safety.temperature_rate_fast", 2.5, 6.0),
        (3.0, "safety.temperature_rate_fast", 1.0, 5.0),
    ],
)
@pytest.mark.parametrize("scan_s", [0.5, 2.0])
def test_a_battery_that_heats_by_itself(
    rate: float, code: str | None, low_s: float, high_s: float, scan_s: float
) -> None:
    feed = Feed(rate_Hz=10, scan_s=scan_s)
    feed.degC = heating(rate)
    noisy(feed, 0.03)
    tripped = feed.run(70.0)
    assert code_of(tripped) == code
    if tripped is not None:
        assert low_s <= feed.t_s - 20.0 <= high_s + 3 * scan_s
        assert tripped.params["sensor"] == "surface 1"
        assert tripped.params["source"] == "station"
        assert "leave the room" in tripped.remedy if rate > 0.5 else True


def test_the_heat_of_pulses_is_no_alarm_but_the_fast_rule_stays() -> None:
    feed = Feed(rate_Hz=10)
    feed.degC = heating(0.15, 5.0)
    for _ in range(3):
        assert feed.pulses(50.0, pulse_s=5, rest_s=10) is None
    feed = Feed(rate_Hz=10)
    feed.degC = heating(0.7, 5.0)
    assert code_of(feed.pulses()) == "safety.temperature_rate_fast"


@pytest.mark.parametrize("jump_K", [3.0, 8.0, -8.0])
def test_a_sensor_that_jumps_or_glitches_is_no_heating(jump_K: float) -> None:
    feed = Feed(rate_Hz=10)
    feed.degC = lambda t_s: (25.0 + (jump_K if t_s > 40 else 0.0),)
    noisy(feed, 0.03)
    assert feed.run(100.0) is None
    feed = Feed(rate_Hz=10)
    feed.degC = lambda t_s: (25.0 + (jump_K if 40 < t_s < 40.4 else 0.0),)
    assert feed.run(100.0) is None


@pytest.mark.parametrize(("role", "limit"), [("bench", 2.0), ("profile", 1.0)])
def test_the_tighter_rate_wins_and_is_named(role: str, limit: float) -> None:
    part = EnvelopePart(role, temperature_rate_max_K_per_min=limit)
    feed = Feed(rate_Hz=10, envelope=envelope_of(part))
    feed.degC = heating(0.05)
    tripped = feed.run(70.0)
    assert tripped is not None
    assert (tripped.code, tripped.params["source"]) == ("safety.temperature_rate", role)
    assert tripped.params["limit"] == pytest.approx(limit)


def test_a_wider_rate_of_the_bench_widens_nothing() -> None:
    feed = Feed(rate_Hz=10, envelope=envelope_of(EnvelopePart("bench", temperature_rate_max_K_per_min=60)))
    feed.degC = heating(0.2)
    tripped = feed.run(70.0)
    assert tripped is not None
    assert (tripped.params["limit"], tripped.params["source"]) == (6.0, "station")


def test_runaway_by_voltage_and_by_maximum() -> None:
    low = EnvelopePart("bench", temperature_max_degC=50)
    feed = Feed(rate_Hz=20, roles=("cell_surface",), envelope=envelope_of(low))
    feed.degC = heating(1.5)
    feed.extra_V = lambda t_s: -1.2 if t_s > 23.2 else 0.0
    tripped = feed.run(30.0)
    assert code_of(tripped) == "safety.thermal_runaway"
    feed = Feed(rate_Hz=20)
    feed.degC = lambda t_s: (46.0 + 1.5 * max(0.0, t_s - 20.0),)
    tripped = feed.run(30.0)
    assert tripped is not None
    assert tripped.code == "safety.thermal_runaway"
    assert "leave the room" in tripped.remedy


def test_hot_alone_and_low_alone_keep_their_own_names() -> None:
    feed = Feed(rate_Hz=20)
    feed.degC = lambda t_s: (49.0 + 0.05 * max(0.0, t_s - 5.0),)
    assert code_of(feed.run(60.0)) == "safety.temperature_max"
    feed = Feed(rate_Hz=20, roles=())
    feed.extra_V = lambda t_s: -1.2 if t_s > 5 else 0.0
    assert code_of(feed.run(10.0)) == "safety.voltage_min"


def test_a_bms_in_whole_degrees_is_judged_with_its_step() -> None:
    for rate, code in ((0.05, None), (0.3, "safety.temperature_rate")):
        feed = Feed(cells=96, roles=(), rate_Hz=10, noise_V=0.05, step_V=0.01)
        feed.bms = lambda t, rate=rate, feed=feed: bms_of(  # type: ignore[misc]
            feed.true_V(), feed.command_A, degC=float(math.floor(20 + rate * t))
        )
        tripped = feed.run(80.0)
        assert code_of(tripped) == code, rate
        assert tripped is None or tripped.params["sensor"] == "BMS"


@pytest.mark.parametrize("bad", [None, math.nan, 9.9e37])
def test_a_lost_sensor_is_no_temperature_and_trips_by_its_age(bad: float | None) -> None:
    feed = Feed(rate_Hz=20)
    feed.degC = lambda t_s: (25.0 if t_s < 5 else bad,)
    tripped = feed.run(30.0)
    assert tripped is not None
    if bad is None:
        assert tripped.code == "safety.sensor_stale"
        assert tripped.params["signal"] == "cell_surface"
        assert 14.0 < feed.t_s < 16.5
        assert feed.codes() == ["engine.sensor_stale"]
    else:
        assert tripped.code == "safety.no_reading"


@pytest.mark.parametrize("role", ["terminals", "scanner"])
def test_other_lost_scanner_signals_trip_by_age_too(role: str) -> None:
    feed = Feed(rate_Hz=20)
    feed.run(3.0)
    if role == "scanner":
        feed.scanning = False
    else:
        feed.terminals = lambda _: None
    assert code_of(feed.run(20.0)) == "safety.sensor_stale"
    assert "engine.sensor_stale" in feed.codes()


def test_fast_time_needs_real_seconds_too() -> None:
    feed = Feed(rate_Hz=20, speed=100.0, scan_s=0.5)
    feed.run(3.0)
    feed.scanning = False
    assert feed.run(150.0) is None
    assert code_of(feed.run(100.0)) == "safety.sensor_stale"


def test_too_few_temperatures_are_said_once() -> None:
    feed = Feed(rate_Hz=2, scan_s=20.0, noise_V=0.0003)
    feed.run(300.0)
    assert feed.codes().count("engine.rule_thin") == 1


def test_spread_warns_then_stops() -> None:
    feed = Feed(rate_Hz=20)
    feed.degC = lambda t_s: (25.0, 25.0 + (0.08 * t_s if t_s < 75 else 6.0))
    assert feed.run(90.0) is None
    assert feed.codes() == ["engine.temperature_spread"]
    feed.degC = lambda _: (25.0, 37.0)
    tripped = feed.run(5.0)
    assert tripped is not None
    assert (tripped.code, tripped.params["source"]) == ("safety.temperature_spread", "station")


def test_one_scan_does_not_make_a_spread_and_a_missing_sensor_is_no_zero() -> None:
    feed = Feed(rate_Hz=20)
    feed.degC = lambda t_s: (25.0, 40.0 if 5 < t_s < 5.6 else 25.0)
    assert feed.run(20.0) is None
    feed.degC = lambda _: (25.0, None)
    feed.run(5.0)
    assert "engine.temperature_spread" not in feed.codes()


def test_a_course_takes_nothing_late_doubled_or_unreadable() -> None:
    course = Course()
    assert course.add(1.0, 25.0)
    for t_s, value in ((1.0, 99.0), (0.5, 99.0), (2.0, None), (3.0, math.nan), (4.0, 9.9e37)):
        assert not course.add(t_s, value)
    assert course.rise(5.0, 0.0) is None
