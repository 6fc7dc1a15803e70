"""The battery's own management system, seen as an instrument with ageing signals."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field

from drivers.contracts.common import Instrument


@dataclass(frozen=True)
class BmsSignal:
    """A decoded value with its age in s since reception; None when not available (sentinel, never seen).

    ``resolution``: the smallest step in ``unit``; ``arrived_s``: when it came, on the driver's clock.
    """

    value: float | None
    age_s: float
    unit: str = ""
    resolution: float | None = None
    arrived_s: float = -float("inf")


@dataclass(frozen=True)
class BmsSnapshot:
    """The newest of every signal. Current: positive charges, whatever the bus says.

    ``signals`` holds ``pack_voltage_V``, ``current_A``, ``soc_pct``, ``soh_pct``,
    ``temperature_degC``, ``failsafe``, ``relay_permission``, ``interlock`` …
    ``insulation_ohm`` … as far as this BMS has them. ``gives_cells``: cell voltages are to be expected.
    ``cell_ages_s``: of each cell, where the BMS tells them one after the other; else empty.
    """

    signals: dict[str, BmsSignal] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    cell_voltages_V: tuple[float, ...] = ()
    cell_voltages_age_s: float = float("inf")
    gives_cells: bool = False
    cell_ages_s: tuple[float, ...] = ()
    cell_resolution_V: float | None = None


class Bms(Instrument):
    """Listens (and, where the pack needs it, keeps it awake) in the background."""

    @abstractmethod
    def start(self) -> None:
        """Start listening and the keep-alive frames."""

    @abstractmethod
    def snapshot(self) -> BmsSnapshot:
        """Get the newest signals without waiting."""
