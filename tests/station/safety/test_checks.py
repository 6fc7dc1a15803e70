from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from station.errors import CheckFailed
from station.safety import CheckInputs, chemistry_limits, run_checks
from station.safety.checks import require, rested

GOOD = CheckInputs(
    voltage_V=3.65,
    chemistry=chemistry_limits("NMC"),
    series_cells=1,
    charge_min_degC=0.0,
    charge_max_degC=45.0,
    has_terminals=True,
    terminals_V=3.651,
    has_surface=True,
    surface_degC=25.0,
)
PACK = replace(GOOD, series_cells=96, voltage_V=350.0, terminals_V=350.5, has_bms=True, bms_pack_V=350.0)


def failed(inputs: CheckInputs) -> str | None:
    results = run_checks(inputs)
    assert all(result.ok for result in results[:-1])
    last = results[-1]
    if last.ok:
        require(results)
        return None
    assert last.message
    assert last.remedy
    with pytest.raises(CheckFailed) as error:
        require(results)
    assert error.value.code == f"safety.check.{last.rule}"
    assert error.value.exit_code == 5
    return last.rule


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({}, None),
        ({"unwatched": ("load",)}, "watchdog_or_cutoff"),
        ({"unwatched": ("load",), "has_cutoff": True}, None),
        ({"unwatched": ("load",), "accept_no_watchdog": ("load",)}, None),
        ({"unwatched": ("load", "supply"), "accept_no_watchdog": ("load",)}, "watchdog_or_cutoff"),
        ({"voltage_V": None}, "reading_present"),
        ({"voltage_V": math.nan}, "reading_present"),
        ({"voltage_V": 9.9e37}, "reading_present"),
        ({"terminals_V": None}, "reading_present"),
        ({"terminals_V": None, "has_terminals": False}, None),
        ({"voltage_V": -3.65}, "polarity"),
        ({"terminals_V": -3.65}, "polarity"),
        ({"voltage_V": 0.01, "terminals_V": 0.02}, "no_battery"),
        ({"voltage_V": 3.60}, "voltage_agreement"),
        ({"voltage_V": 0.0}, "voltage_agreement"),
        ({"voltage_V": 1.2, "terminals_V": 1.2}, "overdischarged"),
        ({"voltage_V": 2.4, "terminals_V": 2.4}, "ocv_window"),
        ({"voltage_V": 4.25, "terminals_V": 4.25}, "ocv_window"),
        ({"surface_degC": None}, "temperature"),
        ({"surface_degC": -3.0}, "temperature"),
        ({"surface_degC": 46.0}, "temperature"),
        ({"surface_degC": None, "has_surface": False}, None),
    ],
)
def test_cell_rules(change: dict[str, Any], rule: str | None) -> None:
    assert failed(replace(GOOD, **change)) == rule


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({}, None),
        ({"bms_pack_V": None}, "reading_present"),
        ({"bms_pack_V": 320.0}, "bms_agreement"),
        ({"bms_faults": ("failsafe 1",)}, "bms_fault"),
        ({"voltage_V": 1.0, "terminals_V": 1.0}, "no_battery"),
        ({"cell_voltages_V": (3.65,) * 95 + (2.1,)}, "cell_window"),
        ({"cell_voltages_V": (3.65,) * 95 + (None,)}, "cell_reading"),
        ({"cell_voltages_V": (3.65,) * 96}, None),
    ],
)
def test_pack_rules(change: dict[str, Any], rule: str | None) -> None:
    assert failed(replace(PACK, **change)) == rule


def test_a_low_window_cell_needs_its_own_chemistry_and_capacity() -> None:
    low = replace(GOOD, voltage_V=2.2, terminals_V=2.2)
    assert failed(low) == "ocv_window"
    hybrid = chemistry_limits("LMO", nominal_capacity_Ah=10.0)
    assert failed(replace(low, chemistry=hybrid)) is None


def test_drift_is_judged_with_its_uncertainty() -> None:
    assert rested(5.9, 6.0).ok
    assert not rested(-6.1, 6.0).ok
    assert rested(-6.1, 6.0, uncertainty_mV_per_min=1.0).ok
    assert rested(7.0, 6.0).error().code == "safety.check.not_rested"
