"""Looks at the battery's own management system ten times a second and keeps what belongs into the journal."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from drivers.contracts.bms import Bms, BmsSnapshot

POLL_S = 0.1
RECORD_S = 1.0


class BmsWatch:
    """``look`` is called with every sample and answers a snapshot ten times a second (real time).

    The judging is done by the rules in ``station.safety.running``. ``speed``: bench seconds per real second,
    in which the BMS tells ages.
    """

    def __init__(self, bms: Bms, monotonic: Callable[[], float] = time.monotonic, speed: float = 1.0) -> None:
        self._bms = bms
        self._speed = speed
        self._monotonic = monotonic
        self._next = 0.0
        self._next_record_s = float("-inf")
        self.record: dict[str, Any] | None = None
        self.cells: list[float | None] | None = None
        self.cells_at_s: list[float] | None = None
        """Bench time at which each cell was told; None where the BMS does not say."""
        self._told: list[tuple[float, float]] = []
        """Of each cell: when it was told last on the BMS's clock, and on that of the bench."""

    def look(self, t_s: float) -> BmsSnapshot | None:
        """The newest signals, or None between two looks. ``record`` is not None when the journal wants it."""
        now = self._monotonic()
        self.record = self.cells = self.cells_at_s = None
        if now < self._next:
            return None
        self._next = now + POLL_S
        snapshot = self._bms.snapshot()
        if t_s >= self._next_record_s:
            self._next_record_s = t_s + RECORD_S
            self.record = {
                **{name: signal.value for name, signal in snapshot.signals.items()},
                "faults": list(snapshot.faults),
            }
            self.cells = list(snapshot.cell_voltages_V) or None
            if self.cells and len(snapshot.cell_ages_s) == len(self.cells):
                self.cells_at_s = self._cells_at_s(t_s, snapshot)
        return snapshot

    def _cells_at_s(self, t_s: float, snapshot: BmsSnapshot) -> list[float]:
        """A telling has one time, however often it is looked at: an age is taken a moment after the sample's
        time, and that moment is never the same."""
        now = [t_s - age_s * self._speed for age_s in snapshot.cell_ages_s]
        arrived = snapshot.cell_arrived_s
        if len(arrived) != len(now):
            return now
        if len(self._told) == len(now):
            now = [
                before_s if came_s == before_came_s else at_s
                for at_s, came_s, (before_came_s, before_s) in zip(now, arrived, self._told, strict=True)
            ]
        self._told = list(zip(arrived, now, strict=True))
        return now
