"""Intervals of energy and money."""

from __future__ import annotations

from dataclasses import dataclass

from station.diagnosis.decision.facts import Facts
from station.diagnosis.decision.price_table import Costs, Price


@dataclass(frozen=True)
class Band:
    """A value with the ends of its interval."""

    low: float
    value: float
    high: float

    def __add__(self, other: Band) -> Band:
        return Band(self.low + other.low, self.value + other.value, self.high + other.high)

    def __sub__(self, other: Band) -> Band:
        """Lowest against highest: nothing is assumed about what rises together."""
        return Band(self.low - other.high, self.value - other.value, self.high - other.low)

    def times(self, other: Band) -> Band:
        """The product of two bands that are not negative."""
        return Band(self.low * other.low, self.value * other.value, self.high * other.high)


def band(price: Price) -> Band:
    """A price as a band."""
    low, high = price.range
    return Band(low, price.value, high)


def exactly(value: float) -> Band:
    """A value without an interval."""
    return Band(value, value, value)


def costs(table: Costs, facts: Facts, rated_kWh: float | None) -> Band | str:
    """All costs of one battery, or the name of the fact that is missing for them."""
    total = exactly(0.0)
    if table.per_rated_kWh is not None:
        if rated_kWh is None:
            return "rated_energy_Wh"
        total += band(table.per_rated_kWh).times(exactly(rated_kWh))
    if table.per_kg is not None:
        if facts.mass_kg is None:
            return "mass_kg"
        total += band(table.per_kg).times(exactly(facts.mass_kg))
    if table.per_battery is not None:
        total += band(table.per_battery)
    return total
