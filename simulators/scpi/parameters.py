"""Reads SCPI parameters: numbers with units and MIN/MAX/DEF, booleans, words, channel lists.

SCPI-99 volume 1, 7.3 and IEEE 488.2, 7.7: a multiplier and a unit may follow a number, letter case does not
matter, ``M`` is milli and ``MA`` mega, except before HZ and OHM, where ``M`` is mega; ``#H``, ``#Q`` and
``#B`` begin whole numbers of other bases; as a boolean a number that does not round to 0 is ON.
"""

from __future__ import annotations

import math
import re

from simulators.scpi.errors import ScpiError, illegal_parameter, out_of_range

_LIMIT_WORDS = {
    "MIN": "MIN",
    "MINIMUM": "MIN",
    "MAX": "MAX",
    "MAXIMUM": "MAX",
    "DEF": "DEF",
    "DEFAULT": "DEF",
}
_NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([A-Za-z]*)$", re.ASCII)
_BASES = {"#H": 16, "#Q": 8, "#B": 2}
_MULTIPLIERS = {
    "": 1.0, "EX": 1e18, "PE": 1e15, "T": 1e12, "G": 1e9, "MA": 1e6, "K": 1e3,
    "M": 1e-3, "U": 1e-6, "N": 1e-9, "P": 1e-12,
}  # fmt: skip
_UNITS = (
    (("WID", "AWID", "BWID", "DEL", "TIM", "DWEL", "PER", "VOND", "IDEL", "PDEL", "TOCP", "TOPP"), "S"),
    (("FREQ",), "HZ"),
    (("BATTERY:LEV", r"BATTARY\[:LEV"), "A"),
    (("VLIM", "VON", "VST", "VOCP", "VOPP", "VRANG", "BATTERY:VOLT"), "V"),
    (("ILIM", "ISET", "IST", "IMAX", "IMIN", "IRANG", "CSTO"), "A"),
    (("PSET", "PST", "PMAX", "PMIN", "POW"), "W"),
    (("RES",), "OHM"),
    (("VOLT",), "V"),
    (("CURR",), "A"),
)
_CHANNEL_LIST = re.compile(r"\(\s*@\s*([0-9:,\s]*)\)\s*$")


def split(text: str) -> list[str]:
    """Comma separated parameters, outside of parentheses, stripped."""
    parts: list[str] = []
    depth = 0
    start = 0
    for position, character in enumerate(text):
        if character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
        elif character == "," and depth == 0:
            parts.append(text[start:position].strip())
            start = position + 1
    last = text[start:].strip()
    if last or parts:
        parts.append(last)
    return parts


def number(text: str, low: float, high: float, default: float | None = None, unit: str = "") -> float:
    """A finite number within ``low`` to ``high``, with a suffix of ``unit`` or none, or MIN, MAX, DEF.

    Raises ScpiError -109 (missing), -104 (no number), -131 (suffix), -222 (out of range), -224 (no default).
    """
    word = limit_word(text)
    if word is not None:
        chosen = {"MIN": low, "MAX": high, "DEF": default}[word]
        if chosen is None:
            raise illegal_parameter()
        return chosen
    if not text.strip():
        raise ScpiError(-109, "Missing parameter")
    value = _value(text.strip(), unit.upper())
    if not math.isfinite(value) or not low <= value <= high:
        raise out_of_range()
    return value


def _value(text: str, unit: str) -> float:
    if text[:2].upper() in _BASES:
        try:
            return float(int(text[2:], _BASES[text[:2].upper()]))
        except ValueError as error:
            raise ScpiError(-104, "Data type error") from error
    match = _NUMBER.match(text)
    if match is None:
        raise ScpiError(-104, "Data type error")
    return float(match[1]) * _scale(match[2].upper(), unit)


def _scale(suffix: str, unit: str) -> float:
    prefix = suffix.removesuffix(unit) if unit and suffix.endswith(unit) else suffix
    if prefix == "M" and unit in ("HZ", "OHM") and suffix != prefix:
        return 1e6
    if prefix not in _MULTIPLIERS:
        raise ScpiError(-131, "Invalid suffix")
    return _MULTIPLIERS[prefix]


def unit_of(header: str) -> str:
    """The unit of a setting as its header tells; '' where it does not."""
    upper = header.upper()
    if "SLEW" in upper or "COUN" in upper or "DUT" in upper:
        return ""
    for nodes, unit in _UNITS:
        if any(re.search(rf"(^|[:\[\]]){node}", upper) for node in nodes):
            return unit
    return ""


def limit_word(text: str) -> str | None:
    """``MIN``, ``MAX`` or ``DEF`` if the text is such a word."""
    return _LIMIT_WORDS.get(text.strip().upper())


def asked_limit(text: str, low: float, high: float, default: float | None) -> float:
    """What ``? MIN``, ``? MAX``, ``? DEF`` ask for. Raises ScpiError -224 for any other word."""
    word = limit_word(text)
    value = None if word is None else {"MIN": low, "MAX": high, "DEF": default}[word]
    if value is None:
        raise illegal_parameter()
    return value


def boolean(text: str) -> bool:
    """ON, OFF, or a number, which is ON unless it rounds to 0. Raises ScpiError -224 or -109."""
    word = text.strip().upper()
    if word in ("1", "ON"):
        return True
    if word in ("0", "OFF"):
        return False
    if not word:
        raise ScpiError(-109, "Missing parameter")
    match = _NUMBER.match(word)
    if match is None or match[2]:
        raise illegal_parameter()
    return abs(float(match[1])) >= 0.5


def word(text: str, choices: tuple[str, ...]) -> str:
    """One of ``choices``, each written as in ``CURRent``: short or long form. Returns the choice."""
    given = text.strip().upper()
    for choice in choices:
        short = "".join(c for c in choice if not c.islower())
        if given in (choice.upper(), short):
            return choice
    if not given:
        raise ScpiError(-109, "Missing parameter")
    raise illegal_parameter()


def channel_list(text: str) -> list[int]:
    """Channels of ``(@101,103:105)`` in the order given; ``(@)`` is empty."""
    match = _CHANNEL_LIST.match(text.strip())
    if match is None:
        raise ScpiError(-102, "Syntax error")
    channels: list[int] = []
    for part in match.group(1).replace(" ", "").split(","):
        if not part:
            continue
        first, _, last = part.partition(":")
        low, high = int(first), int(last or first)
        channels.extend(range(min(low, high), max(low, high) + 1))
    return channels
