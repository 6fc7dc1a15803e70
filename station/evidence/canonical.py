"""The one way in which signed data are written: JSON canonicalised by RFC 8785.

Keys sorted, no spaces, numbers as ECMAScript writes them, UTF-8. So any program in any language gets the same
bytes from the same data, and a file that is not written so has been changed.
"""

from __future__ import annotations

import json
from typing import Any

import rfc8785

from station.errors import DataError, RecordError


def canonical(data: Any) -> bytes:
    """``data`` as canonical JSON.

    Raises RecordError (``evidence.not_json``): NaN, an integer beyond 2**53, half a surrogate pair.
    """
    try:
        written = rfc8785.dumps(data)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise RecordError(
            f"these data cannot be signed: {error}",
            remedy="this is a fault of the program: report it",
            code="evidence.not_json",
            reason=str(error),
        ) from error
    return bytes(written)


def read_canonical(content: bytes, name: str) -> Any:
    """The data in ``content``. Raises DataError (``evidence.changed``) unless it is canonical to the byte."""
    try:
        data = json.loads(
            content, object_pairs_hook=_each_once, parse_constant=_no_constant, parse_int=_integer
        )
        same = canonical(data) == content
    except (ValueError, OverflowError, RecursionError, RecordError) as error:
        raise changed(name, f"it is no canonical JSON: {error}") from error
    if not same:
        raise changed(name, "its bytes are not those that were signed")
    return data


def changed(name: str, reason: str) -> DataError:
    """The error of everything that is not as it was signed."""
    return DataError(
        f"{name}: changed after it was signed: {reason}",
        remedy="put it back from a backup; do not rely on this copy",
        code="evidence.changed",
        file=name,
        reason=reason,
    )


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _integer(text: str) -> int | float:
    """A large float is written without a point, as ECMAScript does: from 2**53 on it was one."""
    number = int(text)
    return number if abs(number) < 2**53 else float(number)


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is no number")
