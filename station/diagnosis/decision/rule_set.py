"""The rule set: what earns a grade, which uses fit, what is blocked. Data with sources, no code."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from station.diagnosis.decision.days import Day
from station.diagnosis.decision.parts import SPREADS, Demand, Figure, Key, Part, Quantity, Sourced, Text

RULES_FORMAT = "pulse-station/rules/1"

Level = Literal["cell", "module", "pack"]


class SafetyRule(Sourced):
    """A finding that rejects a battery whatever its SOH.

    ``codes``: codes of the station's own checks and trips that are this finding.
    """

    finding: Key
    title: Text
    codes: tuple[str, ...] = ()


class Grade(Part):
    """A grade and its gates. ``soh_min`` and growth are fractions.

    ``unknown`` says what a gate without its input does: ``lower`` costs the grade, ``keep`` keeps it and
    says so.
    """

    grade: str = Field(min_length=1, max_length=12)
    title: Text
    soh_min: Figure
    limits: dict[Quantity, Figure] = Field(default_factory=dict)
    history: Demand | None = None
    consistency: Demand | None = None
    unknown: Literal["lower", "keep"] = "lower"


class Blocked(Sourced):
    """Why a use is blocked, with the rule named; ``since`` is the day it came into force."""

    rule: Text
    since: Day | None = None


class ChemistryRule(Sourced):
    """``fits`` as they are, ``review`` after a person has looked at them, any other not at all."""

    fits: tuple[str, ...]
    review: tuple[str, ...] = ()


class Use(Sourced):
    """A second life. Evidence and source are those of ``grade_min``, the worst grade that will do."""

    use: Key
    title: Text
    grade_min: str | None = None
    limits: dict[Quantity, Figure] = Field(default_factory=dict)
    history: Demand | None = None
    chemistry: ChemistryRule | None = None
    levels: tuple[Level, ...] = ("cell", "module", "pack")
    permission: Demand | None = None
    review: Demand | None = None
    blocked: Blocked | None = None

    @model_validator(mode="after")
    def _blocked_or_graded(self) -> Use:
        if (self.blocked is None) == (self.grade_min is None):
            raise ValueError("a use is either blocked or has a grade_min")
        return self


class Traceability(Sourced):
    """What is demanded of batteries of these levels whose history is unknown."""

    text: Text
    levels: tuple[Level, ...]
    effect: Literal["condition", "no_reuse"] = "condition"


class Consistency(Part):
    """Limits inside one module or pack."""

    limits: dict[Quantity, Figure]

    @field_validator("limits")
    @classmethod
    def _spreads(cls, limits: dict[Quantity, Figure]) -> dict[Quantity, Figure]:
        if not limits or any(quantity not in SPREADS for quantity in limits):
            raise ValueError(f"only spreads can be limited here: {', '.join(SPREADS)}")
        return limits


class HoldBack(Sourced):
    """How many grades a battery may stand above the grade of its interval's lower end."""

    steps: int = Field(ge=0)


class RuleSet(Part):
    """Best grade first; the last one starts at 0 and means recycling.

    An interval wholly at or above the ``soh_min`` of the last grade but one is reused, wholly below it
    recycled, else there is no verdict.
    """

    format: Literal["pulse-station/rules/1"]
    name: str = Field(min_length=1, max_length=60)
    version: str = Field(min_length=1, max_length=40)
    title: Text
    soh_basis: str = Field(min_length=1)
    nominal_cell_voltage_V: dict[str, Figure] = Field(default_factory=dict)
    safety: tuple[SafetyRule, ...] = Field(min_length=1)
    hold_back: HoldBack
    grades: tuple[Grade, ...] = Field(min_length=2)
    consistency: Consistency
    traceability: Traceability | None = None
    uses: tuple[Use, ...] = Field(min_length=1)
    dismantling: Demand

    @field_validator("grades")
    @classmethod
    def _from_best_to_worst(cls, grades: tuple[Grade, ...]) -> tuple[Grade, ...]:
        lows = [grade.soh_min.value for grade in grades]
        if lows != sorted(set(lows), reverse=True) or lows[-1] != 0.0:
            raise ValueError("soh_min must fall strictly from the best grade to the worst and end at 0")
        if any(grade.soh_min.by_chemistry for grade in grades):
            raise ValueError("soh_min has one value for all chemistries")
        last = grades[-1]
        if last.limits or last.history or last.consistency:
            raise ValueError("the last grade means recycling and has no gates")
        return grades

    @model_validator(mode="after")
    def _names(self) -> RuleSet:
        for what, names in (
            ("grades", [grade.grade for grade in self.grades]),
            ("uses", [use.use for use in self.uses]),
            ("safety", [rule.finding for rule in self.safety]),
        ):
            if len(set(names)) != len(names):
                raise ValueError(f"{what}: every one needs a name of its own")
        reused = [grade.grade for grade in self.grades[:-1]]
        for use in self.uses:
            if use.grade_min is not None and use.grade_min not in reused:
                raise ValueError(f"use {use.use}: grade_min {use.grade_min!r} is none of {', '.join(reused)}")
        return self

    @property
    def last(self) -> int:
        """Index of the grade that means recycling."""
        return len(self.grades) - 1

    @property
    def reuse_soh_min(self) -> float:
        """Lowest SOH that is reused, as a fraction."""
        return self.grades[-2].soh_min.value

    def index_of(self, grade: str) -> int:
        """Position of a grade, 0 = best."""
        return next(index for index, step in enumerate(self.grades) if step.grade == grade)
