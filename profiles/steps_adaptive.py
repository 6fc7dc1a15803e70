"""The step that decides by itself what is measured next."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from profiles.plain_types import Number, YesNo
from profiles.step_base import StepBase


class AdaptiveGoal(StepBase):
    """When an adaptive step has measured enough; with both, whichever comes first."""

    inside_grade: YesNo = Field(default=False, description="the interval of SOH lies inside one grade")
    half_width_points: Number | None = Field(
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
    budget_s: Number = Field(gt=0, le=86_400, description="bench time of the whole step")
    kinds: tuple[Literal["pulse_pair", "pulse_block", "shift_soc", "partial_charge"], ...] = Field(
        default=("pulse_pair", "pulse_block", "shift_soc"), min_length=1, max_length=4
    )
    charge_max_C: Number = Field(gt=0, le=20)
    discharge_max_C: Number = Field(gt=0, le=20)
    soc_shift_max: Number = Field(
        default=0.2, ge=0, le=1, description="from where the step began, either way"
    )
    throughput_max: Number = Field(
        default=0.5, gt=0, le=5, description="share of the capacity charged, and likewise discharged"
    )
    rest_factor: Number = Field(default=15.0, ge=1, le=1_000)
    shift_rest_s: Number = Field(default=60.0, ge=1, le=7_200)
    answer_timeout_s: Number = Field(default=10.0, ge=0.1, le=60, description="real time")
