"""What is known of one battery when it is judged. What is not known stays unknown."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from station.diagnosis.decision.parts import Part, Quantity
from station.diagnosis.decision.rule_set import Level


class SohInterval(Part):
    """SOH as a fraction with its 90 % interval."""

    estimate: float
    low90: float
    high90: float

    @model_validator(mode="after")
    def _ordered(self) -> SohInterval:
        if not self.low90 <= self.estimate <= self.high90:
            raise ValueError("low90, estimate and high90 must rise")
        return self


class Facts(Part):
    """The inputs of a decision, all of them.

    ``findings`` were found, ``cleared`` were looked for and not found; a finding in neither was not looked
    for. ``quantities`` in the units of ``Quantity``. ``permitted`` and ``refused`` are uses on which the
    local rules have spoken, ``reviewed`` are uses that a person has agreed to for this battery.
    """

    soh: SohInterval | None = None
    abstained_reason: str | None = None
    chemistry: str | None = None
    level: Level | None = None
    history: Literal["known", "unknown"] = "unknown"
    findings: tuple[str, ...] = ()
    cleared: tuple[str, ...] = ()
    quantities: dict[Quantity, float] = Field(default_factory=dict)
    permitted: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    reviewed: tuple[str, ...] = ()
    nominal_capacity_Ah: float | None = Field(default=None, gt=0)
    series_cells: int | None = Field(default=None, gt=0)
    rated_energy_Wh: float | None = Field(default=None, gt=0)
    mass_kg: float | None = Field(default=None, gt=0)
    form: str | None = None

    @property
    def has_parts(self) -> bool | None:
        """True where the spread between parts matters; None when the level is not known."""
        if self.level is not None:
            return self.level != "cell" or (self.series_cells or 1) > 1
        return True if (self.series_cells or 1) > 1 else None
