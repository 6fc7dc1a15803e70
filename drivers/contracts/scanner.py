"""Multichannel voltage and temperature loggers."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from drivers.contracts.common import Instrument


class Quantity(Enum):
    """What a scanner channel measures, and in which unit it is given."""

    VOLTAGE = "voltage_V"
    TEMPERATURE = "temperature_degC"
    RESISTANCE = "resistance_ohm"
    """Of a battery, by a small alternating current (1 kHz)."""


@dataclass(frozen=True)
class ScanChannel:
    """One input of the scanner, numbered as on the instrument."""

    number: int
    quantity: Quantity


@dataclass(frozen=True)
class ScanReading:
    """One value; None where the instrument answered overload, open or no number."""

    number: int
    quantity: Quantity
    value: float | None


class Scanner(Instrument):
    """Reads a configured list of channels one after the other."""

    @abstractmethod
    def configure(self, channels: Sequence[ScanChannel]) -> None:
        """Set what is scanned, in ascending channel order."""

    @abstractmethod
    def scan(self) -> list[ScanReading]:
        """Measure every configured channel once. Blocks until all have settled."""
