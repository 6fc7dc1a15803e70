"""The uncertainty budget of a run's result, from its run file and the certificates in its bench file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from station.diagnosis.uncertainty import (
    Budget,
    Component,
    capacity_budget,
    charge_budget,
    current_budget,
    expanded_component,
    facts_of_samples,
    rectangular,
    resistance_budget,
    soh_budget,
    voltage_budget,
)
from station.errors import StationError
from station.rawfiles import Recording, read_record

SAMPLES_MIN = 10
_DURATIONS = ("1", "5", "10", "0.1", "0.01")
"""The time into a pulse (s) at which the resistance is told: the first of these that there is."""


def budget_of_run(
    run_file: Path, result: Mapping[str, Any], nominal_capacity_Ah: float | None
) -> dict[str, Any]:
    """``{"method", "quantities": {name: budget}}``, or ``{"quantities": {}, "reason"}``. Raises nothing of
    its own."""
    try:
        recording = read_record(run_file, nominal_capacity_Ah=nominal_capacity_Ah)
        return budget_of(recording, result, nominal_capacity_Ah)
    except (StationError, ArithmeticError, ValueError, KeyError, TypeError) as error:
        return {"quantities": {}, "reason": str(error)}


def budget_of(
    recording: Recording, result: Mapping[str, Any], nominal_capacity_Ah: float | None
) -> dict[str, Any]:
    """The same from a recording in memory. Raises ValueError where there are too few samples."""
    samples = recording.samples
    if samples is None or len(samples.time_s) < SAMPLES_MIN:
        raise ValueError(f"fewer than {SAMPLES_MIN} samples")
    facts = facts_of_samples(
        np.asarray(samples.time_s), np.asarray(samples.voltage_V), np.asarray(samples.current_A)
    )
    channel = (recording.metadata or {}).get("channel") or {}
    voltage = voltage_budget(facts, _calibration(channel, "voltage"))
    current = current_budget(facts, _calibration(channel, "current"))
    charge = charge_budget(facts, current)
    found: list[Budget | None] = [voltage, current, _resistance(result, voltage, current), charge]
    counted = result.get("capacity_test") or {}
    capacity = None
    if counted.get("capacity_Ah"):
        capacity = capacity_budget(
            counted["capacity_Ah"], counted.get("low_Ah"), counted.get("high_Ah"), charge
        )
        found.append(capacity)
    soh = result.get("soh")
    if soh and nominal_capacity_Ah:
        by_count = capacity if result.get("soh_method") == "capacity" else None
        found.append(
            soh_budget(
                soh["estimate"], soh["low90"], soh["high90"],
                capacity=by_count, nominal_capacity_Ah=nominal_capacity_Ah,
            )
        )  # fmt: skip
    return {
        "method": "GUM (JCGM 100:2008), components uncorrelated, coverage factor 2",
        "quantities": {one.quantity: one.as_dict() for one in found if one is not None},
    }


def _resistance(result: Mapping[str, Any], voltage: Budget, current: Budget) -> Budget | None:
    pulses = [pulse for block in result.get("blocks") or [] for pulse in block.get("pulses") or []]
    for at in _DURATIONS:
        known = [p for p in pulses if (p.get("resistance_ohm") or {}).get(at) and p.get("current_A")]
        if known:
            return resistance_budget(
                [p["resistance_ohm"][at] for p in known],
                [abs(p["current_A"]) for p in known],
                voltage,
                current,
            )
    return None


def _calibration(channel: Mapping[str, Any], quantity: str) -> list[Component]:
    """Of the power instrument, or of the parts it is joined of: the worst of them counts."""
    power = channel.get("power") or {}
    parts = [p for p in (power.get("options") or {}).values() if isinstance(p, dict) and "driver" in p]
    found = [_of_certificate(ref.get("calibration") or {}, quantity) for ref in parts or [power]]
    if any(not components for components in found):
        return []
    return max(found, key=lambda components: sum(c.standard**2 for c in components), default=[])


def _of_certificate(calibration: Mapping[str, Any], quantity: str) -> list[Component]:
    points: Sequence[Mapping[str, Any]] = [
        p for p in calibration.get("points") or [] if p.get("quantity") == quantity
    ]
    if not points or any(p.get("uncertainty") is None for p in points):
        return []
    source = f"certificate {calibration.get('certificate') or 'without a number'}"
    added = [p["reference"] - p["reading"] for p in sorted(points, key=lambda p: p["reading"])]
    between = max((abs(b - a) for a, b in pairwise(added)), default=0.0)
    return [
        expanded_component("calibration", max(p["uncertainty"] for p in points), source),
        rectangular(
            "between points", between, f"{source}: largest change of the correction between two points"
        ),
    ]
