"""Gaps between samples, a clock that runs wrong, and what good runs look like at any speed."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from tests.station.safety.running.feed import Feed, code_of


@pytest.mark.parametrize(
    ("gap_s", "code", "notes"), [(0.1, None, 0), (0.6, None, 1), (1.6, "safety.sample_gap", 1)]
)
def test_a_gap_under_current_is_said_and_a_long_one_trips(gap_s: float, code: str | None, notes: int) -> None:
    feed = Feed()
    feed.run(1.0)
    feed.command(20.0)
    feed.run(1.0)
    feed.skip(gap_s)
    assert code_of(feed.step()) == code
    assert feed.codes() == ["engine.sample_gap"] * notes


def test_a_gap_at_rest_or_at_high_speed_is_none() -> None:
    feed = Feed()
    feed.run(1.0)
    feed.skip(4.0)
    assert feed.run(1.0) is None
    assert feed.notes == []
    feed = Feed(speed=20.0, rate_Hz=10.0)
    feed.run(5.0)
    feed.command(20.0)
    feed.run(5.0)
    feed.skip(4.0)
    assert feed.run(5.0) is None


def test_sample_times_that_do_not_grow_trip() -> None:
    feed = Feed()
    feed.run(1.0)
    same = feed.sample()
    results = [code_of(feed.step(replace(same, unix_s=feed.unix_s))) for _ in range(4)]
    assert results[0] is None
    assert "safety.sample_clock" in results


@pytest.mark.parametrize(
    ("rate", "code"),
    [(1.0, None), (1.005, None), (1.05, "safety.sample_clock"), (0.9, "safety.sample_clock")],
)
def test_a_clock_that_runs_wrong_is_found(rate: float, code: str | None) -> None:
    feed = Feed(rate_Hz=20)
    tripped = None
    for _ in range(1000):
        tripped = tripped or feed.step()
        feed.unix_s += feed.period_s * (1 / rate - 1)
    assert code_of(tripped) == code


@pytest.mark.parametrize("jump_s", [3600.0, -3600.0, 5.0])
def test_a_wall_clock_that_is_set_is_told_and_trips_nothing(jump_s: float) -> None:
    feed = Feed(rate_Hz=20)
    feed.run(15.0)
    feed.unix_s += jump_s
    assert feed.run(40.0) is None
    assert feed.codes() == ["engine.wall_clock_jumped"]


@pytest.mark.parametrize("value", [None, math.nan, math.inf, 9.9e37])
def test_no_reading_is_never_a_number(value: float | None) -> None:
    feed = Feed()
    feed.run(1.0)
    for name in ("voltage_V", "current_A"):
        sample = replace(feed.sample(), **{name: value})
        assert code_of(feed.rules.check_envelope(sample)) == "safety.no_reading"


@pytest.mark.parametrize(
    ("speed", "rate_Hz", "step_V", "noise_V", "scan_s"),
    [
        (1.0, 1000.0, 0.001, 0.0005, 0.5),
        (1.0, 100.0, 0.0001, 0.0003, 0.5),
        (20.0, 25.0, 0.001, 0.002, 1.0),
        (20.0, 5.0, 0.001, 0.002, 3.0),
        (100.0, 2.0, 0.001, 0.002, 10.0),
    ],
)
def test_good_runs_are_quiet(
    speed: float, rate_Hz: float, step_V: float, noise_V: float, scan_s: float
) -> None:
    feed = Feed(speed=speed, rate_Hz=rate_Hz, step_V=step_V, noise_V=noise_V, scan_s=scan_s)
    feed.degC = lambda t_s: (25.0 + 0.02 * t_s + feed.random.gauss(0, 0.03),)
    for current_A in (10.0, 50.0):
        assert feed.pulses(current_A) is None
    assert [code for code in feed.codes() if code != "engine.rule_thin"] == []


def test_every_rule_tells_its_name_limit_source_and_is_listed() -> None:
    described = {rule["rule"]: rule for rule in Feed().rules.describe()}
    assert len(described) >= 20
    assert all(rule["source"] for rule in described.values())
    assert {"half_current", "frozen_reading", "sample_gap", "sample_clock", "thermal_runaway"} <= set(
        described
    )
