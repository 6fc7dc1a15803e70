"""Relay boards: cut-off contactors and safety inputs."""

from __future__ import annotations

from abc import abstractmethod

from drivers.capabilities import Span
from drivers.contracts.common import Instrument
from drivers.errors import InstrumentError, Unsupported


class CoilContradiction(InstrumentError):
    """The board took a command, but what it answers about the coil is not what was commanded."""


class RelayBoard(Instrument):
    """Coils that close contactors, and inputs that say what the hardware does."""

    @property
    def hold_timer(self) -> Span | None:
        """For how long (s) ``hold_coil`` can close a coil; None where the board has no such timer."""
        return None

    def hold_coil(self, coil: int, hold_s: float) -> None:
        """Close a coil for ``hold_s``, after which the board opens it by itself; again renews the time.

        The coil is not read back here. Raises Unsupported where ``hold_timer`` is None, else as ``set_coil``.
        """
        raise Unsupported(
            f"the relay board has no timer for coil {coil} ({hold_s:g} s)",
            remedy="Use a board whose coils can be closed for a time, or none at all.",
            coil=coil,
        )

    @abstractmethod
    def set_coil(self, coil: int, closed: bool) -> None:
        """Set one coil. Raises TransportError, InstrumentError (refused; CoilContradiction: not followed)."""

    @abstractmethod
    def coils(self, first: int, count: int) -> list[bool]:
        """Get ``count`` coils from ``first``, True = energised."""

    @abstractmethod
    def inputs(self, first: int, count: int) -> list[bool]:
        """Get ``count`` inputs from ``first``, True = contact closed."""
