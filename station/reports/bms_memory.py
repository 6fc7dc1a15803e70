"""What a pack remembers of its life, by the names that the join of the past knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_SAME = {
    "charged_Ah": ("charge_throughput_Ah", 1.0),
    "discharged_Ah": ("discharge_throughput_Ah", 1.0),
    "operating_s": ("operating_hours", 1 / 3600.0),
    "operating_time_s": ("operating_hours", 1 / 3600.0),
    "capacity_Ah": ("capacity_Ah", 1.0),
}
SHOWN = (
    "soh_pct", "cycle_count", "charge_count", "charge_throughput_Ah", "discharge_throughput_Ah", "charged_Wh",
    "discharged_Wh", "operating_hours", "cell_voltage_max_ever_V", "cell_voltage_min_ever_V",
)  # fmt: skip


def by_known_names(signals: Mapping[str, Any]) -> dict[str, Any]:
    """Signals of a pack's controller, its counters under the names of the join; all others as they are.

    Charges of different kinds are counted together. What already has a known name is kept.
    """
    found = dict(signals)
    for name, (known, factor) in _SAME.items():
        value = signals.get(name)
        if isinstance(value, (int, float)) and known not in signals:
            found[known] = value * factor
    kinds = [signals.get(name) for name in ("normal_charge_count", "fast_charge_count", "quick_charge_count")]
    counts = [value for value in kinds if isinstance(value, (int, float))]
    if counts and "charge_count" not in signals:
        found["charge_count"] = sum(counts)
    return found


def memory_of(signals: Mapping[str, Any]) -> dict[str, float]:
    """The counters and extremes that are kept with a run and shown; empty where the pack tells none."""
    known = by_known_names(signals)
    return {name: float(known[name]) for name in SHOWN if isinstance(known.get(name), (int, float))}
