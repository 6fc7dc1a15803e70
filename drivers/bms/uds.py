"""Names of UDS answers (ISO 14229-1) as far as findings need them."""

from __future__ import annotations

PENDING = 0x78
NEGATIVE = 0x7F
_REASONS = {
    0x10: "general reject",
    0x11: "service not supported",
    0x12: "sub-function not supported",
    0x13: "wrong length",
    0x14: "answer too long",
    0x21: "busy",
    0x22: "conditions not correct",
    0x24: "wrong sequence",
    0x31: "out of range",
    0x33: "security access denied",
    0x35: "invalid key",
    0x36: "too many attempts",
    0x37: "waiting time not over",
    0x78: "pending",
    0x7E: "sub-function not in this session",
    0x7F: "service not in this session",
}
_WITH_SUBFUNCTION = (0x10, 0x11, 0x19, 0x27, 0x28, 0x31, 0x3E, 0x85)
CHANGING_SERVICES = {
    0x11: "reset",
    0x14: "clear trouble codes",
    0x2E: "write",
    0x2F: "drive an output",
    0x31: "start a routine",
    0x34: "download",
    0x3B: "write",
    0x3D: "write memory",
}
"""Services that change something in a controller: heard from another tool they are told, never sent by us."""


def reason(code: int) -> str:
    """A negative response code in words."""
    return f"{code:02X} {_REASONS.get(code, 'unknown reason')}"


def negative(payload: bytes) -> tuple[int, int] | None:
    """Service and reason of a negative response; None when it is none."""
    return (payload[1], payload[2]) if len(payload) >= 3 and payload[0] == NEGATIVE else None


def answers_not(request: bytes) -> bool:
    """Whether a request wants no answer: the highest bit of a sub-function says so."""
    return len(request) >= 2 and request[0] in _WITH_SUBFUNCTION and bool(request[1] & 0x80)


def is_changing(request: bytes) -> bool:
    """Whether a request would change something. Starting the default session or reading never does."""
    return bool(request) and request[0] in CHANGING_SERVICES


def is_contactor_step(request: bytes) -> bool:
    """What a contactor sequence may ask for: a session, its upkeep, an output on (03) or given back (00)."""
    if request[:1] == b"\x2f":
        return len(request) == 4 and request[3] in (0x00, 0x03)
    return len(request) == 2 and request[0] in (0x10, 0x3E)
