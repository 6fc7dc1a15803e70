"""Medians of the voltage over short stretches, so that one odd sample says nothing."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

BIN_S = 0.25
BIN_SAMPLES = 3
SAMPLES_MAX = 64
"""At high rates only every so many-th sample is kept: a median of 64 is as good as one of 250."""


@dataclass(frozen=True, slots=True)
class Bin:
    """The median voltage around ``t_s``."""

    t_s: float
    voltage_V: float


class Bins:
    """Collects samples; ``add`` answers a bin whenever one is full (0.25 s and three samples)."""

    def __init__(self) -> None:
        self._values: list[float] = []
        self._from_s = self._last_s = 0.0
        self._spacing_s = BIN_S / SAMPLES_MAX

    def clear(self) -> None:
        """Begin anew."""
        if self._values:
            self._values.clear()

    def add(self, t_s: float, voltage_V: float) -> Bin | None:
        """Take one sample; a full bin, or None."""
        values = self._values
        if not values:
            self._from_s = self._last_s = t_s
            values.append(voltage_V)
            return None
        if t_s < self._last_s + self._spacing_s:
            return None
        self._last_s = t_s
        values.append(voltage_V)
        if t_s - self._from_s < BIN_S or len(values) < BIN_SAMPLES:
            return None
        full = Bin((self._from_s + t_s) / 2, median(values))
        values.clear()
        return full
