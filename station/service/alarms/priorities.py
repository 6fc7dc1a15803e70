"""Which events are alarms and how urgent: an alarm needs a person to do something, all else is an event.

Priorities after the idea of ISA-18.2: few critical, some high, most medium or low. What a code means to a
person stands in ``station/messages``; here stands only how soon it must be looked at.
"""

from __future__ import annotations

from typing import Final

CRITICAL: Final = 1
HIGH: Final = 2
MEDIUM: Final = 3
LOW: Final = 4

_OF_CODE: Final[dict[str, int]] = {
    # Something may be on, or cannot be switched off, or burns: at once.
    "safety.not_verified": CRITICAL,
    "safety.thermal_runaway": CRITICAL,
    "safety.temperature_rate_fast": CRITICAL,
    "safety.check.contactor_welded": CRITICAL,
    "guard.cutoff_stuck": CRITICAL,
    "guard.relay_frozen": CRITICAL,
    "run.pause_unverified": CRITICAL,
    # Nothing can be tested before it is done.
    "guard.estop_open": HIGH,
    "guard.interlock_open": HIGH,
    "guard.lost": HIGH,
    "guard.tripped": HIGH,
    "guard.relay_lost": HIGH,
    "record.waiting": HIGH,
    "record.lost": HIGH,
    # A battery to be moved away, with somebody beside it.
    "connection.quarantined": MEDIUM,
}
_NOBODY: Final = frozenset(
    {
        "adaptive.asked", "adaptive.next", "adaptive.enough", "adaptive.refused", "adaptive.near_limit",
        "adaptive.no_answer", "engine.contact_unseen", "engine.edge_not_seen", "engine.samples_skipped",
        "engine.scanner_busy", "engine.sampling", "engine.timing", "engine.rule_thin", "engine.running_rules",
        "operator.force", "operator.stop", "run.ended", "run.interrupted", "run.gap", "guard.cut",
    }
)  # fmt: skip
"""Warnings of what a run has dealt with itself, and what only repeats a fault: events, no alarms."""

RETURNS: Final[dict[str, str]] = {
    "guard.estop_closed": "guard.estop_open",
    "guard.interlock_closed": "guard.interlock_open",
    "guard.relay_back": "guard.relay_lost",
    "guard.connected": "guard.lost",
    "record.written": "record.waiting",
    "engine.bms_stale_over": "engine.bms_stale",
    "engine.sensor_stale_over": "engine.sensor_stale",
    "engine.temperature_spread_over": "engine.temperature_spread",
}
"""Events that say that the cause of an alarm is gone."""

LASTING: Final = frozenset(RETURNS.values())
"""Alarms of the bench whose cause stays until one of those events."""

GUARD_INPUTS: Final[dict[str, str]] = {
    "estop_ok": "guard.estop_open",
    "interlock_ok": "guard.interlock_open",
    "relay_ok": "guard.relay_lost",
}
"""Fields of the guard's status and the alarm of each."""


def is_alarm(code: str, level: str) -> bool:
    """Whether an event of this level asks for a person."""
    return level in ("alarm", "warning") and code not in _NOBODY


def priority_of(code: str, level: str, *, latched: bool) -> int:
    """1 (critical) to 4 (low)."""
    if code in _OF_CODE:
        return _OF_CODE[code]
    if latched:
        return HIGH
    return MEDIUM if level == "alarm" else LOW
