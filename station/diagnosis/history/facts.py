"""What is known of one battery's past when it is judged; what is not known is left out."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from station.diagnosis.decision.days import day_number
from station.diagnosis.decision.facts import SohInterval
from station.diagnosis.decision.parts import Part
from station.diagnosis.history.names import NUMBERS, OTHERS

Use = Literal["private", "taxi", "bus", "storage"]
Climate = Literal["temperate", "hot", "cold"]

YEAR_DAYS = 365.25
AGE_MAX_YEARS = 40.0
MILEAGE_MAX_KM = 3_000_000.0
"""Above these a unit is wrong: no traction battery is as old, none has driven as far."""


class Intake(Part):
    """What the sender or the vehicle's papers say. Units are in the names.

    ``use`` and ``climate`` are those of the life so far; ``storage_years`` of ``age_years`` the battery lay
    unused. ``made_on`` is ISO 8601, a day or a month. ``printed_capacity_Ah`` is of one series group.
    ``bms`` are values read from the vehicle before, under the names of ``names``.
    """

    made_on: str | None = Field(default=None, pattern=r"^\d{4}-\d{2}(-\d{2})?$")
    age_years: float | None = Field(default=None, ge=0, le=AGE_MAX_YEARS)
    mileage_km: float | None = Field(default=None, ge=0, le=MILEAGE_MAX_KM)
    use: Use | None = None
    climate: Climate | None = None
    storage_years: float | None = Field(default=None, ge=0, le=AGE_MAX_YEARS)
    printed_capacity_Ah: float | None = Field(default=None, gt=0, le=10_000)
    chemistry: str | None = Field(default=None, max_length=20)
    bms: dict[str, Any] = Field(default_factory=dict)
    source: str | None = Field(default=None, max_length=200)

    @field_validator("made_on")
    @classmethod
    def _a_day(cls, made_on: str | None) -> str | None:
        if made_on is not None:
            day_number(whole_day(made_on))
        return made_on

    @field_validator("bms")
    @classmethod
    def _known_and_short(cls, bms: dict[str, Any]) -> dict[str, Any]:
        """Names are checked here; a value that is no value is told when it is read."""
        for name, value in bms.items():
            if name not in (*NUMBERS, *OTHERS):
                raise ValueError(f"{name} is not known; known are {', '.join((*NUMBERS, *OTHERS))}")
            parts = value if isinstance(value, (list, tuple)) else [value]
            if len(parts) > 50 or any(not _plain(part) for part in parts):
                raise ValueError(f"{name} is a number, a short text or a list of short texts")
        return bms

    @model_validator(mode="after")
    def _stored_within_its_life(self) -> Intake:
        if self.age_years is not None and (self.storage_years or 0.0) > self.age_years:
            raise ValueError("storage_years is longer than age_years")
        return self


def _plain(part: Any) -> bool:
    return part is None or isinstance(part, (int, float)) or (isinstance(part, str) and len(part) <= 80)


def whole_day(made_on: str) -> str:
    """A month is taken at its middle."""
    return made_on if len(made_on) == 10 else f"{made_on}-15"


class BmsFacts(Part):
    """What the BMS says, by the names of ``names``; ``refused`` says of each value left out why."""

    values: dict[str, float] = Field(default_factory=dict)
    chemistry: str | None = None
    faults: tuple[str, ...] = ()
    refused: dict[str, str] = Field(default_factory=dict)


class EarlierTest(Part):
    """An earlier test of the same code. ``soh`` is what its own measurement said, without any history.

    ``method`` ``capacity`` is a measured capacity, else pulses, whose error of this one battery comes again
    today. ``resistance_mohm`` as the station shows it.
    """

    run_id: str
    day: str
    soh: SohInterval | None = None
    method: Literal["pulses", "capacity"] = "pulses"
    nominal_capacity_Ah: float = Field(gt=0)
    series_cells: int | None = None
    simulated: bool = False
    resistance_mohm: float | None = None
    mileage_km: float | None = None
    bms: dict[str, float] = Field(default_factory=dict)


class HistoryFacts(Part):
    """The inputs of a join, all of them. ``today`` is the day of the join; nothing here has a clock.

    ``soh`` is what the pulses say (None: they abstained); ``mean_cell``: it is that of a string's mean cell.
    ``letter`` is the type letter of a GB/T 34014 code and ``letter_chemistry`` what it stands for: a hint.
    """

    today: str
    soh: SohInterval | None = None
    mean_cell: bool = False
    pulse_chemistry: str | None = None
    given_chemistry: str | None = None
    letter: str | None = None
    letter_chemistry: str | None = None
    made_on: str | None = None
    nominal_capacity_Ah: float | None = Field(default=None, gt=0)
    series_cells: int | None = None
    simulated: bool = False
    resistance_mohm: float | None = None
    intake: Intake = Intake()
    bms: BmsFacts = BmsFacts()
    earlier: tuple[EarlierTest, ...] = ()

    @property
    def chemistry(self) -> str | None:
        """The one that the figures of ageing go by: given, else told by the pulses."""
        told = self.given_chemistry or self.pulse_chemistry
        return told if told in ("LFP", "NMC", "LMO", "LCO", "LTO") else None

    @property
    def age_years(self) -> float | None:
        """Years since the battery was made: given, else from a day given, else from the code."""
        if self.intake.age_years is not None:
            return self.intake.age_years
        made_on = self.intake.made_on or self.made_on
        if made_on is None:
            return None
        return (day_number(self.today) - day_number(whole_day(made_on))) / YEAR_DAYS
