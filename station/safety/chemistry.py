"""Voltage limits of one cell by chemistry, from ``data/chemistry_limits.json``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from station.errors import UsageError

VARIANT_TOLERANCE = 0.02
"""A nominal capacity this near to a documented cell (relative) is taken for that cell."""


@dataclass(frozen=True)
class ChemistryLimits:
    """Limits of one cell in V.

    ``discharge_min_V`` and ``charge_max_V`` bound the rested voltage;
    ``protection_min_V`` and ``protection_max_V`` bound every sample, pulses included.
    ``evidence`` is the grade of the numbers: A two sources, B one source, C not verified.
    """

    name: str
    charge_max_V: float
    discharge_min_V: float
    absolute_min_V: float
    protection_min_V: float
    protection_max_V: float
    evidence: str
    source: str


@cache
def _data() -> dict[str, Any]:
    text = (
        resources.files("station.safety").joinpath("data/chemistry_limits.json").read_text(encoding="utf-8")
    )
    data: dict[str, Any] = json.loads(text)
    return data


def chemistry_names() -> list[str]:
    """Names that ``chemistry_limits`` knows."""
    return sorted(_data()["chemistries"])


def temperature_defaults_degC() -> dict[str, float]:
    """``charge_min``, ``charge_max`` and ``stop_surface`` in °C (not verified, see the data file)."""
    values = _data()["temperature_degC"]
    return {name: float(values[name]) for name in ("charge_min", "charge_max", "stop_surface")}


def overdischarged_V() -> float:
    """Rested voltage below which a lithium-ion cell is never charged again (Battery University BU-808a)."""
    return float(_data()["overdischarged_V"]["value"])


def chemistry_limits(
    chemistry: str | None,
    *,
    nominal_capacity_Ah: float | None = None,
    rested_cell_V: float | None = None,
    margin_V: float | None = None,
) -> ChemistryLimits:
    """Limits of one cell.

    A documented cell of this chemistry and capacity has its own window (the 10 Ah LMO
    hybrid cell goes down to 2.0 V where other LMO cells stop at 2.7 V).

    With ``chemistry`` None the cell is taken for lithium-ion on graphite, inside what is
    safe for all of them: never below 2.5 V; up to 4.25 V only when its rested voltage is one
    that a healthy iron-phosphate cell cannot have (above 3.45 V), else 3.70 V. Other families
    (LTO, sodium-ion, NiMH, lead) must be named to be tested.
    Raises UsageError for a name that is not known.
    """
    data = _data()
    margin = float(data["margin_V"]["value"]) if margin_V is None else margin_V
    if chemistry is None:
        return _unknown(data["unknown"], rested_cell_V, margin)
    names = {name.lower(): name for name in data["chemistries"]}
    name = names.get(chemistry.lower())
    if name is None:
        raise UsageError(
            f"chemistry {chemistry!r} is not known",
            remedy=f"use one of {', '.join(chemistry_names())}, or leave it out",
            code="usage.chemistry",
            chemistry=chemistry,
        )
    entry = data["chemistries"][name]
    for variant in entry["variants"]:
        documented_Ah = float(variant["nominal_capacity_Ah"])
        if nominal_capacity_Ah and abs(nominal_capacity_Ah / documented_Ah - 1) <= VARIANT_TOLERANCE:
            low, high = variant["protection_V"]
            if margin_V is not None:
                low, high = variant["discharge_min_V"] - margin, variant["charge_max_V"] + margin
            return ChemistryLimits(
                name,
                variant["charge_max_V"],
                variant["discharge_min_V"],
                min(entry["absolute_min_V"], variant["discharge_min_V"]),
                low,
                high,
                variant["evidence"],
                variant["source"],
            )
    return ChemistryLimits(
        name,
        entry["charge_max_V"],
        entry["discharge_min_V"],
        entry["absolute_min_V"],
        entry["discharge_min_V"] - margin,
        entry["charge_max_V"] + margin,
        entry["evidence"],
        entry["source"],
    )


def _unknown(entry: dict[str, Any], rested_cell_V: float | None, margin_V: float) -> ChemistryLimits:
    high = float(entry["charge_max_V"])
    if rested_cell_V is not None and rested_cell_V <= float(entry["iron_phosphate_rested_max_V"]):
        high = float(entry["iron_phosphate_charge_max_V"])
    return ChemistryLimits(
        "unknown",
        high,
        float(entry["discharge_min_V"]),
        float(entry["absolute_min_V"]),
        max(float(entry["absolute_min_V"]), float(entry["discharge_min_V"]) - margin_V),
        high + margin_V,
        str(entry["evidence"]),
        str(entry["source"]),
    )
