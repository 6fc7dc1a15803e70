"""What formats of other tools say, before it becomes a profile: rests, currents, voltages, loops."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Item:
    """``place`` counts from 1 in the foreign text; ``kind`` is its name there."""

    place: int
    kind: str

    @property
    def first_place(self) -> int:
        """Where it begins."""
        return self.place


@dataclass(frozen=True)
class Rest(Item):
    """Zero current."""

    duration_s: float


@dataclass(frozen=True)
class Current(Item):
    """A constant current, positive charges: ``rate_C`` or ``current_A``. An end that is None is not there."""

    rate_C: float | None
    current_A: float | None
    duration_s: float | None
    until_V: float | None

    @property
    def charges(self) -> bool:
        """Its direction."""
        return (self.rate_C or self.current_A or 0.0) > 0


@dataclass(frozen=True)
class Voltage(Item):
    """A held voltage, until the current has fallen to ``until_C`` or ``until_A`` (signs are not used)."""

    voltage_V: float
    duration_s: float | None
    until_C: float | None
    until_A: float | None


@dataclass(frozen=True)
class Power(Item):
    """A held power in W, positive charges."""

    power_W: float
    duration_s: float | None
    until_V: float | None


@dataclass(frozen=True)
class Resistance(Item):
    """A discharge as through a resistor."""

    resistance_ohm: float
    duration_s: float | None
    until_V: float | None


@dataclass(frozen=True)
class Looped(Item):
    """The same ``times`` times in all."""

    times: int
    items: tuple[Item, ...]

    @property
    def first_place(self) -> int:
        """Where its first step stands."""
        return self.items[0].first_place


@dataclass
class Program:
    """All of it, with limits at the terminals and what to keep of the samples. ``notes``: what is done
    otherwise than there."""

    format: str
    items: list[Item]
    name: str = ""
    capacity_Ah: float | None = None
    record_s: float | None = None
    record_V: float | None = None
    record_A: float | None = None
    voltage_max_V: float | None = None
    voltage_min_V: float | None = None
    charge_current_max_A: float | None = None
    discharge_current_max_A: float | None = None
    charge_max_Ah: float | None = None
    notes: list[str] = field(default_factory=list)
