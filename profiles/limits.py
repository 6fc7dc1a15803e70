"""The profile's own envelope, and limits that hold only while one role plays."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from profiles.plain_types import Number

Role = Literal[
    "rest",
    "ocv_check",
    "wait",
    "contact_pulse",
    "charge_pulse",
    "discharge_pulse",
    "constant_current",
    "constant_voltage",
    "constant_power",
    "constant_resistance",
    "excitation",
    "ramp",
    "current_table",
    "soc_shift",
    "partial_charge",
]
"""What a stretch of current or rest is there for."""


class RoleLimits(BaseModel):
    """What ends the run while a stretch of this role plays; it can only tighten what holds anyway."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    cell_voltage_min_V: Number | None = Field(default=None, gt=0)
    cell_voltage_max_V: Number | None = Field(default=None, gt=0)
    current_max_C: Number | None = Field(default=None, gt=0)
    surface_min_degC: Number | None = None
    surface_max_degC: Number | None = None


class ProfileLimits(BaseModel):
    """The profile's own envelope; it can only tighten what chemistry, battery and bench allow."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    cell_voltage_min_V: Number | None = Field(default=None, gt=0)
    cell_voltage_max_V: Number | None = Field(default=None, gt=0)
    current_max_C: Number | None = Field(default=None, gt=0)
    temperature_min_degC: Number | None = None
    temperature_max_degC: Number | None = None
    temperature_rate_max_K_per_min: Number | None = Field(default=None, gt=0)
    charge_max_of_capacity: Number | None = Field(
        default=None, gt=0, description="share of the nominal capacity charged in one run"
    )
    discharge_max_of_capacity: Number | None = Field(
        default=None, gt=0, description="share of the nominal capacity discharged in one run"
    )
    cell_energy_max_Wh_per_Ah: Number | None = Field(
        default=None, gt=0, description="per cell and Ah of nominal capacity, each direction, in one run"
    )
    cell_spread_max_V: Number | None = Field(default=None, gt=0)
    cell_temperature_spread_max_K: Number | None = Field(default=None, gt=0)
    by_role: dict[Role, RoleLimits] = Field(default_factory=dict)

    def tightened(self, other: ProfileLimits) -> ProfileLimits:
        """The tighter of both, limit by limit."""
        return ProfileLimits(**_tighter(self, other), by_role=_by_role(self.by_role, other.by_role))


def _by_role(one: dict[Role, RoleLimits], two: dict[Role, RoleLimits]) -> dict[Role, RoleLimits]:
    none = RoleLimits()
    return {
        role: RoleLimits(**_tighter(one.get(role, none), two.get(role, none)))
        for role in sorted({*one, *two})
    }


def _tighter(one: BaseModel, two: BaseModel) -> dict[str, float]:
    """Of each number the larger minimum, the smaller maximum."""
    found: dict[str, float] = {}
    for name in type(one).model_fields:
        values = [value for value in (getattr(one, name), getattr(two, name)) if isinstance(value, float)]
        if values:
            found[name] = max(values) if "_min_" in name else min(values)
    return found
