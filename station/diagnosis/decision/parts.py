"""What rule sets and price tables are made of: strict parts, two languages, numbers with their source."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Evidence = Literal["two_sources", "one_source", "weak_source", "computed", "choice", "unverified"]
"""How well a number or a demand is known. ``unverified`` is common practice from memory: a default to edit,
never a claim about a standard."""

Quantity = Literal[
    "resistance_growth",
    "self_discharge_per_month",
    "ocv_drop_7d_V",
    "capacity_spread",
    "resistance_spread",
    "ocv_spread_V",
]
"""Growth and spreads are fractions (0.3 = 30 %). Capacity and resistance spreads are (max - min) / mean over
the parts of one battery, ``ocv_spread_V`` is max - min, ``ocv_drop_7d_V`` the rest voltage lost in a week."""

SPREADS: tuple[Quantity, ...] = ("capacity_spread", "resistance_spread", "ocv_spread_V")

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
"""A stable name inside a file."""


class Part(BaseModel):
    """Unknown fields and numbers that are none are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Text(Part):
    """What people read."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Sourced(Part):
    """Anything that somebody must have said: how well it is known, and where it is from."""

    evidence: Evidence
    source: str = Field(min_length=1)


class Demand(Sourced):
    """A demand without a number."""


class Figure(Sourced):
    """A number; ``by_chemistry`` replaces ``value`` where the chemistry is known."""

    value: float
    by_chemistry: dict[str, float] = Field(default_factory=dict)

    def at(self, chemistry: str | None) -> float:
        """The limit for a chemistry; the tightest (smallest) of all when the chemistry is not known."""
        if chemistry is None:
            return min([self.value, *self.by_chemistry.values()])
        return self.by_chemistry.get(chemistry, self.value)
