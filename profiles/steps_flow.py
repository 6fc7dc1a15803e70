"""Steps that hold other steps. All of them are bounded: what may run is known before anything runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, ValidationInfo, model_validator

from profiles.limits import ProfileLimits
from profiles.step_base import Condition, StepBase
from profiles.steps_current import CellVoltage, check_cell_voltage

if TYPE_CHECKING:
    from profiles.steps import Step


class Loop(StepBase):
    """The same steps several times over."""

    step: Literal["loop"] = "loop"
    times: int = Field(ge=1, le=1_000)
    steps: tuple[Step, ...] = Field(min_length=1, max_length=1_000)


class If(StepBase):
    """One of two ways, by a condition that is judged when the test comes to it."""

    step: Literal["if"] = "if"
    condition: Condition
    then: tuple[Step, ...] = Field(default=(), max_length=1_000)
    otherwise: tuple[Step, ...] = Field(default=(), max_length=1_000, alias="else")

    @model_validator(mode="after")
    def _does_something(self) -> If:
        if not self.then and not self.otherwise:
            raise ValueError("give then, else, or both")
        return self


class RepeatUntil(StepBase):
    """The same steps until a condition holds behind them, at most ``times_max`` times.

    ``must_reach``: the run ends where it does not hold then.
    """

    step: Literal["repeat_until"] = "repeat_until"
    condition: Condition
    times_max: int = Field(ge=1, le=1_000)
    must_reach: bool = True
    steps: tuple[Step, ...] = Field(min_length=1, max_length=1_000)


class CapacityTest(StepBase):
    """Full charge, rest, discharge, rest, until ``agree`` discharges in a row agree.

    Each discharge is kept as ``capacity_1_Ah``, ``capacity_2_Ah`` …, and the newest as ``capacity_Ah``.
    """

    step: Literal["capacity_test"] = "capacity_test"
    charge_C: float = Field(gt=0, le=3)
    charge_end_C: float = Field(default=0.05, gt=0, le=1)
    discharge_C: float = Field(gt=0, le=3)
    current_floor_C: float | None = Field(default=None, gt=0, le=3)
    charge_to_V: CellVoltage = "charge_max"
    discharge_to_V: CellVoltage = "discharge_min"
    rest_s: float = Field(default=3_600.0, gt=0, le=86_400)
    cycles_max: int = Field(default=5, ge=1, le=10)
    agree: int = Field(default=3, ge=1, le=10, description="discharges in a row; 1 does not compare")
    agree_within: float = Field(default=0.03, gt=0, le=1, description="share of the nominal capacity")
    must_agree: bool = True
    charge_max_of_capacity: float = Field(
        default=1.3, gt=0, le=1.5, description="in each direction and cycle"
    )
    duration_max_s: float = Field(gt=0, le=172_800, description="of each charge and each discharge")

    @model_validator(mode="after")
    def _can_agree(self) -> CapacityTest:
        check_cell_voltage(self.charge_to_V)
        check_cell_voltage(self.discharge_to_V)
        if self.agree > self.cycles_max:
            raise ValueError("agree must not be larger than cycles_max")
        if self.charge_end_C >= self.charge_C:
            raise ValueError("charge_end_C must be smaller than charge_C")
        return self


class CallProfile(StepBase):
    """The steps of another profile, one that ships or a file beside this one, with its parameters set.

    The limits of both hold, the tighter of the two. What was read becomes part of this profile: its hash
    follows it.
    """

    step: Literal["call"] = "call"
    profile: str = Field(min_length=1, max_length=200)
    parameters: dict[str, float] = Field(default_factory=dict, max_length=50)
    steps: tuple[Step, ...] = Field(default=(), max_length=1_000)
    limits: ProfileLimits = ProfileLimits()

    @model_validator(mode="before")
    @classmethod
    def _read(cls, data: Any, info: ValidationInfo) -> Any:
        """Bring in the steps of what is called."""
        if not isinstance(data, dict) or data.get("steps") or not isinstance(data.get("profile"), str):
            return data
        from profiles.calling import called  # it reads profiles, which hold steps

        return {**data, **called(data["profile"], data.get("parameters") or {}, info.context or {})}
