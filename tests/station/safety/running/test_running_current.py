"""Commanded against measured current, half current, frozen readings, charge and energy."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.errors import LimitTripped
from station.safety import EnvelopePart
from station.safety.running import Totals
from tests.station.safety.running.feed import Feed, code_of, envelope_of


def after_pulse(feed: Feed, change: str, value: float) -> tuple[LimitTripped | None, float]:
    """Charge for a second, then bend something; what tripped and how long after."""
    assert feed.run(2.0) is None
    feed.command(40.0)
    assert feed.run(1.0) is None
    setattr(feed, change, value)
    from_s = feed.t_s
    return feed.run(3.0), feed.t_s - from_s


@pytest.mark.parametrize(
    ("gain", "code", "within_s"),
    [
        (0.5, "safety.half_current", 0.15),
        (0.47, "safety.half_current", 0.15),
        (0.9, "safety.current_tracking", 0.6),
        (0.0, "safety.current_tracking", 0.6),
        (-0.5, "safety.current_tracking", 0.6),
    ],
)
def test_a_wrong_current_is_found_and_named(gain: float, code: str, within_s: float) -> None:
    tripped, took_s = after_pulse(Feed(), "gain", gain)
    assert code_of(tripped) == code
    assert took_s <= within_s


def test_half_from_the_first_moment_of_a_discharge() -> None:
    feed = Feed()
    feed.gain = 0.5
    feed.run(2.0)
    feed.command(-40.0)
    tripped = feed.run(1.0)
    assert tripped is not None
    assert tripped.code == "safety.half_current"
    assert (tripped.params["value"], tripped.params["limit"]) == (pytest.approx(-20, abs=0.1), -40.0)


@pytest.mark.parametrize("slew_s", [0.05, 0.3, 0.45])
def test_a_ramp_through_the_half_is_no_half_current(slew_s: float) -> None:
    feed = Feed()
    feed.run(2.0)
    feed.command(40.0)
    from_s = feed.t_s
    while feed.t_s < from_s + 2:
        feed.gain = min(1.0, (feed.t_s - from_s) / slew_s)
        assert feed.step() is None


def test_a_small_contact_current_is_not_judged_by_its_half() -> None:
    feed = Feed(range_A=450)
    feed.run(1.0)
    feed.command(-2.0)
    feed.gain = 0.5
    assert feed.run(1.0) is not None  # 1 A of 2 A differs by more than 0.9 A: the general rule
    assert code_of(Feed(range_A=2000).pulses(2.0)) is None


def test_a_lively_instrument_that_freezes_is_named_before_the_tracking() -> None:
    feed = Feed()
    assert feed.run(3.0) is None
    feed.frozen = (3.6500, 0.004)
    assert feed.run(3.0) is None
    feed.command(40.0)
    tripped, from_s = feed.run(2.0), 6.0
    assert code_of(tripped) == "safety.frozen_reading"
    assert feed.t_s - from_s < 0.5


def test_a_coarse_instrument_that_repeats_itself_is_left_to_the_tracking() -> None:
    feed = Feed()
    feed.frozen = (3.650, 0.0)
    assert feed.run(5.0) is None
    feed.command(40.0)
    assert code_of(feed.run(2.0)) == "safety.current_tracking"


def test_one_millivolt_steps_at_rest_never_freeze() -> None:
    feed = Feed(step_V=0.001, noise_V=0.0, rate_Hz=20)
    for _ in range(3):
        assert feed.pulses() is None


@pytest.mark.parametrize(
    ("limits", "current_A", "code"),
    [
        ({"charge_max_Ah": 0.05}, 40.0, "safety.charge_max"),
        ({"discharge_max_Ah": 0.05}, -40.0, "safety.discharge_max"),
        ({"energy_max_Wh": 0.2}, -40.0, "safety.energy_max"),
        ({"energy_max_Wh": 0.2}, 40.0, "safety.energy_max"),
        ({"balance_max_Ah": 0.05}, 40.0, "safety.balance_max"),
    ],
)
def test_charge_and_energy_have_limits(limits: dict[str, float], current_A: float, code: str) -> None:
    feed = Feed(envelope=envelope_of(EnvelopePart("bench", **limits)), rate_Hz=20)
    feed.run(1.0)
    feed.command(current_A)
    tripped = feed.run(20.0)
    assert tripped is not None
    assert tripped.code == code
    assert tripped.params["source"] == "bench"
    assert tripped.params["value"] == pytest.approx(tripped.params["limit"], rel=0.05)
    moved_Ah = abs(current_A) * (feed.t_s - 1.0) / 3600
    totals = feed.rules.throughput.as_dict()
    assert totals["charge_Ah" if current_A > 0 else "discharge_Ah"] == pytest.approx(moved_Ah, rel=0.02)


def test_totals_are_carried_on_and_a_doubled_sample_adds_nothing() -> None:
    feed = Feed(envelope=envelope_of(EnvelopePart("battery", charge_max_Ah=1.0)))
    feed.rules.throughput.carry_on(Totals(0.999, 0.2, 3.6, 0.7))
    feed.run(1.0)
    feed.command(40.0)
    feed.step()
    before = feed.rules.throughput.as_dict()
    feed.rules.throughput.check(feed.recent.since(feed.t_s)[-1], feed.witness)
    assert feed.rules.throughput.as_dict() == before
    tripped = feed.run(2.0)
    assert (code_of(tripped), tripped.params["source"] if tripped else "") == ("safety.charge_max", "battery")


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-50, 50), min_size=1, max_size=30))
def test_totals_are_the_integral(currents_A: list[float]) -> None:
    feed = Feed(rate_Hz=1.0)
    total = 0.0
    last_A: float | None = None
    for amps in currents_A:
        feed.t_s += 1.0
        sample = replace(feed.sample(), current_A=amps, voltage_V=3.6)
        feed.rules.throughput.check(sample, feed.witness)
        if last_A is not None:
            total += (last_A + amps) / 7200
        last_A = amps
    got = feed.rules.throughput.as_dict()
    assert got["charge_Ah"] - got["discharge_Ah"] == pytest.approx(total, abs=1e-9)
