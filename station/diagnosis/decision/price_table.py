"""The price table: the user's own prices, each dated and sourced. Data, no code."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from station.diagnosis.decision.days import Day
from station.diagnosis.decision.parts import Key, Part, Text

PRICES_FORMAT = "pulse-station/prices/1"

PriceEvidence = Literal["quotation", "contract", "public", "weak_source", "computed", "estimate", "example"]
"""``example``: a figure that shows the form only and is nobody's price."""


class Price(Part):
    """A figure with its range, in the table's currency per the unit of the field that holds it.

    Where no range is given, the price is taken as exact.
    """

    value: float = Field(ge=0)
    low: float | None = Field(default=None, ge=0)
    high: float | None = Field(default=None, ge=0)
    evidence: PriceEvidence
    source: str = Field(min_length=1)
    dated: Day | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Price:
        if not self.range[0] <= self.value <= self.range[1]:
            raise ValueError("low, value and high must rise")
        return self

    @property
    def range(self) -> tuple[float, float]:
        """Low and high."""
        return (
            self.value if self.low is None else self.low,
            self.value if self.high is None else self.high,
        )


class Costs(Part):
    """What must be spent first: per kWh of rated energy, per kg, and per battery."""

    per_rated_kWh: Price | None = None
    per_kg: Price | None = None
    per_battery: Price | None = None


class ReusePrice(Part):
    """What a use pays per kWh of remaining energy, times the factor of the grade (a missing one is 1)."""

    use: Key
    per_remaining_kWh: Price
    grade_factor: dict[str, float] = Field(default_factory=dict)
    costs: Costs = Costs()

    @field_validator("grade_factor")
    @classmethod
    def _factors(cls, factors: dict[str, float]) -> dict[str, float]:
        if any(factor < 0 for factor in factors.values()):
            raise ValueError("a factor must not be negative")
        return factors


class MetalShare(Part):
    """Metal in a battery in kg per kWh of RATED energy (metal does not fade), and the share that is paid."""

    kg_per_rated_kWh: float = Field(gt=0)
    paid_share: float = Field(gt=0, le=1)
    price_per_kg: Price
    evidence: PriceEvidence
    source: str = Field(min_length=1)


class Recycling(Part):
    """A buyer of scrap for some chemistries and forms; exactly one way of paying."""

    route: Key
    title: Text
    chemistries: tuple[str, ...] = Field(min_length=1)
    forms: tuple[str, ...] = ()
    per_tonne: Price | None = None
    per_rated_kWh: Price | None = None
    metals: dict[str, MetalShare] = Field(default_factory=dict)
    costs: Costs = Costs()

    @model_validator(mode="after")
    def _one_way(self) -> Recycling:
        ways = [self.per_tonne is not None, self.per_rated_kWh is not None, bool(self.metals)]
        if sum(ways) != 1:
            raise ValueError("give exactly one of per_tonne, per_rated_kWh, metals")
        return self


class PriceTable(Part):
    """``example`` marks a table that nobody may trade by; ``max_age_days``: how long its prices are good."""

    format: Literal["pulse-station/prices/1"]
    name: str = Field(min_length=1, max_length=60)
    version: str = Field(min_length=1, max_length=40)
    example: bool
    dated: Day
    max_age_days: int = Field(gt=0)
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    note: Text | None = None
    reuse: tuple[ReusePrice, ...] = ()
    recycling: tuple[Recycling, ...] = ()

    @model_validator(mode="after")
    def _names(self) -> PriceTable:
        for what, names in (
            ("reuse", [price.use for price in self.reuse]),
            ("recycling", [route.route for route in self.recycling]),
        ):
            if len(set(names)) != len(names):
                raise ValueError(f"{what}: every one needs a name of its own")
        return self
