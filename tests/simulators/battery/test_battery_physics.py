"""Charge, heat, step size and CV limits, the same for every kind of battery."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from simulators.battery import build_battery

MODEL = {"kind": "model", "chemistry": "LFP", "nominal_capacity_Ah": 35.0, "soh": 0.8, "soc": 0.5}
MEASURED = {"kind": "measured", "cell_id": "LFP35-002", "soc": 0.4}
KINDS: dict[str, Mapping[str, Any]] = {
    "model": MODEL,
    "measured": MEASURED,
    "model string": {"kind": "string", "series": 12, "cell": MODEL, "busbar_resistance_ohm": 0.001},
    "measured string": {
        "kind": "string",
        "series": 12,
        "cell": {"kind": "measured", "chemistry": "LFP", "nominal_capacity_Ah": 35.0, "soc": 0.4},
    },
    "mixed string": {"kind": "string", "series": 2, "cells": [MODEL, MEASURED]},
}
ALL = pytest.mark.parametrize("config", KINDS.values(), ids=KINDS.keys())


@ALL
def test_one_long_step_equals_many_short_ones(config) -> None:  # type: ignore[no-untyped-def]
    coarse, fine = build_battery(config, seed=3), build_battery(config, seed=3)
    for current, seconds in ((87.5, 5.0), (0.0, 20.0), (-87.5, 5.0), (0.0, 20.0), (10.0, 5.0)):
        coarse.advance(current, seconds)
        for _ in range(round(seconds * 100)):
            fine.advance(current, 0.01)
        for now in (current, 0.0):
            difference = coarse.voltage_V(now) - fine.voltage_V(now)
            assert abs(difference) / coarse.series_cells < 0.1e-3


@ALL
def test_charge_moves_soc_by_the_true_capacity(config) -> None:  # type: ignore[no-untyped-def]
    battery = build_battery(config, seed=3)
    before = battery.truth()
    for _ in range(60):
        battery.advance(-17.5, 10.0)
    moved = -17.5 * 600 / 3600 / before.capacity_Ah
    assert battery.truth().soc - before.soc == pytest.approx(moved, abs=1e-9)


@ALL
def test_rest_voltage_rises_when_charge_goes_in(config) -> None:  # type: ignore[no-untyped-def]
    battery = build_battery(config, seed=3)
    before = battery.voltage_V(0.0)
    battery.advance(17.5, 600.0)
    battery.advance(0.0, 3600.0)
    assert battery.voltage_V(0.0) > before


@ALL
def test_energy_is_lost_in_a_closed_round(config) -> None:  # type: ignore[no-untyped-def]
    battery = build_battery(config, seed=3)
    energy_J = 0.0
    for current in (35.0, -35.0):
        for _ in range(100):
            battery.advance(current, 1.0)
            energy_J += current * battery.voltage_V(current)
    loss = energy_J / battery.series_cells
    # 2 x 100 s of 35 A over some 2-6 mohm
    assert 2 * 100 * 35**2 * 1e-3 < loss < 2 * 100 * 35**2 * 10e-3


@ALL
def test_current_warms_and_rest_cools(config) -> None:  # type: ignore[no-untyped-def]
    battery = build_battery(config, seed=3)
    assert battery.temperatures_degC() == pytest.approx([25.0] * battery.series_cells)
    for _ in range(30):
        battery.advance(70.0, 10.0)
        battery.advance(-70.0, 10.0)
    warm = np.array(battery.temperatures_degC())
    assert (warm > 27.0).all()
    assert (warm < 60.0).all()
    battery.advance(0.0, 36_000.0)
    assert battery.temperatures_degC() == pytest.approx([25.0] * battery.series_cells, abs=0.1)


@ALL
def test_current_for_voltage_is_the_inverse_of_voltage(config) -> None:  # type: ignore[no-untyped-def]
    battery = build_battery(config, seed=3)
    battery.advance(40.0, 2.0)
    for per_cell in (2.3, 2.9, 3.1, 3.5, 3.65, 4.0):
        target = per_cell * battery.series_cells
        current = battery.current_for_voltage_A(target)
        assert battery.voltage_V(current) == pytest.approx(target, abs=1e-6)


@ALL
def test_asking_changes_nothing(config) -> None:  # type: ignore[no-untyped-def]
    asked, left_alone = build_battery(config, seed=3), build_battery(config, seed=3)
    for current in (50.0, 0.0, -50.0):
        for other in (-80.0, 0.0, 80.0, 0.1):
            asked.voltage_V(other)
            asked.cell_voltages_V(other)
        asked.current_for_voltage_A(3.5 * asked.series_cells)
        asked.advance(current, 3.0)
        left_alone.advance(current, 3.0)
        assert asked.voltage_V(current) == left_alone.voltage_V(current)


@ALL
def test_same_seed_same_battery(config) -> None:  # type: ignore[no-untyped-def]
    one, same = build_battery(config, seed=8), build_battery(config, seed=8)
    assert one.truth() == same.truth()
    assert one.cell_voltages_V(20.0) == same.cell_voltages_V(20.0)


@ALL
def test_time_does_not_run_backwards(config) -> None:  # type: ignore[no-untyped-def]
    battery = build_battery(config, seed=3)
    with pytest.raises(ValueError, match="dt_s"):
        battery.advance(1.0, -0.1)


def test_seed_decides_what_is_left_open() -> None:
    for config in (
        {"kind": "model", "chemistry": "NMC", "nominal_capacity_Ah": 50.0},
        {"kind": "measured", "chemistry": "LFP"},
    ):
        truths = {build_battery(config, seed=s).truth() for s in range(6)}
        assert len(truths) == 6


@pytest.mark.parametrize("chemistry", ["LFP", "NMC", "LMO"])
def test_ocv_rises_with_soc_and_stays_in_the_chemistry_window(chemistry) -> None:  # type: ignore[no-untyped-def]
    volts = [
        build_battery(
            {"kind": "model", "chemistry": chemistry, "nominal_capacity_Ah": 20, "soh": 0.9, "soc": s}, seed=1
        ).voltage_V(0.0)
        for s in np.linspace(0, 1, 101)
    ]
    assert (np.diff(volts) > 0).all()
    window = {"LFP": (2.5, 3.65), "NMC": (2.7, 4.2), "LMO": (2.7, 4.2)}[chemistry]
    assert window[0] < volts[0] < volts[-1] < window[1]


def test_model_resistance_follows_age_cold_and_amplitude() -> None:
    def resistance(current: float = 10.0, **more: object) -> float:
        battery = build_battery({**MODEL, "resistance_growth": 1.3, **more}, seed=1)
        rest = battery.voltage_V(0.0)
        battery.advance(current, 5.0)
        return (battery.voltage_V(current) - rest) / current

    usual = resistance()
    assert resistance(resistance_growth=2.6) == pytest.approx(2 * usual, rel=0.05)
    assert resistance(ambient_degC=5.0) > 1.5 * usual
    assert 0.8 * usual < resistance(current=87.5) < 0.98 * usual
    assert resistance(soc=0.03) > 1.2 * usual


def test_relaxation_drift_fades() -> None:
    config = {**MODEL, "relaxation_drift_mV": 12.0, "relaxation_time_s": 300.0}
    still, drifting = build_battery(MODEL, seed=1), build_battery(config, seed=1)
    assert drifting.voltage_V(0.0) - still.voltage_V(0.0) == pytest.approx(0.012)
    drifting.advance(0.0, 300.0)
    assert drifting.voltage_V(0.0) - still.voltage_V(0.0) == pytest.approx(0.012 / np.e)


def test_a_cold_measured_cell_resists_more() -> None:
    def rise(ambient: float) -> float:
        battery = build_battery({**MEASURED, "ambient_degC": ambient}, seed=1)
        rest = battery.voltage_V(0.0)
        battery.advance(35.0, 1.0)
        return battery.voltage_V(35.0) - rest

    assert rise(5.0) > 1.3 * rise(25.0)
