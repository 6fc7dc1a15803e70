"""What every instrument has in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass


@dataclass(frozen=True)
class Identity:
    """The instrument's own answer about itself; an unknown part is an empty string."""

    manufacturer: str
    model: str
    serial: str
    firmware: str


class Instrument(ABC):
    """Anything with an address, an identity and a link that can be closed."""

    @abstractmethod
    def identify(self) -> Identity:
        """Get the identity by asking the instrument. Raises TransportError."""

    @abstractmethod
    def close(self) -> None:
        """Close the link. Idempotent; never raises; changes nothing at the output."""
