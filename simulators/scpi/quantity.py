"""Numbers with a unit, as instruments with the whole SCPI grammar take them: ``2A``, ``500 mV``, ``1.5k``.

SCPI-99 volume 1, 7.3 (suffixes) and IEEE 488.2, 7.7.3: a multiplier and a unit may follow the number, letter
case does not matter, ``M`` is milli and ``MA`` mega, except before HZ and OHM, where ``M`` is mega.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from simulators.scpi.errors import ScpiError, out_of_range
from simulators.scpi.parameters import limit_word
from simulators.scpi.table import CommandTable

_NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([A-Za-z]*)$")
_MULTIPLIERS = {
    "": 1.0, "EX": 1e18, "PE": 1e15, "T": 1e12, "G": 1e9, "MA": 1e6, "K": 1e3,
    "M": 1e-3, "U": 1e-6, "N": 1e-9, "P": 1e-12,
}  # fmt: skip


def quantity(text: str, low: float, high: float, unit: str = "", default: float | None = None) -> float:
    """A number within ``low`` to ``high``, with a suffix of ``unit`` or none, or MIN, MAX, DEF.

    Raises ScpiError -109 (missing), -104 (no number), -131 (suffix), -222 (out of range).
    """
    word = limit_word(text)
    if word is not None:
        chosen = {"MIN": low, "MAX": high, "DEF": default}[word]
        if chosen is None:
            raise ScpiError(-224, "Illegal parameter value")
        return chosen
    if not text.strip():
        raise ScpiError(-109, "Missing parameter")
    match = _NUMBER.match(text.strip())
    if match is None:
        raise ScpiError(-104, "Data type error")
    value = float(match[1]) * _scale(match[2].upper(), unit.upper())
    if not math.isfinite(value) or not low <= value <= high:
        raise out_of_range()
    return value


def _scale(suffix: str, unit: str) -> float:
    prefix = suffix.removesuffix(unit) if unit and suffix.endswith(unit) else suffix
    if prefix == "M" and unit in ("HZ", "OHM") and suffix != prefix:
        return 1e6
    if prefix not in _MULTIPLIERS:
        raise ScpiError(-131, "Invalid suffix")
    return _MULTIPLIERS[prefix]


def add_number(
    table: CommandTable,
    header: str,
    *,
    read: Callable[[], float],
    write: Callable[[float], None],
    span: Callable[[], tuple[float, float]],
    show: Callable[[float], str],
    unit: str = "",
    default: float | None = None,
) -> None:
    """A numeric setting with its query, which also answers ``? MIN``, ``? MAX``, ``? DEF``."""

    def set_it(text: str) -> None:
        write(quantity(text, *span(), unit, default))

    def tell(text: str) -> str:
        if not text:
            return show(read())
        if limit_word(text) is None:
            raise ScpiError(-224, "Illegal parameter value")
        return show(quantity(text, *span(), unit, default))

    table.add(header, set_it)
    table.add(f"{header}?", tell)
