"""Vehicle identification numbers (ISO 3779): 17 characters without I, O and Q.

The check digit at position 9 is a sum of products modulo 11. It is a must in North America; that Chinese
numbers (first character L) carry it, too, by GB 16735, is general knowledge and not verified: a wrong one
warns and never refuses. Elsewhere position 9 is free.
"""

from __future__ import annotations

import re
from typing import Literal

LENGTH = 17
_FORM = re.compile(r"[0-9A-HJ-NPR-Z]{17}")
_VALUES = {**{str(n): n for n in range(10)}, **dict(zip("ABCDEFGH", range(1, 9), strict=True))}
_VALUES |= dict(zip("JKLMN", range(1, 6), strict=True)) | {"P": 7, "R": 9}
_VALUES |= dict(zip("STUVWXYZ", range(2, 10), strict=True))
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_WITH_CHECK = frozenset("12345L")

Check = Literal["ok", "wrong", "not_applicable"]


def is_vin(text: str) -> bool:
    """Whether ``text`` has the form of a VIN."""
    return _FORM.fullmatch(text) is not None


def check_digit(vin: str) -> str:
    """What position 9 must be: 0 to 9, or X for ten. ``vin`` must have the form."""
    rest = sum(weight * _VALUES[character] for weight, character in zip(_WEIGHTS, vin, strict=True)) % 11
    return "X" if rest == 10 else str(rest)


def vin_check(vin: str) -> Check:
    """Whether the check digit is right, where one is expected by the region of the first character."""
    if vin[0] not in _WITH_CHECK:
        return "not_applicable"
    return "ok" if vin[8] == check_digit(vin) else "wrong"
