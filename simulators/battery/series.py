"""A series string of any cells, one after the other: for short strings of mixed kinds."""

from __future__ import annotations

from collections.abc import Sequence

from simulators.battery.base import Battery, Innards, Truth
from simulators.battery.truth import string_truth


class MixedString:
    """See ``Battery``. Costs as much as its cells together."""

    def __init__(self, cells: Sequence[Battery], busbar_resistance_ohm: float = 0.0) -> None:
        self._cells = tuple(cells)
        self._busbar_ohm = busbar_resistance_ohm

    @property
    def series_cells(self) -> int:
        """Number of series groups."""
        return len(self._cells)

    def advance(self, current_A: float, dt_s: float) -> None:
        """Let ``current_A`` flow for ``dt_s`` >= 0 s."""
        for cell in self._cells:
            cell.advance(current_A, dt_s)

    def leak(self, index: int, charge_As: float, heat_J: float) -> None:
        """See ``Innards``."""
        cell = self._cells[index]
        if isinstance(cell, Innards):
            cell.leak(0, charge_As, heat_J)

    def warm(self, by_K: float) -> None:
        """See ``Innards``."""
        for cell in self._cells:
            if isinstance(cell, Innards):
                cell.warm(by_K)

    def voltage_V(self, current_A: float) -> float:
        """Terminal voltage in V, busbars included."""
        return sum(c.voltage_V(current_A) for c in self._cells) + current_A * self._busbar_ohm

    def current_for_voltage_A(self, voltage_V: float) -> float:
        """Current in A that makes the terminal voltage ``voltage_V`` at this instant.

        The voltage rises with current: bracket by doubling, then halve to 1e-12 of the bracket.
        """
        at_rest = self.voltage_V(0.0) - voltage_V
        if at_rest == 0.0:
            return 0.0
        sign = -1.0 if at_rest > 0 else 1.0
        low, high = 0.0, sign
        while sign * (self.voltage_V(high) - voltage_V) < 0:
            low, high = high, 2 * high
            if abs(high) > 1e9:
                raise ValueError(f"no current gives a terminal voltage of {voltage_V} V")
        while abs(high - low) > 1e-12 * (1.0 + abs(high)):
            middle = (low + high) / 2
            if sign * (self.voltage_V(middle) - voltage_V) < 0:
                low = middle
            else:
                high = middle
        return (low + high) / 2

    def cell_voltages_V(self, current_A: float) -> tuple[float, ...]:
        """Voltage in V of each series group."""
        return tuple(c.voltage_V(current_A) for c in self._cells)

    def temperatures_degC(self) -> tuple[float, ...]:
        """Temperature of each series group."""
        return tuple(t for c in self._cells for t in c.temperatures_degC())

    def truth(self) -> Truth:
        """Of the weakest series group (see ``string_truth``)."""
        truths = [c.truth() for c in self._cells]
        kinds = sorted({t.chemistry for t in truths})
        return string_truth(
            "+".join(kinds),
            [t.nominal_capacity_Ah for t in truths],
            [t.capacity_Ah for t in truths],
            [t.soc for t in truths],
            [i for t in truths for i in t.cell_ids],
        )
