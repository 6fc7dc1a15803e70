"""Dead cells in a string: no voltage of their own, a resistance that the current still flows through."""

from __future__ import annotations

from collections.abc import Sequence

from simulators.battery.base import Battery, Innards, Truth

DEAD_OHM = 0.0015
"""Resistance of one dead cell: about that of a worn one. Chosen, not measured."""


class WithDeadCells:
    """See ``Battery``: the cells of ``living`` with dead ones at the places ``dead`` (from 1) between them.

    ``living`` must count the resistance of the dead cells as its busbar's (``DEAD_OHM`` each). The heat of a
    dead cell is left out: its temperature is its neighbour's.
    """

    def __init__(self, living: Battery, dead: Sequence[int]) -> None:
        self._living = living
        self._dead = frozenset(dead)
        count = living.series_cells + len(self._dead)
        if not all(1 <= number <= count for number in self._dead):
            raise ValueError(f"dead cells must be 1–{count}, got {sorted(self._dead)}")
        self._of = [number for number in range(1, count + 1) if number not in self._dead]
        places = range(len(self._of))
        self._near = [min(places, key=lambda at: abs(self._of[at] - n)) for n in range(1, count + 1)]

    @property
    def series_cells(self) -> int:
        """Number of cells in series, the dead ones too."""
        return len(self._of) + len(self._dead)

    def advance(self, current_A: float, dt_s: float) -> None:
        """Let ``current_A`` flow for ``dt_s`` s."""
        self._living.advance(current_A, dt_s)

    def voltage_V(self, current_A: float) -> float:
        """Terminal voltage in V."""
        return self._living.voltage_V(current_A)

    def current_for_voltage_A(self, voltage_V: float) -> float:
        """Current in A that makes the terminal voltage ``voltage_V``."""
        return self._living.current_for_voltage_A(voltage_V)

    def cell_voltages_V(self, current_A: float) -> tuple[float, ...]:
        """Voltage in V of each cell."""
        found = [current_A * DEAD_OHM] * self.series_cells
        for number, volts in zip(self._of, self._living.cell_voltages_V(current_A), strict=True):
            found[number - 1] = volts
        return tuple(found)

    def temperatures_degC(self) -> tuple[float, ...]:
        """Temperature of each cell."""
        told = self._living.temperatures_degC()
        return tuple(told[at] for at in self._near)

    def leak(self, index: int, charge_As: float, heat_J: float) -> None:
        """See ``Innards``; a dead cell has nothing to lose."""
        if isinstance(self._living, Innards) and index + 1 not in self._dead:
            self._living.leak(self._of.index(index + 1), charge_As, heat_J)

    def warm(self, by_K: float) -> None:
        """See ``Innards``."""
        if isinstance(self._living, Innards):
            self._living.warm(by_K)

    def truth(self) -> Truth:
        """Of the living cells: a dead one holds nothing, and no test of the others can know it."""
        return self._living.truth()
