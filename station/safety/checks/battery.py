"""Rules about the battery itself: charge state, single cells, temperature."""

from __future__ import annotations

from station.safety.checks.inputs import WINDOW_TOLERANCE_V, CheckInputs
from station.safety.checks.result import CheckResult
from station.safety.chemistry import overdischarged_V
from station.safety.dead_cells import is_dead
from station.safety.sample import is_reading


def not_overdischarged(inputs: CheckInputs) -> CheckResult:
    """A lithium-ion cell this empty may have grown copper shunts: it is never charged again."""
    cell_V = (inputs.voltage_V or 0.0) / inputs.series_cells
    limit = min(overdischarged_V(), inputs.chemistry.absolute_min_V)
    return CheckResult(
        "overdischarged",
        cell_V >= limit,
        cell_V,
        limit,
        "V",
        f"{cell_V:.3f} V per cell: over-discharged",
        "do not charge it: send it to recycling",
        source="chemistry",
    )


def ocv_in_window(inputs: CheckInputs) -> CheckResult:
    """The rested voltage per cell lies inside the chemistry's window."""
    cell_V = (inputs.voltage_V or 0.0) / inputs.series_cells
    low, high = inputs.chemistry.discharge_min_V, inputs.chemistry.charge_max_V
    inside = low - WINDOW_TOLERANCE_V <= cell_V <= high + WINDOW_TOLERANCE_V
    return CheckResult(
        "ocv_window",
        inside,
        cell_V,
        [low, high],
        "V",
        f"{cell_V:.3f} V per cell is outside {low:g} to {high:g} V ({inputs.chemistry.name})",
        "check the chemistry and number of cells given; if they are right, bring it to mid charge by hand",
        source="chemistry",
    )


def cells_in_window(inputs: CheckInputs) -> CheckResult:
    """Every single cell that can be seen lies inside the window; an average can hide a dead one."""
    low, high = inputs.chemistry.discharge_min_V, inputs.chemistry.charge_max_V
    dead = [number for number, cell_V in enumerate(inputs.cell_voltages_V, start=1) if is_dead(cell_V)]
    accepted = dead if len(dead) <= inputs.accept_dead_cells else []
    for number, cell_V in enumerate(inputs.cell_voltages_V, start=1):
        if number in accepted:
            continue
        if cell_V is None or not is_reading(cell_V):
            return CheckResult(
                "cell_reading",
                False,
                message=f"no voltage of cell {number}",
                remedy="check the cell's sense wire and the BMS",
                source="battery",
                facts={"cell": number},
            )
        if not low - WINDOW_TOLERANCE_V <= cell_V <= high + WINDOW_TOLERANCE_V:
            return CheckResult(
                "cell_window",
                False,
                cell_V,
                [low, high],
                "V",
                f"cell {number} has {cell_V:.3f} V, outside {low:g} to {high:g} V",
                "do not test this module as it is: a single cell is over-discharged or overcharged",
                source="chemistry",
                facts={"cell": number},
            )
    lowest = min((v for v in inputs.cell_voltages_V if v is not None), default=None)
    return CheckResult(
        "cell_window",
        True,
        lowest,
        [low, high],
        "V",
        source="chemistry",
        warning="engine.dead_cell_accepted" if accepted else "",
        facts={"cells": ", ".join(map(str, accepted))} if accepted else {},
    )


def temperature_allows_charge(inputs: CheckInputs) -> CheckResult:
    """A wired sensor must read, and the battery be warm and cool enough to be charged; the hotter one counts.

    Where neither a surface sensor nor the BMS says the temperature, the missing sensor is told by name.
    """
    limits = [inputs.charge_min_degC, inputs.charge_max_degC]
    if inputs.has_surface and not is_reading(inputs.surface_degC):
        return CheckResult(
            "temperature",
            False,
            None,
            limits,
            "°C",
            "no reading from the surface sensor",
            "check the thermocouple",
            source="bench",
        )
    readings = [
        value
        for value in (inputs.surface_degC if inputs.has_surface else None, inputs.bms_temperature_degC)
        if value is not None
    ]
    if not readings:
        return CheckResult(
            "temperature",
            True,
            None,
            limits,
            "°C",
            source=inputs.temperature_source,
            warning="engine.no_temperature_sensor",
            facts={"missing": "cell_surface", "chemistry": inputs.chemistry.name},
        )
    # Too warm is judged by the hottest sensor, too cold by the coldest.
    value = max(readings) if max(readings) > limits[1] else min(readings)
    return CheckResult(
        "temperature",
        limits[0] <= value <= limits[1],
        value,
        limits,
        "°C",
        f"the battery has {value:.1f} °C, allowed are {limits[0]:g} to {limits[1]:g} °C",
        "let the battery come to room temperature",
        source=inputs.temperature_source,
    )


def rested(
    drift_mV_per_min: float, limit_mV_per_min: float, uncertainty_mV_per_min: float = 0.0
) -> CheckResult:
    """Judge the drift of the open-circuit voltage, per cell. A drifting cell has not rested.

    Fails only when the drift is beyond the limit by more than the measurement's own uncertainty.
    """
    return CheckResult(
        "not_rested",
        abs(drift_mV_per_min) <= limit_mV_per_min + uncertainty_mV_per_min,
        drift_mV_per_min,
        limit_mV_per_min,
        "mV/min",
        f"the rested voltage drifts {drift_mV_per_min:+.1f} mV/min per cell, limit {limit_mV_per_min:g}",
        "let the battery rest longer (20 minutes after any current), then test again",
        source="profile",
    )
