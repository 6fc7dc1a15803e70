"""JSON lines from and to the other processes."""

from __future__ import annotations

import json
from typing import Any

LINE_MAX_BYTES = 4_000_000


def encode(message: dict[str, Any]) -> bytes:
    """One line. NaN is refused with ValueError."""
    return json.dumps(message, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode() + b"\n"


def decode(line: bytes) -> dict[str, Any] | None:
    """The object of one line, or None when it is none. NaN and infinities become None: no reading."""
    try:
        message = json.loads(line, parse_constant=_no_number)
    except ValueError:
        return None
    return message if isinstance(message, dict) else None


def _no_number(_name: str) -> None:
    return None
