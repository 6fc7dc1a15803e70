"""A profile: name, limits by the profile, and steps."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from profiles.canonical import pruned
from profiles.contact_first import first_energised
from profiles.limits import ProfileLimits
from profiles.names import check_names
from profiles.nesting import calls_of
from profiles.parameters import Parameter
from profiles.plain_types import Number
from profiles.steps import Step

__all__ = ["STEPS_MAX", "Parameter", "Profile", "ProfileLimits", "Source", "Title"]

STEPS_MAX = 20_000


class Title(BaseModel):
    """What people read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    zh: str
    en: str


class Source(BaseModel):
    """Where a profile comes from, and what of it nobody here has verified."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    based_on: str = Field(max_length=400)
    not_verified: str = Field(default="", max_length=1_000)


class Profile(BaseModel):
    """A whole test as data.

    ``timing`` says who must make the edges: ``sequenced`` (the instrument),
    ``commanded`` (the host), or ``best`` (the best the hardware offers).
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, populate_by_name=True)

    schema_version: Literal["pulse-station/profile/1"] = Field(
        default="pulse-station/profile/1", alias="schema"
    )
    name: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")
    title: Title
    description: Title
    timing: Literal["sequenced", "commanded", "best"] = "best"
    sampling_Hz: Number = Field(default=100.0, ge=1, le=1_000)
    limits: ProfileLimits = ProfileLimits()
    source: Source | None = None
    parameters: dict[str, Parameter] = Field(default_factory=dict, max_length=100)
    steps: tuple[Step, ...] = Field(min_length=1, max_length=STEPS_MAX)

    @model_validator(mode="after")
    def _energy_starts_low(self) -> Profile:
        """The first step that moves energy must be a contact check."""
        first = first_energised(self.steps)
        if first not in ("", "contact_check"):
            raise ValueError(
                f"the first energised step is {first}; a contact_check (at most 0.2 C) must come before it"
            )
        return self

    @model_validator(mode="after")
    def _holds_what_is_called(self) -> Profile:
        """The limits of called profiles hold as well."""
        limits = self.limits
        for call in calls_of(self.steps):
            limits = limits.tightened(call.limits)
        if limits != self.limits:
            object.__setattr__(self, "limits", limits)  # frozen from the next line on
        return self

    @model_validator(mode="after")
    def _names_are_known(self) -> Profile:
        """Conditions ask for quantities there are, and for values that are kept before."""
        check_names(self.steps)
        return self

    def canonical(self) -> dict[str, Any]:
        """The profile as plain data with defaults filled in, for hashing and storing.

        Fields that the language has gained since its first version are left out while they say nothing, so
        that the hash of a profile that does not use them stays what it was.
        """
        data: dict[str, Any] = pruned(self.model_dump(mode="json", by_alias=True))
        return data
