"""Rules about the plan: nothing is started that the limits would end anyway."""

from __future__ import annotations

from collections.abc import Sequence

from station.safety.checks.result import CheckResult
from station.safety.envelope import Envelope

_END_REMEDY = "give the step a voltage inside the limits, or name the battery's chemistry"
_REMEDY = "use a channel with a larger limit or a profile with smaller currents"
_ROUNDING = 1 + 1e-9


def plan_current(currents_A: Sequence[float], envelope: Envelope) -> CheckResult:
    """Every current of the plan lies inside the limits; the one nearest to its limit is told."""
    worst_A, worst_limit = 0.0, envelope.charge_current_max_A
    for current_A in currents_A:
        limit = envelope.charge_current_max_A if current_A > 0 else envelope.discharge_current_max_A
        # Compared as products: a limit may be zero.
        if abs(current_A) * worst_limit.value >= abs(worst_A) * limit.value:
            worst_A, worst_limit = current_A, limit
        if abs(current_A) > limit.value * _ROUNDING:
            worst_A, worst_limit = current_A, limit
            break
    return CheckResult(
        "plan_current",
        abs(worst_A) <= worst_limit.value * _ROUNDING,
        abs(worst_A),
        worst_limit.value,
        "A",
        f"the plan asks for {worst_A:.4g} A, the {worst_limit.source} allows {worst_limit.value:.4g} A",
        _REMEDY,
        source=worst_limit.source,
    )


def plan_power(currents_A: Sequence[float], envelope: Envelope, rested_V: float) -> CheckResult:
    """The largest pulse at the rested voltage stays below the power limit."""
    largest_W = max((abs(current_A) for current_A in currents_A), default=0.0) * abs(rested_V)
    limit = envelope.power_max_W
    return CheckResult(
        "plan_power",
        largest_W <= limit.value,
        largest_W,
        limit.value,
        "W",
        f"the plan needs {largest_W:.4g} W, the {limit.source} allows {limit.value:.4g} W",
        _REMEDY,
        source=limit.source,
    )


def plan_end_voltage(ends_V: Sequence[float], envelope: Envelope, series_cells: int) -> CheckResult:
    """Every voltage (per cell) at which a current is to end lies inside the limits, not on or beyond them.

    The limits would end the run first otherwise; they stay in force whatever the plan says.
    """
    low = max(envelope.cell_voltage_min_V.value, envelope.voltage_min_V.value / series_cells)
    high = min(envelope.cell_voltage_max_V.value, envelope.voltage_max_V.value / series_cells)
    outside = [end_V for end_V in ends_V if not low < end_V < high]
    told_V = outside[0] if outside else ends_V[0]
    return CheckResult(
        "plan_end_voltage",
        not outside,
        told_V,
        [low, high],
        "V",
        f"the plan runs to {told_V:.4g} V per cell, the limits in force are {low:.4g} … {high:.4g} V",
        _END_REMEDY,
        source=envelope.cell_voltage_max_V.source if told_V >= high else envelope.cell_voltage_min_V.source,
    )


def plan_end_cells(series_cells: int, *, sees_cells: bool) -> CheckResult:
    """A string is run full or empty only where every cell of it is seen: the weakest gets there first."""
    return CheckResult(
        "plan_end_cells",
        series_cells == 1 or sees_cells,
        float(series_cells),
        1,
        "",
        f"{series_cells} cells in series would be run to a voltage that nobody measures cell by cell",
        "wire the cells to a scanner, or test cells one by one",
        source="station",
    )


def plan_quantity(quantity: str, need: str, *, seen: bool) -> CheckResult:
    """A condition of the plan asks for a quantity: has the channel what measures it?"""
    return CheckResult(
        "plan_quantity",
        seen,
        None,
        need,
        "",
        f"the plan asks for {quantity}, and this channel has no {need}",
        "wire that sensor, or use a profile that does not ask for it",
        source="bench",
        facts={"quantity": quantity},
    )
