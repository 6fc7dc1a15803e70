"""Coils that fall off by themselves unless they are held on: what a dead guard leaves behind opens."""

from __future__ import annotations

RENEWALS = 4
"""Renewals within one hold time."""
LAPSE_MARGIN_S = 0.1
"""A coil whose time is nearly over is given up: a renewal that comes too late would close it again."""


class HoldTimers:
    """Bookkeeping for coils closed by ``RelayBoard.hold_coil``; all times monotonic s."""

    def __init__(self, hold_s: float) -> None:
        self.hold_s = hold_s
        self._since: dict[str, float] = {}

    def held(self, key: str, sent_at: float) -> None:
        """The coil was closed or renewed by a command sent at ``sent_at``: the board's time began later."""
        self._since[key] = sent_at

    def dropped(self, key: str) -> None:
        """The coil is open."""
        self._since.pop(key, None)

    def forget(self) -> None:
        """Nothing is known of any coil."""
        self._since.clear()

    def due(self, key: str, now: float) -> bool:
        """True when the coil should be renewed."""
        return key in self._since and now - self._since[key] >= self.hold_s / RENEWALS

    def lapsed(self, key: str, now: float) -> bool:
        """True when the coil may have opened by itself already."""
        return key in self._since and now - self._since[key] > self.hold_s - LAPSE_MARGIN_S
