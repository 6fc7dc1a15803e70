"""From what a BMS says to values that can be used, each value left out with its reason.

Placeholders seen on real buses: all ones of 7, 8, 10, 15 or 16 bits, with the usual scales.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from station.diagnosis.history.facts import BmsFacts
from station.diagnosis.history.names import COUNTERS, NUMBERS

_ONES = (127.0, 255.0, 511.0, 1023.0, 4095.0, 32767.0, 65535.0, 4294967295.0, 16777215.0)
VALUE_MAX = 1e8
"""No battery has moved as many Ah, hours or km in its life."""
_SCALES = (1.0, 0.5, 0.1, 0.01, 0.001)
_BY_GBT_27930 = {1: "Pb", 2: "NiMH", 3: "LFP", 4: "LMO", 5: "LCO", 6: "NMC", 7: "polymer", 8: "LTO"}
"""GB/T 27930-2015, message BRM, battery type."""
_ALIASES = {"NCM": "NMC", "NCA": "NMC", "TERNARY": "NMC"}


def read_bms(signals: Mapping[str, Any]) -> BmsFacts:
    """Sort what a BMS said. Unknown names are left out; never raises for a value.

    Reasons: ``not_available``, ``not_a_number``, ``sentinel``, ``over_100``, ``zero``, ``unit_unclear``,
    ``negative``, ``out_of_range``.
    """
    values: dict[str, float] = {}
    refused: dict[str, str] = {}
    for name in NUMBERS:
        if name not in signals:
            continue
        value = _number(signals[name])
        why = "not_available" if signals[name] is None else _refusal(name, value)
        if why is None and value is not None:
            values[name] = value
        else:
            refused[name] = why or "not_a_number"
    faults = signals.get("faults")
    listed = faults if isinstance(faults, (list, tuple)) else ()
    return BmsFacts(
        values=values,
        chemistry=_chemistry(signals),
        faults=tuple(dict.fromkeys(str(fault)[:80] for fault in listed))[:20],
        refused=refused,
    )


def same_chemistry(name: str | None) -> str | None:
    """One spelling for what makers write: NCM and NCA are NMC here, as the type tables group them."""
    if name is None or not name.strip():
        return None
    text = name.strip()
    upper = text.upper()
    return _ALIASES.get(upper, "not-LFP" if upper == "NOT-LFP" else upper)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if math.isfinite(value) else None


def _refusal(name: str, value: float | None) -> str | None:
    if value is None:
        return "not_a_number"
    if value < 0:
        return "negative"
    if name == "soh_pct":
        return _refused_soh(value)
    if value > VALUE_MAX:
        return "out_of_range"
    return "sentinel" if name in COUNTERS and value in _ONES[5:] else None


def _refused_soh(value: float) -> str | None:
    if value == 0:
        return "zero"
    if value > 100 and any(math.isclose(value, one * scale) for one in _ONES for scale in _SCALES):
        return "sentinel"
    if value > 100:
        return "over_100"
    return "unit_unclear" if value <= 1 else None


def _chemistry(signals: Mapping[str, Any]) -> str | None:
    told = signals.get("chemistry")
    if isinstance(told, str):
        return same_chemistry(told[:20])
    code = signals.get("chemistry_code")
    return _BY_GBT_27930.get(code) if isinstance(code, int) and not isinstance(code, bool) else None
