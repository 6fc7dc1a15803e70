"""The budgets of voltage, current, resistance, charge, capacity and SOH."""

from __future__ import annotations

import math
from collections.abc import Sequence

from station.diagnosis.uncertainty.budget import Budget, Component, combined, rectangular
from station.diagnosis.uncertainty.record import RecordFacts

NINETY = 1.6449
"""Half-width of a 90 % interval in standard deviations, of a normal distribution."""
_STEP = "smallest step between readings of this record"
_NOISE = "differences of neighbouring readings of this record"
NO_CALIBRATION = "error of the instrument: no calibration points in the bench file"


def voltage_budget(facts: RecordFacts, calibration: Sequence[Component]) -> Budget:
    """Of one reading. ``calibration`` is empty where the bench file has no points for it."""
    return Budget(
        "voltage",
        facts.voltage_V,
        "V",
        (
            rectangular("resolution", facts.voltage_step_V, _STEP),
            Component("noise", facts.voltage_noise_V, "A", _NOISE),
            *calibration,
        ),
        () if calibration else (NO_CALIBRATION,),
    )


def current_budget(facts: RecordFacts, calibration: Sequence[Component]) -> Budget:
    """Of one reading."""
    return Budget(
        "current",
        facts.current_A,
        "A",
        (
            rectangular("resolution", facts.current_step_A, _STEP),
            Component("noise", facts.current_noise_A, "A", _NOISE),
            *calibration,
        ),
        () if calibration else (NO_CALIBRATION,),
    )


def resistance_budget(
    resistances_ohm: Sequence[float], currents_A: Sequence[float], voltage: Budget, current: Budget
) -> Budget | None:
    """Mean of ``resistances_ohm``, each the quotient of two differences of two readings.

    u(R)² = 2 (u(U)/ΔI)² + 2 (R u(I)/ΔI)², and the spread of the mean among the pulses. What the
    instrument's error
    has in common in both readings cancels in a difference; it is not taken off, so the figure errs upwards.
    """
    if not resistances_ohm:
        return None
    count = len(resistances_ohm)
    mean = sum(resistances_ohm) / count
    step_A = math.sqrt(sum(value**2 for value in currents_A) / count)
    if step_A <= 0:
        return None
    parts = [
        Component(
            "voltage", math.sqrt(2) * voltage.standard / step_A, "B", "budget of voltage, two readings"
        ),
        Component(
            "current", math.sqrt(2) * mean * current.standard / step_A, "B", "budget of current, two readings"
        ),
    ]
    if count > 1:
        spread = math.sqrt(sum((value - mean) ** 2 for value in resistances_ohm) / (count - 1) / count)
        parts.append(Component("spread", spread, "A", f"{count} pulses of this test"))
    missing = tuple(dict.fromkeys((*voltage.missing, *current.missing)))
    return Budget("resistance", mean, "ohm", tuple(parts), missing)


def charge_budget(facts: RecordFacts, current: Budget) -> Budget:
    """The charge moved either way, ∫|I| dt.

    The instrument's error acts over the whole time in which current flows; noise averages out; each edge is
    known to one sampling period.
    """
    value_Ah = facts.charge_Ah + facts.discharge_Ah
    lasting = [c for c in current.components if c.name != "noise"]
    flowing_s = 3600.0 * value_Ah / facts.current_A if facts.current_A > 0 else 0.0
    samples = max(1.0, flowing_s / facts.period_s) if facts.period_s > 0 else 1.0
    noise = next((c.standard for c in current.components if c.name == "noise"), 0.0)
    edge_Ah = facts.edge_A * facts.period_s / math.sqrt(12.0) * math.sqrt(facts.edges) / 3600.0
    parts = (
        Component("current", combined(lasting) * flowing_s / 3600.0, "B", "budget of current without noise"),
        Component("noise", noise * facts.period_s * math.sqrt(samples) / 3600.0, "A", _NOISE),
        Component("edges", edge_Ah, "B", f"{facts.edges} edges, each known to {facts.period_s:.3g} s"),
    )
    return Budget("charge", value_Ah, "Ah", parts, current.missing)


def capacity_budget(
    capacity_Ah: float, low_Ah: float | None, high_Ah: float | None, charge: Budget
) -> Budget:
    """A counted capacity: the share of the charge's uncertainty, and the bounds of what was counted."""
    share = capacity_Ah / charge.value if charge.value else 1.0
    parts = [Component("charge", share * charge.standard, "B", "budget of charge")]
    if low_Ah is not None and high_Ah is not None and high_Ah > low_Ah:
        parts.append(rectangular("end of the count", high_Ah - low_Ah, "bounds of the counted charge"))
    return Budget("capacity", capacity_Ah, "Ah", tuple(parts), charge.missing)


def soh_budget(
    estimate: float,
    low90: float,
    high90: float,
    *,
    capacity: Budget | None,
    nominal_capacity_Ah: float,
) -> Budget:
    """SOH as a fraction. Counted (``capacity`` given): that of the capacity; from pulses: that of the
    estimator.

    The estimator's 90 % interval comes from cells that its models had not seen (docs/model-card.md) and
    holds the noise of this record; a lasting error of the instrument's voltage is not in it.
    """
    if capacity is not None:
        part = Component("capacity", capacity.standard / nominal_capacity_Ah, "B", "budget of capacity")
        return Budget("soh", estimate, "1", (part,), capacity.missing)
    half = (high90 - low90) / 2
    part = Component("estimator", half / NINETY, "B", "90 % interval, calibrated on cells not seen before")
    return Budget("soh", estimate, "1", (part,), ("lasting error of the instrument's voltage",))
