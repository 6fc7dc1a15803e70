"""Badge codes and PINs: how they are written the same way each time, and kept as argon2id hashes only.

A PIN's hash has a salt of its own. All badges share one, so that a scanned badge is found by its hash in one
step; a badge code is long and not chosen by a person, which is what makes that fair.
Parameters are the library's defaults (RFC 9106, low-memory choice).
"""

from __future__ import annotations

import base64
import os
import re
import unicodedata
from functools import cache
from typing import Final

from argon2 import DEFAULT_HASH_LENGTH, DEFAULT_RANDOM_SALT_LENGTH, PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type, hash_secret

from station.errors import UsageError

PIN_LEAST: Final = 6
PIN_MOST: Final = 32
BADGE_LEAST: Final = 8
BADGE_MOST: Final = 80
_BADGE_MARK = re.compile(r"#ID#(.+?)#?")


def read_badge(raw: str) -> str:
    """The badge's code as it is hashed: folded, upper case, without the marks of ``#ID#…#``.

    Raises UsageError (``person.badge_malformed``); the code itself is never part of a message.
    """
    text = unicodedata.normalize("NFKC", raw).strip().upper()
    text = re.sub(r"^\][A-Z][0-9A-Z]", "", text)  # the AIM identifier of the barcode's kind
    match = _BADGE_MARK.fullmatch(text)
    code = match[1] if match else text
    if not BADGE_LEAST <= len(code) <= BADGE_MOST or not code.isprintable() or code.startswith("#"):
        raise UsageError(
            f"this is no badge: a badge code has {BADGE_LEAST} to {BADGE_MOST} characters",
            remedy="scan the badge again",
            code="person.badge_malformed",
            least=BADGE_LEAST,
            most=BADGE_MOST,
        )
    return code


def check_pin(pin: str) -> str:
    """The PIN as it is hashed. Raises UsageError (``person.pin_weak``)."""
    pin = unicodedata.normalize("NFKC", pin)
    if not PIN_LEAST <= len(pin) <= PIN_MOST or not pin.isprintable() or len(set(pin)) < 3:
        raise UsageError(
            f"a PIN has {PIN_LEAST} to {PIN_MOST} characters, at least three of them different",
            remedy="choose another PIN",
            code="person.pin_weak",
            least=PIN_LEAST,
            most=PIN_MOST,
        )
    return pin


def pin_hash(pin: str) -> str:
    """An argon2id hash with a salt of its own. Takes some 50 ms: not for an event loop."""
    return _hasher().hash(check_pin(pin))


def pin_is(pin: str, known: str | None) -> bool:
    """Whether ``pin`` has the hash ``known``; takes as long when there is none."""
    try:
        return _hasher().verify(known or _nobody(), unicodedata.normalize("NFKC", pin)) and known is not None
    except (VerificationError, InvalidHashError):
        return False


def badge_hash(badge: str, like: str | None) -> str:
    """The argon2id hash of a code from ``read_badge`` with the salt and costs of ``like``, or new ones."""
    hasher = _hasher()
    salt, time_cost, memory_cost, lanes = (
        os.urandom(DEFAULT_RANDOM_SALT_LENGTH), hasher.time_cost, hasher.memory_cost, hasher.parallelism,
    )  # fmt: skip
    if like is not None:
        _, _, _, costs, coded, _ = like.split("$")
        memory_cost, time_cost, lanes = (int(part[2:]) for part in costs.split(","))
        salt = base64.b64decode(coded + "=" * (-len(coded) % 4))
    return hash_secret(
        badge.encode(), salt, time_cost, memory_cost, lanes, DEFAULT_HASH_LENGTH, Type.ID
    ).decode()


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobody() -> str:
    return _hasher().hash(os.urandom(16).hex())
