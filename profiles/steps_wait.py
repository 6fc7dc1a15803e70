"""Steps without current: waits, questions to people and to the BMS, and values kept for later."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from profiles.plain_types import Number, YesNo
from profiles.step_base import StepBase, TestStep, Value

VALUE_NAME = r"^[a-z][a-z0-9]*(_[A-Za-z0-9]+)*$"


class Words(StepBase):
    """What people read, in both languages."""

    zh: str = Field(min_length=1, max_length=500)
    en: str = Field(min_length=1, max_length=500)


class OcvWait(TestStep):
    """Zero current until the open-circuit voltage drifts by less than so much, per cell in series.

    The drift is the slope over the newest ``window_s``; it has to be small at ``duration_min_s`` or later.
    """

    step: Literal["ocv_wait"] = "ocv_wait"
    drift_max_mV_per_min: Number = Field(gt=0, le=1_000)
    duration_min_s: Number = Field(default=60.0, ge=10, le=86_400)
    duration_max_s: Number = Field(gt=10, le=172_800)
    must_reach: YesNo = True

    @model_validator(mode="after")
    def _min_first(self) -> OcvWait:
        if self.duration_min_s >= self.duration_max_s:
            raise ValueError("duration_min_s must be smaller than duration_max_s")
        return self


class WaitTemperature(TestStep):
    """Zero current until the cell's surface has been inside a band for ``stable_s``."""

    step: Literal["wait_temperature"] = "wait_temperature"
    low_degC: Number = Field(ge=-60, le=120)
    high_degC: Number = Field(ge=-60, le=120)
    stable_s: Number = Field(default=60.0, ge=0, le=86_400)
    duration_max_s: Number = Field(gt=0, le=172_800)
    must_reach: YesNo = True

    @model_validator(mode="after")
    def _is_a_band(self) -> WaitTemperature:
        if self.low_degC >= self.high_degC:
            raise ValueError("low_degC must be smaller than high_degC")
        if self.stable_s >= self.duration_max_s:
            raise ValueError("stable_s must be smaller than duration_max_s")
        return self


class Prompt(TestStep):
    """Asks the operator at zero current: to read and confirm, or to enter a number.

    The number is kept under ``name`` for conditions behind it. No answer within ``timeout_s`` (real time)
    ends the run, or goes on with ``default`` where one is given.
    """

    step: Literal["prompt"] = "prompt"
    text: Words
    picture: str | None = Field(default=None, max_length=200, description="file beside the profile")
    answer: Literal["confirm", "number"] = "confirm"
    name: str | None = Field(default=None, pattern=VALUE_NAME, max_length=40)
    low: Number | None = None
    high: Number | None = None
    default: Number | None = None
    timeout_s: Number = Field(default=600.0, ge=1, le=86_400)

    @model_validator(mode="after")
    def _number_has_a_name(self) -> Prompt:
        if (self.answer == "number") != (self.name is not None):
            raise ValueError(
                "a number is kept under a name, and only a number is: give answer: number and name"
            )
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError("low must be smaller than high")
        return self


class BmsRequest(TestStep):
    """Asks the BMS for a value at zero current and keeps it under ``name``; it must be no older than
    ``age_max_s`` and, where given, lie between ``low`` and ``high``, else the run ends."""

    step: Literal["bms_request"] = "bms_request"
    signal: str = Field(
        pattern=r"^[a-z][A-Za-z0-9_]{0,60}$", description="as the station's BMS page names it"
    )
    name: str = Field(pattern=VALUE_NAME, max_length=40)
    low: Number | None = None
    high: Number | None = None
    age_max_s: Number = Field(default=5.0, gt=0, le=600)
    timeout_s: Number = Field(default=10.0, gt=0, le=600)


class SetValue(StepBase):
    """Keeps a number that comes of quantities under ``name``, for conditions behind it."""

    step: Literal["set"] = "set"
    name: str = Field(pattern=VALUE_NAME, max_length=40)
    value: Value
