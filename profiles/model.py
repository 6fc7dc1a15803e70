"""A profile: name, limits by the profile, and steps."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from profiles.steps import ContactCheck, OcvCheck, Rest, Step


class ProfileLimits(BaseModel):
    """The profile's own envelope; it can only tighten what chemistry, battery and bench allow."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    cell_voltage_min_V: float | None = Field(default=None, gt=0)
    cell_voltage_max_V: float | None = Field(default=None, gt=0)
    current_max_C: float | None = Field(default=None, gt=0)
    temperature_min_degC: float | None = None
    temperature_max_degC: float | None = None
    temperature_rate_max_K_per_min: float | None = Field(default=None, gt=0)
    charge_max_of_capacity: float | None = Field(
        default=None, gt=0, description="share of the nominal capacity charged in one run"
    )
    discharge_max_of_capacity: float | None = Field(
        default=None, gt=0, description="share of the nominal capacity discharged in one run"
    )
    cell_energy_max_Wh_per_Ah: float | None = Field(
        default=None, gt=0, description="per cell and Ah of nominal capacity, each direction, in one run"
    )
    cell_spread_max_V: float | None = Field(default=None, gt=0)
    cell_temperature_spread_max_K: float | None = Field(default=None, gt=0)


class Title(BaseModel):
    """What people read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    zh: str
    en: str


class Profile(BaseModel):
    """A whole test as data.

    ``timing`` says who must make the edges: ``sequenced`` (the instrument),
    ``commanded`` (the host), or ``best`` (the best the hardware offers).
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, populate_by_name=True)

    schema_version: Literal["pulse-station/profile/1"] = Field(alias="schema")
    name: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")
    title: Title
    description: Title
    timing: Literal["sequenced", "commanded", "best"] = "best"
    sampling_Hz: float = Field(default=100.0, ge=1, le=1_000)
    limits: ProfileLimits = ProfileLimits()
    steps: tuple[Step, ...] = Field(min_length=1, max_length=1_000)

    @model_validator(mode="after")
    def _energy_starts_low(self) -> Profile:
        """The first step that moves energy must be a contact check."""
        for step in self.steps:
            if isinstance(step, ContactCheck):
                return self
            if not isinstance(step, (Rest, OcvCheck)):
                raise ValueError(
                    f"the first energised step is {step.step}; "
                    "a contact_check (at most 0.2 C) must come before it"
                )
        return self

    def canonical(self) -> dict[str, Any]:
        """The profile as plain data with defaults filled in, for hashing and storing."""
        return self.model_dump(mode="json", by_alias=True)
