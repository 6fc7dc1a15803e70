"""What a person or another system knows of one battery beyond the test."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator

from station.diagnosis.decision.facts import SohInterval
from station.diagnosis.decision.parts import Part, Quantity
from station.diagnosis.decision.rule_set import Level

TIMES_S = (0.01, 0.1, 1.0, 5.0, 10.0)
"""Times after an edge at which every result gives a resistance, in s."""

Answer = Literal["yes", "no", "unknown"]


class ResistanceWhenNew(Part):
    """Resistance of the same battery, or its type, when new: ``at_s`` seconds into a pulse."""

    value_mohm: float = Field(gt=0)
    at_s: float = 1.0
    source: str = Field(min_length=1)

    @field_validator("at_s")
    @classmethod
    def _measured(cls, at_s: float) -> float:
        if at_s not in TIMES_S:
            raise ValueError(f"resistances are measured at {', '.join(f'{time:g}' for time in TIMES_S)} s")
        return at_s


class KnownFacts(Part):
    """Facts for a decision; all may be left out. ``inspection`` answers: was it found?

    ``soh`` is for batteries measured elsewhere; a test result has its own and takes none from here.
    """

    battery: str | None = None
    soh: SohInterval | None = None
    chemistry: str | None = None
    level: Level | None = None
    history: Literal["known", "unknown"] = "unknown"
    inspection: dict[str, Answer] = Field(default_factory=dict)
    resistance_new: ResistanceWhenNew | None = None
    quantities: dict[Quantity, float] = Field(default_factory=dict)
    permitted: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    reviewed: tuple[str, ...] = ()
    nominal_capacity_Ah: float | None = Field(default=None, gt=0)
    series_cells: int | None = Field(default=None, gt=0)
    rated_energy_Wh: float | None = Field(default=None, gt=0)
    mass_kg: float | None = Field(default=None, gt=0)
    form: str | None = None

    @field_validator("inspection", mode="before")
    @classmethod
    def _yes_or_no(cls, answers: Any) -> Any:
        """YAML may read yes and no as true and false."""
        if not isinstance(answers, dict):
            return answers
        return {
            name: {True: "yes", False: "no"}.get(answer, answer) if isinstance(answer, bool) else answer
            for name, answer in answers.items()
        }
