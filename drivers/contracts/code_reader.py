"""Barcode readers: codes that come unasked, whole or not at all."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

from drivers.contracts.common import Instrument


@dataclass(frozen=True)
class ScannedCode:
    """``text`` is what the label says; ``symbology`` the AIM identifier without ``]``, '' where none came."""

    text: str
    symbology: str = ""


class CodeReader(Instrument):
    """A scanner. It keeps nothing: what nobody listened for is lost."""

    @abstractmethod
    def codes(self, timeout_s: float) -> list[ScannedCode]:
        """Get the codes that have come, oldest first; waits at most ``timeout_s`` for the first one.

        A code is told once it is whole. Raises TransportError when the link fails.
        """
