"""Listens for ends of tests, so that each is heard once: done for a pass, attention for all else."""

from __future__ import annotations

from collections.abc import Callable

from station.ui.asking import Sound
from station.ui.mirror import Mirror

_Seen = tuple[str | None, str]


class Endings:
    """``look`` after every change; what was so when the window opened makes no sound."""

    def __init__(self, play: Callable[[Sound], None]) -> None:
        self._play = play
        self._seen: dict[str, _Seen] = {}
        self._connected = False

    def look(self, mirror: Mirror) -> None:
        """Compare with the last look."""
        ready = mirror.connected and mirror.guard.relay_ok is not None
        for channel, slot in mirror.slots.items():
            now = (slot.state.run_id, slot.state.state)
            before = self._seen.get(channel)
            self._seen[channel] = now
            if before is None or before == now or not (ready and self._connected):
                continue
            if slot.state.state == "verdict":
                self._play("done" if slot.state.verdict == "pass" else "attention")
            elif slot.state.state == "fault":
                self._play("attention")
        self._connected = ready
