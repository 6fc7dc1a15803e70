"""One class per step type. Units stand in the field names; unknown fields are errors.

Steps that hold steps stand here, beside the union of all of them; all are bounded: what may run is known
before anything runs.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, model_validator

from profiles.brought_in import brought_in
from profiles.limits import ProfileLimits
from profiles.plain_types import Number, Whole, YesNo
from profiles.step_base import FIRST_CURRENT_MAX_C, Condition, StepBase
from profiles.steps_adaptive import Adaptive, AdaptiveGoal
from profiles.steps_current import CcCv, ConstantCurrent, ConstantPower, ConstantResistance, ConstantVoltage
from profiles.steps_plain import (
    CapacityTest,
    ConstantCurrentUntil,
    ContactCheck,
    OcvCheck,
    PulsePair,
    PulseTrain,
    Repeat,
    Rest,
)
from profiles.steps_pulse import CurrentTable, HppcBlock, MultiSine, Prbs, Pulse, Ramp
from profiles.steps_wait import BmsRequest, OcvWait, Prompt, SetValue, WaitTemperature

__all__ = [
    "FIRST_CURRENT_MAX_C",
    "Adaptive",
    "AdaptiveGoal",
    "BmsRequest",
    "CallProfile",
    "CapacityTest",
    "CcCv",
    "ConstantCurrent",
    "ConstantCurrentUntil",
    "ConstantPower",
    "ConstantResistance",
    "ConstantVoltage",
    "ContactCheck",
    "CurrentTable",
    "HppcBlock",
    "If",
    "Loop",
    "MultiSine",
    "OcvCheck",
    "OcvWait",
    "Prbs",
    "Prompt",
    "Pulse",
    "PulsePair",
    "PulseTrain",
    "Ramp",
    "Repeat",
    "RepeatUntil",
    "Rest",
    "SetValue",
    "Step",
    "WaitTemperature",
]


class Loop(StepBase):
    """The same steps several times over."""

    step: Literal["loop"] = "loop"
    times: Whole = Field(ge=1, le=1_000)
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
    times_max: Whole = Field(ge=1, le=1_000)
    must_reach: YesNo = True
    steps: tuple[Step, ...] = Field(min_length=1, max_length=1_000)


class CallProfile(StepBase):
    """The steps of another profile, one that ships or a file beside this one, with its parameters set.

    The limits of both hold, the tighter of the two. What was read becomes part of this profile: its hash
    follows it.
    """

    step: Literal["call"] = "call"
    profile: str = Field(min_length=1, max_length=200)
    parameters: dict[str, Number] = Field(default_factory=dict, max_length=50)
    steps: tuple[Step, ...] = Field(default=(), max_length=1_000)
    limits: ProfileLimits = ProfileLimits()

    @model_validator(mode="before")
    @classmethod
    def _read(cls, data: Any, info: ValidationInfo) -> Any:
        """Bring in the steps of what is called; where a field is of the wrong kind that is told instead."""
        if not isinstance(data, dict) or data.get("steps") or not isinstance(data.get("profile"), str):
            return data
        given = data.get("parameters", {})
        if not isinstance(given, dict) or not all(type(value) in (int, float) for value in given.values()):
            return data
        return {**data, **brought_in(data["profile"], given, info.context or {})}


Step = Annotated[
    Rest
    | OcvCheck
    | ContactCheck
    | PulsePair
    | PulseTrain
    | ConstantCurrentUntil
    | Repeat
    | Adaptive
    | ConstantCurrent
    | ConstantVoltage
    | CcCv
    | ConstantPower
    | ConstantResistance
    | Pulse
    | HppcBlock
    | MultiSine
    | Prbs
    | Ramp
    | CurrentTable
    | OcvWait
    | WaitTemperature
    | Prompt
    | BmsRequest
    | SetValue
    | Loop
    | If
    | RepeatUntil
    | CapacityTest
    | CallProfile,
    Field(discriminator="step"),
]

for _holder in (Loop, If, RepeatUntil, CallProfile):
    _holder.model_rebuild()
