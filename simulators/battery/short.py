"""An internal short circuit in one cell of any battery."""

from __future__ import annotations

from simulators.battery.base import Battery, Innards, Truth

#: Step of current that shows a cell's resistance at this instant.
_PROBE_A = 1.0
_ITERATIONS = 25


class ShortedBattery:
    """See ``Battery``: ``battery`` with ``short_ohm`` across cell ``cell`` (from 1 at the negative end).

    The cell seen from the short is its voltage behind its resistance r of this instant: it shows
    ``U R / (R + r)`` and leaks that over R. The leak empties the cell and its whole power stays inside
    as heat. What the leak adds to the slow polarisation is left out, so the voltage sags a little less
    than a real cell's would.
    """

    def __init__(self, battery: Battery, *, cell: int, short_ohm: float) -> None:
        if not 1 <= cell <= battery.series_cells:
            raise ValueError(f"cell must be 1–{battery.series_cells}, got {cell}")
        self.inner = battery
        self._index = cell - 1
        self._short_ohm = short_ohm

    @property
    def series_cells(self) -> int:
        """Number of cells in series."""
        return self.inner.series_cells

    def _sound_V_and_ohm(self, current_A: float) -> tuple[float, float]:
        voltage_V = self.inner.cell_voltages_V(current_A)[self._index]
        return voltage_V, (
            self.inner.cell_voltages_V(current_A + _PROBE_A)[self._index] - voltage_V
        ) / _PROBE_A

    def _sag_V(self, current_A: float) -> float:
        voltage_V, ohm = self._sound_V_and_ohm(current_A)
        return voltage_V * ohm / (self._short_ohm + ohm)

    def leak_A(self, current_A: float) -> float:
        """Current through the short."""
        voltage_V, ohm = self._sound_V_and_ohm(current_A)
        return voltage_V / (self._short_ohm + ohm)

    def advance(self, current_A: float, dt_s: float) -> None:
        """Let ``current_A`` flow at the terminals for ``dt_s`` >= 0 s, and the short leak."""
        if dt_s > 0.0 and isinstance(self.inner, Innards):
            voltage_V, ohm = self._sound_V_and_ohm(current_A)
            leak_A = voltage_V / (self._short_ohm + ohm)
            self.inner.leak(self._index, leak_A * dt_s, voltage_V * leak_A * dt_s)
        self.inner.advance(current_A, dt_s)

    def voltage_V(self, current_A: float) -> float:
        """Terminal voltage in V at this instant if ``current_A`` flowed."""
        return self.inner.voltage_V(current_A) - self._sag_V(current_A)

    def current_for_voltage_A(self, voltage_V: float) -> float:
        """Current in A that makes the terminal voltage ``voltage_V`` at this instant.

        The sag hardly depends on the current, so repeating with the last sag settles fast.
        """
        current_A = 0.0
        for _ in range(_ITERATIONS):
            before_A = current_A
            current_A = self.inner.current_for_voltage_A(voltage_V + self._sag_V(current_A))
            if abs(current_A - before_A) <= 1e-9 * (1.0 + abs(current_A)):
                break
        return current_A

    def cell_voltages_V(self, current_A: float) -> tuple[float, ...]:
        """Voltage of each cell at this instant if ``current_A`` flowed."""
        cells = list(self.inner.cell_voltages_V(current_A))
        cells[self._index] -= self._sag_V(current_A)
        return tuple(cells)

    def temperatures_degC(self) -> tuple[float, ...]:
        """Surface temperature of each cell."""
        return self.inner.temperatures_degC()

    def leak(self, index: int, charge_As: float, heat_J: float) -> None:
        """See ``Innards``."""
        if isinstance(self.inner, Innards):
            self.inner.leak(index, charge_As, heat_J)

    def warm(self, by_K: float) -> None:
        """See ``Innards``."""
        if isinstance(self.inner, Innards):
            self.inner.warm(by_K)

    def truth(self) -> Truth:
        """What is really inside."""
        return self.inner.truth()
