"""Which live messages cannot wait for the page's next look: all but figures that only move on."""

from __future__ import annotations

from typing import Any, Final

from station.ui.backend import Message

ROUTINE: Final = frozenset({"elapsed_s", "remaining_s", "progress", "voltage_V", "current_A", "surface_degC"})
"""Fields of a channel's state that change all the time while nothing happens."""


class Urgency:
    """Remembers what each channel and the guard said last."""

    def __init__(self) -> None:
        self._known: dict[str, Any] = {}

    def forget(self) -> None:
        """A new connection: all it says is news."""
        self._known.clear()

    def urgent(self, message: Message) -> bool:
        """Whether ``message`` says more than the next figures of what goes on already."""
        kind = message.get("type")
        if kind == "samples":
            return False
        if kind == "channel":
            return self._changed(f"channel {message.get('channel')}", _matter(message.get("state")))
        if kind == "guard":
            return self._changed("guard", message.get("guard"))
        return True

    def _changed(self, key: str, said: Any) -> bool:
        changed = key not in self._known or self._known[key] != said
        self._known[key] = said
        return changed


def _matter(state: Any) -> Any:
    if not isinstance(state, dict):
        return state
    return {key: value for key, value in state.items() if key not in ROUTINE}
