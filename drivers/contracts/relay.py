"""Relay boards: cut-off contactors and safety inputs."""

from __future__ import annotations

from abc import abstractmethod

from drivers.contracts.common import Instrument


class RelayBoard(Instrument):
    """Coils that close contactors, and inputs that say what the hardware does."""

    @abstractmethod
    def set_coil(self, coil: int, closed: bool) -> None:
        """Set one coil. Raises TransportError, InstrumentError (Modbus exception)."""

    @abstractmethod
    def coils(self, first: int, count: int) -> list[bool]:
        """Get ``count`` coils from ``first``, True = energised."""

    @abstractmethod
    def inputs(self, first: int, count: int) -> list[bool]:
        """Get ``count`` inputs from ``first``, True = contact closed."""
