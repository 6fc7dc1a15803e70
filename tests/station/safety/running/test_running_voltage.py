"""Dips at rest, a falling voltage under charge, the voltmeters, the cells."""

from __future__ import annotations

import math

import pytest

from station.errors import LimitTripped
from station.safety import EnvelopePart
from tests.station.safety.running.feed import Feed, bms_of, code_of, envelope_of


def test_a_sudden_dip_at_rest_is_found() -> None:
    feed = Feed(roles=())
    feed.extra_V = lambda t_s: -0.06 if t_s > 5.0 else 0.0
    tripped = feed.run(10.0)
    assert tripped is not None
    assert tripped.code == "safety.voltage_dip"
    assert tripped.params["value"] == pytest.approx(0.06, abs=0.005)
    assert feed.t_s < 6.0


@pytest.mark.parametrize("dip_V", [0.03, -0.2])
def test_a_small_dip_or_a_rise_is_none(dip_V: float) -> None:
    feed = Feed(roles=())
    feed.extra_V = lambda t_s: -dip_V if t_s > 5.0 else 0.0
    assert feed.run(10.0) is None


@pytest.mark.parametrize(("size_V", "tau_s"), [(0.5, 10.0), (0.4, 1.0), (0.2, 0.3), (0.05, 200.0)])
@pytest.mark.parametrize("rate_Hz", [1000.0, 100.0, 13.0, 4.0])
def test_no_relaxation_looks_like_a_dip(size_V: float, tau_s: float, rate_Hz: float) -> None:
    """Also not that of a bad cell after a charge pulse."""
    feed = Feed(roles=(), rate_Hz=rate_Hz, noise_V=0.001)
    feed.run(2.0)
    feed.command(50.0)
    from_s = feed.t_s
    feed.extra_V = lambda t_s: size_V * (1 - math.exp((from_s - t_s) / tau_s))
    assert feed.run(5.0) is None
    peak_V, from2_s = feed.extra_V(feed.t_s), feed.t_s
    feed.command(0.0)
    feed.extra_V = lambda t_s: peak_V * math.exp((from2_s - t_s) / tau_s)
    assert feed.run(20.0) is None


def test_one_odd_sample_is_no_dip() -> None:
    feed = Feed(roles=())
    for number in range(2000):
        feed.extra_V = lambda _, low=number % 40 == 0: -0.3 if low else 0.0  # type: ignore[misc]
        assert feed.step() is None


def test_a_change_over_a_gap_is_not_sudden() -> None:
    feed = Feed(roles=())
    feed.run(3.0)
    feed.skip(10.0)
    feed.extra_V = lambda _: -0.1
    assert feed.run(3.0) is None


def test_a_voltage_that_falls_while_charging_is_found() -> None:
    feed = Feed(roles=())
    feed.run(1.0)
    feed.command(40.0)
    feed.extra_V = lambda t_s: -0.02 * max(0.0, t_s - 3.0)
    tripped = feed.run(10.0)
    assert code_of(tripped) == "safety.voltage_falling"
    assert 5.5 < feed.t_s < 7.0


def test_falling_under_discharge_or_with_the_current_is_none() -> None:
    feed = Feed(roles=())
    feed.run(1.0)
    feed.command(-40.0)
    feed.extra_V = lambda t_s: -0.05 * max(0.0, t_s - 3.0)
    assert feed.run(8.0) is None
    feed = Feed(roles=())
    feed.run(1.0)
    feed.command(40.0)
    feed.run(1.0)
    feed.gain = 0.8
    assert code_of(feed.run(5.0)) == "safety.current_tracking"


def test_a_voltage_that_falls_with_the_current_of_a_held_voltage_is_none_but_a_short_then_is() -> None:
    """The current is lowered in steps too small to wait for; one full cell of six is what is held."""
    feed = Feed(roles=(), cells=6)
    feed.run(1.0)
    feed.command(40.0)
    for _ in range(60):
        feed.command_A *= 0.99
        assert feed.run(1.0) is None
    from_s = feed.t_s
    feed.extra_V = lambda t_s: -0.1 if t_s > from_s + 1 else 0.0
    assert code_of(feed.run(5.0)) == "safety.voltage_falling"


def test_good_voltmeters_agree_under_load() -> None:
    feed = Feed()
    feed.terminals = lambda voltage_V: voltage_V - 0.002
    for _ in range(2):
        assert feed.pulses() is None


@pytest.mark.parametrize("ahead_s", [0.06, 0.15])
def test_an_instrument_ahead_of_its_commands_is_no_disagreement(ahead_s: float) -> None:
    """Its own program began somewhere inside the exchange that started it; scans fall on its edges."""
    feed = Feed()
    feed.run(3.0)
    for number in range(120):
        feed.command_A = 0.0 if number % 2 else 40.0
        assert feed.run(ahead_s) is None
        feed.witness.steady_since_s = feed.t_s
        assert feed.run(1.01 - ahead_s) is None


@pytest.mark.parametrize("scanned_before_s", [0.0, 0.3])
def test_slow_samples_do_not_keep_scans_from_being_compared(scanned_before_s: float) -> None:
    """A scan may be shorter than a sample period, and lie between two samples."""
    feed = Feed(rate_Hz=1.0, scan_s=0.5)
    feed.scanned_before_s = scanned_before_s
    assert feed.pulses() is None
    feed.terminals = lambda voltage_V: voltage_V - 0.05
    assert code_of(feed.run(10.0)) == "safety.voltage_agreement"


@pytest.mark.parametrize("lead_ohm", [0.003, -0.002])
def test_a_lead_that_comes_off_under_load_is_found(lead_ohm: float) -> None:
    feed = Feed()
    feed.run(3.0)
    feed.command(40.0)
    feed.run(3.0)
    feed.terminals = lambda voltage_V: voltage_V - lead_ohm * 40.0
    from_s = feed.t_s
    assert code_of(feed.run(5.0)) == "safety.voltage_agreement"
    assert feed.t_s - from_s < 2.1


def test_a_frozen_scanner_is_found_by_the_next_pulse() -> None:
    feed = Feed()
    feed.run(3.0)
    feed.terminals = lambda _: 3.650
    assert feed.run(3.0) is None
    feed.command(40.0)
    assert code_of(feed.run(5.0)) == "safety.voltage_agreement"


CELLS = ("cell_surface", "terminals", "cell")


def string(feed: Feed, offsets_V: dict[int, float | None]) -> None:
    def cells_V(_: float) -> tuple[float | None, ...]:
        each_V = feed.true_V() / feed.cells
        found: list[float | None] = []
        for n in range(feed.cells):
            offset_V = offsets_V.get(n, 0.0)
            found.append(None if offset_V is None else each_V + offset_V)
        return tuple(found)

    feed.cells_V = cells_V


def test_cells_that_add_up_are_quiet() -> None:
    feed = Feed(roles=CELLS, cells=12, noise_V=0.003)
    string(feed, {0: 0.02, 1: -0.02})
    assert feed.pulses() is None


@pytest.mark.parametrize(
    ("offsets_V", "code"),
    [
        ({3: 0.4}, "safety.cell_sum"),
        ({3: 0.3, 4: -0.3}, "safety.cell_spread"),
        ({3: 0.7, 4: -0.7}, "safety.cell_voltage_max"),
        ({3: -1.1}, "safety.cell_voltage_min"),
        ({3: None}, "safety.sensor_stale"),
    ],
)
def test_what_cells_can_tell(offsets_V: dict[int, float | None], code: str) -> None:
    feed = Feed(roles=CELLS, cells=12, noise_V=0.003, rate_Hz=20)
    string(feed, offsets_V)
    assert code_of(feed.run(12.0)) == code


def test_a_missing_or_overloaded_cell_is_no_zero() -> None:
    for value in (None, 9.9e37, math.nan):
        feed = Feed(roles=CELLS, cells=12, noise_V=0.003, rate_Hz=20)
        string(feed, {})
        good = feed.cells_V
        feed.cells_V = lambda t, good=good, value=value: (value, *good(t)[1:])  # type: ignore[misc]
        assert feed.run(5.0) is None
        assert "engine.sensor_stale" in feed.codes()


def test_a_sum_of_the_wrong_number_of_cells_is_said_not_judged() -> None:
    feed = Feed(roles=CELLS, cells=12, rate_Hz=20)
    feed.cells_V = lambda _: (3.65,) * 6
    assert feed.run(5.0) is None
    assert feed.codes() == ["engine.rule_thin"]


def test_whose_spread_it_was_is_told() -> None:
    part = EnvelopePart("profile", cell_spread_max_V=0.05)
    feed = Feed(roles=CELLS, cells=12, envelope=envelope_of(part, cells=12), rate_Hz=20)
    string(feed, {3: 0.04, 4: -0.04})
    tripped = feed.run(5.0)
    assert tripped is not None
    assert (tripped.code, tripped.params["source"], tripped.params["cell"]) == (
        "safety.cell_spread",
        "profile",
        5,
    )


def with_bms(**change: object) -> tuple[LimitTripped | None, Feed]:
    feed = Feed(cells=96, roles=(), rate_Hz=20, noise_V=0.05, step_V=0.01)
    feed.command(36.0)
    values: dict[str, object] = {"cells_V": (3.758,) * 96, "gives_cells": True, "degC": 25.0}

    def look(_: float) -> object:
        merged = {"pack_V": feed.true_V(), "current_A": 36.0, **values, **(change if feed.t_s > 4 else {})}
        return bms_of(**merged)  # type: ignore[arg-type]

    feed.bms = look  # type: ignore[assignment]
    return feed.run(40.0), feed


def test_an_agreeing_bms_is_quiet() -> None:
    tripped, feed = with_bms()
    assert tripped is None
    assert feed.notes == []


@pytest.mark.parametrize(
    ("change", "code", "after_s"),
    [
        ({"pack_V": None}, "safety.bms_stale", 0.0),
        ({"age_s": 2.5}, "safety.bms_stale", 0.0),
        ({"cells_age_s": 21.0}, "safety.bms_cells_stale", 0.0),
        ({"cells_V": ()}, "safety.bms_cells_stale", 20.1),
        ({"degC": None}, "safety.bms_stale", 10.0),
        ({"current_A": None}, "safety.bms_stale", 10.0),
        ({"faults": ("failsafe 1",)}, "safety.bms_fault", 0.2),
        ({"degC": 51.0}, "safety.temperature_max", 0.0),
        ({"cells_V": (3.758,) * 95 + (4.26,)}, "safety.cell_voltage_max", 0.0),
        ({"cells_V": (3.758,) * 95 + (2.5,)}, "safety.cell_voltage_min", 0.0),
        ({"pack_V": 330.0}, "safety.bms_voltage", 0.5),
        ({"current_A": 18.0}, "safety.bms_current", 0.5),
        ({"cells_V": (3.65,) * 96}, "safety.cell_sum", 2.1),
    ],
)
def test_what_a_bms_can_tell(change: dict[str, object], code: str, after_s: float) -> None:
    tripped, feed = with_bms(**change)
    assert code_of(tripped) == code
    assert feed.t_s - 4.0 == pytest.approx(after_s, abs=0.3)


def test_an_ageing_bms_is_warned_of_first_and_agreement_waits_after_an_edge() -> None:
    tripped, feed = with_bms(age_s=1.5)
    assert tripped is None
    assert feed.codes() == ["engine.bms_stale"]
    feed = Feed(cells=96, roles=(), noise_V=0.05, step_V=0.01)
    feed.bms = lambda _: bms_of(feed.true_V(), 0.0)
    assert feed.run(2.0) is None
    feed.command(36.0)
    assert feed.run(1.4) is None
    assert code_of(feed.run(2.0)) == "safety.bms_current"
