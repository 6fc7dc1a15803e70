"""What conditions of a profile may ask for: measured and derived quantities, each with what it needs.

Step quantities count from the beginning of the present stretch of current or rest, ``last_…`` tell of the
stretch of current before, ``charge_Ah`` and its like of the whole run. All magnitudes are positive but
``current_A``, ``rate_C``, ``power_W`` and ``net_Ah``, which are positive where the battery is charged.
``charge_max_V`` and ``discharge_min_V`` are the chemistry's, per cell.
"""

from __future__ import annotations

from collections.abc import Iterable

from profiles.expressions import ExpressionError, names_of, parse, unit_of

ALWAYS = "instrument"
QUANTITIES: dict[str, str] = {
    "voltage_V": ALWAYS,
    "cell_voltage_V": ALWAYS,
    "current_A": ALWAYS,
    "rate_C": ALWAYS,
    "power_W": ALWAYS,
    "step_time_s": ALWAYS,
    "step_charge_Ah": ALWAYS,
    "step_discharge_Ah": ALWAYS,
    "step_charge_Wh": ALWAYS,
    "step_discharge_Wh": ALWAYS,
    "drift_mV_per_min": ALWAYS,
    "run_time_s": ALWAYS,
    "charge_Ah": ALWAYS,
    "discharge_Ah": ALWAYS,
    "net_Ah": ALWAYS,
    "charge_Wh": ALWAYS,
    "discharge_Wh": ALWAYS,
    "nominal_capacity_Ah": ALWAYS,
    "charge_max_V": ALWAYS,
    "discharge_min_V": ALWAYS,
    "last_charge_Ah": ALWAYS,
    "last_discharge_Ah": ALWAYS,
    "last_charge_Wh": ALWAYS,
    "last_discharge_Wh": ALWAYS,
    "last_time_s": ALWAYS,
    "last_resistance_ohm": ALWAYS,
    "cell_min_V": "cell",
    "cell_max_V": "cell",
    "cell_spread_V": "cell",
    "surface_degC": "cell_surface",
    "ambient_degC": "ambient",
    "temperature_rise_K": "cell_surface",
    "bms_soc": "bms",
    "bms_soh": "bms",
    "bms_pack_voltage_V": "bms",
    "bms_current_A": "bms",
    "bms_temperature_degC": "bms",
}
"""Name, and what the channel must have for it: a role of its sensors, or a ``bms``."""


def check_condition(text: str, known: Iterable[str]) -> None:
    """Is ``text`` a condition on quantities and the names ``known``? Raises ExpressionError."""
    node = parse(text)
    _check_names(text, known)
    unit_of(node, truth=True)


def check_value(text: str, known: Iterable[str], unit: str | None = None) -> None:
    """Is ``text`` a number (of ``unit``) from quantities and the names ``known``? Raises ExpressionError."""
    found = unit_of(parse(text))
    _check_names(text, known)
    if unit is not None and found not in ("", "?", unit):
        raise ExpressionError(f"this is in {found}, {unit or 'a bare number'} is wanted", 1)


def _check_names(text: str, known: Iterable[str]) -> None:
    allowed = {*QUANTITIES, *known}
    for name in names_of(parse(text)):
        if name.name not in allowed:
            near = [one for one in sorted(allowed) if one.split("_")[0] == name.name.split("_")[0]]
            raise ExpressionError(
                f"there is no quantity {name.name!r}",
                name.column,
                f"use one of {', '.join(near or sorted(allowed))}"[:400],
            )


def needs_of(texts: Iterable[str]) -> dict[str, str]:
    """What the conditions ``texts`` need of the channel: need and the first quantity that needs it."""
    found: dict[str, str] = {}
    for text in texts:
        for name in names_of(parse(text)):
            need = QUANTITIES.get(name.name, ALWAYS)
            if need != ALWAYS:
                found.setdefault(need, name.name)
    return found
