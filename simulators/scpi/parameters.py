"""Reads SCPI parameters: numbers with MIN/MAX/DEF, booleans, words, channel lists."""

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


def number(text: str, low: float, high: float, default: float | None = None) -> float:
    """A finite number within ``low``–``high``, or MIN, MAX, DEF.

    Raises ScpiError -109 (missing), -104 (no number), -222 (out of range).
    """
    word = _LIMIT_WORDS.get(text.strip().upper())
    if word == "MIN":
        return low
    if word == "MAX":
        return high
    if word == "DEF" and default is not None:
        return default
    if not text.strip():
        raise ScpiError(-109, "Missing parameter")
    try:
        value = float(text)
    except ValueError as error:
        raise ScpiError(-104, "Data type error") from error
    if not math.isfinite(value) or not low <= value <= high:
        raise out_of_range()
    return value


def limit_word(text: str) -> str | None:
    """``MIN``, ``MAX`` or ``DEF`` if the text is such a word."""
    return _LIMIT_WORDS.get(text.strip().upper())


def boolean(text: str) -> bool:
    """ON, OFF, 1, 0. Raises ScpiError -224 or -109."""
    word = text.strip().upper()
    if word in ("1", "ON"):
        return True
    if word in ("0", "OFF"):
        return False
    if not word:
        raise ScpiError(-109, "Missing parameter")
    raise illegal_parameter()


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
