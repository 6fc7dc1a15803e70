"""How a simulated instrument turns true values into what it shows: noise, resolution, faults."""

from __future__ import annotations

import random

from simulators.faults import FaultSet


class Readings:
    """Measurement front end with named quantities such as ``V`` and ``A``.

    ``step`` is the resolution and ``noise`` the standard deviation, both in the quantity's unit.
    """

    def __init__(self, faults: FaultSet, *, seed: int) -> None:
        self._faults = faults
        self._gauss = random.Random(seed).gauss
        self._scales: dict[str, tuple[float, float]] = {}
        self._shown: dict[str, str] = {}

    def add(self, quantity: str, *, step: float, noise: float) -> None:
        """Define a quantity's resolution and noise."""
        self._scales[quantity] = (step, noise)

    def show(self, quantity: str, true_value: float, form: str) -> str:
        """Text of one reading. ``form`` is a ``%`` format."""
        active = self._faults.active
        if active:
            if "sentinel_reading" in active:
                return str(active["sentinel_reading"])
            if "frozen_reading" in active and quantity in self._shown:
                return self._shown[quantity]
            if "nan_reading" in active:
                return "nan"
            if "current_scale" in active and quantity in ("A", "W"):
                true_value *= self._faults.number("current_scale")
            if "current_sign" in active and quantity in ("A", "W"):
                true_value = -true_value
        step, noise = self._scales[quantity]
        if noise > 0.0:
            true_value += self._gauss(0.0, noise)
        if step > 0.0:
            true_value = round(true_value / step) * step
        text = form % true_value
        self._shown[quantity] = text
        if "unit_suffix" in active:
            return f"{text} {quantity}"
        return text
