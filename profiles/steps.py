"""One class per step type. Units stand in the field names; unknown fields are errors."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from profiles.step_base import FIRST_CURRENT_MAX_C, StepBase, TestStep
from profiles.steps_current import CcCv, ConstantCurrent, ConstantPower, ConstantResistance, ConstantVoltage
from profiles.steps_flow import CallProfile, CapacityTest, If, Loop, RepeatUntil
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


class Rest(TestStep):
    """Zero current for a time."""

    step: Literal["rest"] = "rest"
    duration_s: float = Field(gt=0, le=86_400)


class OcvCheck(TestStep):
    """Zero current while the open-circuit voltage is watched; a drifting cell has not rested."""

    step: Literal["ocv_check"] = "ocv_check"
    duration_s: float = Field(gt=0, le=3_600)
    drift_max_mV_per_min: float = Field(gt=0, le=1_000, description="per cell in series")


class ContactCheck(TestStep):
    """A small, short current that shows contact, sense leads and a plausible resistance."""

    step: Literal["contact_check"] = "contact_check"
    current_C: float = Field(default=0.1, gt=0, le=FIRST_CURRENT_MAX_C)
    duration_s: float = Field(default=1.0, gt=0, le=5)
    rest_s: float = Field(default=1.0, gt=0, le=600)


class PulsePair(TestStep):
    """A charge pulse, a rest, a discharge pulse of the same size, a rest.

    ``current_floor_C`` lets a channel that cannot reach ``current_C`` run at what it
    can, never below the floor; without it the profile is refused there.
    """

    step: Literal["pulse_pair"] = "pulse_pair"
    current_C: float = Field(gt=0, le=20)
    current_floor_C: float | None = Field(default=None, gt=0, le=20)
    duration_s: float = Field(gt=0, le=120)
    rest_s: float = Field(gt=0, le=3_600)
    last_rest_s: float | None = Field(default=None, gt=0, le=3_600)


class PulseTrain(TestStep):
    """Pulse pairs at several amplitudes, lowest first; each rest is ``rest_factor`` x the pulse."""

    step: Literal["pulse_train"] = "pulse_train"
    currents_C: tuple[float, ...] = Field(min_length=1, max_length=50)
    current_floor_C: float | None = Field(default=None, gt=0, le=20)
    duration_s: float = Field(gt=0, le=120)
    rest_factor: float = Field(default=15.0, gt=0, le=1_000)


class ConstantCurrentUntil(TestStep):
    """A constant current until the cells reach a voltage, judged on each sample.

    ``cell_voltage_V`` is a number per cell in series, or the limit of the battery's chemistry by name; it
    must lie inside the limits in force, which stay what they are. At ``duration_max_s`` or at
    ``charge_max_of_capacity`` (share of the nominal capacity moved in this step) it ends as well; a step
    that ``must_reach`` its voltage then ends the run.
    """

    step: Literal["constant_current_until"] = "constant_current_until"
    direction: Literal["charge", "discharge"]
    current_C: float = Field(gt=0, le=5)
    current_floor_C: float | None = Field(default=None, gt=0, le=5)
    cell_voltage_V: float | Literal["charge_max", "discharge_min"]
    duration_max_s: float = Field(gt=0, le=172_800)
    charge_max_of_capacity: float = Field(gt=0, le=1.5)
    must_reach: bool = True

    @model_validator(mode="after")
    def _fits_its_direction(self) -> ConstantCurrentUntil:
        """A voltage that is no number must be the limit the current runs towards."""
        wanted = {"charge": "charge_max", "discharge": "discharge_min"}[self.direction]
        if isinstance(self.cell_voltage_V, str) and self.cell_voltage_V != wanted:
            raise ValueError(f"a {self.direction} runs towards {wanted}, not {self.cell_voltage_V}")
        if not isinstance(self.cell_voltage_V, str) and not 0 < self.cell_voltage_V <= 5:
            raise ValueError(f"{self.cell_voltage_V:g} V is no voltage of a cell")
        return self


class Repeat(StepBase):
    """The same steps several times over; they count as one step, which is skipped as a whole."""

    step: Literal["repeat"] = "repeat"
    times: int = Field(ge=1, le=20)
    steps: tuple[Annotated[Rest | ConstantCurrentUntil, Field(discriminator="step")], ...] = Field(
        min_length=1, max_length=50
    )


class AdaptiveGoal(StepBase):
    """When an adaptive step has measured enough; with both, whichever comes first."""

    inside_grade: bool = Field(default=False, description="the interval of SOH lies inside one grade")
    half_width_points: float | None = Field(
        default=None, gt=0, le=50, description="half of the 90 % interval of SOH, in points of SOH"
    )

    @model_validator(mode="after")
    def _asks_for_something(self) -> AdaptiveGoal:
        if not self.inside_grade and self.half_width_points is None:
            raise ValueError("a goal needs inside_grade: true, or half_width_points, or both")
        return self


class Adaptive(StepBase):
    """Measures, looks at what is known by then, and decides what to measure next, until the goal is reached.

    Whatever is decided stays inside what this step allows. ``rest_factor``: a rest lasts at least so many
    times the pulse before it; ``shift_rest_s``: the least rest behind a change of SOC.
    """

    step: Literal["adaptive"] = "adaptive"
    goal: AdaptiveGoal
    budget_s: float = Field(gt=0, le=86_400, description="bench time of the whole step")
    kinds: tuple[Literal["pulse_pair", "pulse_block", "shift_soc", "partial_charge"], ...] = Field(
        default=("pulse_pair", "pulse_block", "shift_soc"), min_length=1, max_length=4
    )
    charge_max_C: float = Field(gt=0, le=20)
    discharge_max_C: float = Field(gt=0, le=20)
    soc_shift_max: float = Field(default=0.2, ge=0, le=1, description="from where the step began, either way")
    throughput_max: float = Field(
        default=0.5, gt=0, le=5, description="share of the capacity charged, and likewise discharged"
    )
    rest_factor: float = Field(default=15.0, ge=1, le=1_000)
    shift_rest_s: float = Field(default=60.0, ge=1, le=7_200)
    answer_timeout_s: float = Field(default=10.0, ge=0.1, le=60, description="real time")


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
    _holder.model_rebuild(_types_namespace={"Step": Step})
