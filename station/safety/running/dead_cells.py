"""Cells without voltage with which the bench lets a pack be pulsed: watched by a limit of their own."""

from __future__ import annotations

from collections.abc import Sequence

from station.errors import LimitTripped
from station.safety.dead_cells import is_dead
from station.safety.running.rule import RuleInfo
from station.safety.sample import Sample, is_reading

MOVES_V = 0.5
"""A dead cell is a conductor: what the current drops over it stays small. More is an arc, a broken link or a
cell that fills, and each of them heats."""


class DeadCells:
    """``accepted``: how many the bench lets pass. Which they are is decided by the first reading of all cells
    and stays so: a cell that dies later is no accepted one."""

    def __init__(self, accepted: int) -> None:
        self.info = RuleInfo(
            "dead_cell", MOVES_V, "V", "station", "leave the pack alone: a cell without voltage has one now"
        )
        self._accepted = accepted
        self._which: frozenset[int] | None = None if accepted else frozenset()
        self._seen: Sequence[float | None] = ()
        self._living: Sequence[float | None] = ()

    def _decide(self, cells_V: Sequence[float | None]) -> frozenset[int]:
        if self._which is None and cells_V and all(volts is not None for volts in cells_V):
            dead = frozenset(number for number, volts in enumerate(cells_V) if is_dead(volts))
            self._which = dead if len(dead) <= self._accepted else frozenset()
        return self._which or frozenset()

    def living(self, cells_V: Sequence[float | None]) -> Sequence[float | None]:
        """The cells without a reading where a dead one is; the same object for the same reading."""
        which = self._decide(cells_V)
        if not which:
            return cells_V
        if self._seen is not cells_V:
            self._seen = cells_V
            self._living = tuple(None if n in which else volts for n, volts in enumerate(cells_V))
        return self._living

    def check_cells(self, cells_V: Sequence[float | None], sample: Sample) -> LimitTripped | None:
        """Judge one reading of all cells."""
        for number in self._decide(cells_V):
            volts = cells_V[number] if number < len(cells_V) else None
            if volts is not None and is_reading(volts) and abs(volts) > MOVES_V:
                return self.info.trip(
                    f"cell {number + 1} had no voltage and has {volts:.3f} V now",
                    sample,
                    value=abs(volts),
                    cell=number + 1,
                )
        return None
