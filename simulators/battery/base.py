"""What the simulated wiring sees of a battery: two terminals, and the truth for tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True)
class Truth:
    """What a test may know and a station may not.

    ``soh`` is capacity over nominal capacity, a fraction; of a module or pack the
    weakest cell's. ``soc`` is charge held over true capacity, a fraction.
    """

    chemistry: str
    nominal_capacity_Ah: float
    capacity_Ah: float
    soh: float
    soc: float
    cell_ids: tuple[str, ...]


class Battery(Protocol):
    """A cell, module or pack. Positive current charges it."""

    @property
    def series_cells(self) -> int:
        """Number of cells in series."""
        ...

    def advance(self, current_A: float, dt_s: float) -> None:
        """Let ``current_A`` flow, constant, for ``dt_s`` seconds."""
        ...

    def voltage_V(self, current_A: float) -> float:
        """Terminal voltage at this instant if ``current_A`` flowed."""
        ...

    def current_for_voltage_A(self, voltage_V: float) -> float:
        """Current that makes the terminal voltage ``voltage_V`` at this instant."""
        ...

    def cell_voltages_V(self, current_A: float) -> tuple[float, ...]:
        """Voltage of each cell at this instant if ``current_A`` flowed."""
        ...

    def temperatures_degC(self) -> tuple[float, ...]:
        """Surface temperature of each cell."""
        ...

    def truth(self) -> Truth:
        """What is really inside."""
        ...


@runtime_checkable
class Innards(Protocol):
    """A battery into which something can happen past its terminals."""

    def leak(self, index: int, charge_As: float, heat_J: float) -> None:
        """Take ``charge_As`` out of cell ``index`` (from 0) by an inner path and leave ``heat_J`` in it."""
        ...

    def warm(self, by_K: float) -> None:
        """Make every cell ``by_K`` warmer, as a heater would; it cools by itself afterwards."""
        ...
