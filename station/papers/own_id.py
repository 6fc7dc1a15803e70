"""Codes of the station's own for batteries that have none."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import date

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""31 characters, a prime number of them: without 0, 1, I, L and O, which people mix up."""


def new_own_id(made: date, choose: Callable[[str], str] = secrets.choice, prefix: str = "PS") -> str:
    """``PS-261128-7KQ2MXW``: day, six random characters (887 million for each day), a check character.

    The check character finds every single wrong character and every swap of two neighbours of the six.
    """
    serial = "".join(choose(ALPHABET) for _ in range(6))
    return f"{prefix}-{made:%y%m%d}-{serial}{check_character(serial)}"


def check_character(serial: str) -> str:
    """Weighted sum modulo 31 (a prime), so that neither a wrong nor a swapped character goes unseen."""
    total = sum(weight * ALPHABET.index(character) for weight, character in enumerate(serial, 1))
    return ALPHABET[total % 31]


def good_own_id(code: str) -> bool:
    """Whether a code that looks like the station's own has the right check character."""
    serial = code.rpartition("-")[2]
    known = len(serial) == 7 and all(character in ALPHABET for character in serial)
    return known and check_character(serial[:6]) == serial[6]
