"""Declared parameters of a profile: a value within bounds, by which expressions of its fields are written."""

from __future__ import annotations

from pydantic import Field, model_validator

from profiles.plain_types import Number
from profiles.step_base import StepBase


class Parameter(StepBase):
    """``value`` is the one in force; the unit is the last part of its name."""

    value: Number
    low: Number | None = None
    high: Number | None = None
    about: str = Field(default="", max_length=300)

    @model_validator(mode="after")
    def _inside(self) -> Parameter:
        if self.low is not None and self.value < self.low:
            raise ValueError(f"{self.value:g} is smaller than {self.low:g}")
        if self.high is not None and self.value > self.high:
            raise ValueError(f"{self.value:g} is larger than {self.high:g}")
        return self
