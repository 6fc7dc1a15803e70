"""What a change of the guard's status means, as events."""

from __future__ import annotations

from typing import Any


def guard_events(before: dict[str, Any], now: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """What a change of the guard's status means: code, level, params."""
    events: list[tuple[str, str, dict[str, Any]]] = []
    if before["connected"] != now["connected"]:
        events.append(("guard.connected", "info", {}) if now["connected"] else ("guard.lost", "alarm", {}))
    for field, name in (("relay_ok", "relay"), ("estop_ok", "estop"), ("interlock_ok", "interlock")):
        if now[field] is False and before[field] is not False:
            events.append((f"guard.{name}_open" if name != "relay" else "guard.relay_lost", "alarm", {}))
        elif now[field] is True and before[field] is False:
            events.append((f"guard.{name}_closed" if name != "relay" else "guard.relay_back", "info", {}))
    for trip in now["trips"] or []:
        if trip not in (before["trips"] or []):
            events.append(("guard.tripped", "alarm", trip if isinstance(trip, dict) else {"trip": trip}))
    return events
