"""What the steps of a profile share."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from profiles.expressions import ExpressionError, parse, unit_of
from profiles.plain_types import Number

FIRST_CURRENT_MAX_C = 0.2
"""No unknown cell sees more than this before its contact and resistance are plausible."""


class StepBase(BaseModel):
    """What all parts share: no unknown fields, immutable, finite numbers only."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, populate_by_name=True)


class Recording(StepBase):
    """Which samples of a step are kept: every one is measured and judged all the same.

    A sample is kept when ``every_s`` have passed since the one kept before, or when a quantity has changed
    by so much since then; the first two and the last of every stretch are always kept.
    """

    every_s: Number | None = Field(default=None, gt=0, le=3_600)
    voltage_change_V: Number | None = Field(default=None, gt=0, le=100)
    current_change_A: Number | None = Field(default=None, gt=0, le=10_000)
    temperature_change_K: Number | None = Field(default=None, gt=0, le=100)


class WrongExpression(ValueError):
    """With the column and what to do about it."""

    def __init__(self, error: ExpressionError, text: str) -> None:
        super().__init__(f"{error.message} (column {error.column} of {text!r})")
        self.remedy = error.remedy


def _condition(text: str) -> str:
    """The text of a condition in one spelling. Raises ValueError with the column."""
    text = " ".join(text.split())
    try:
        unit_of(parse(text), truth=True)
    except ExpressionError as error:
        raise WrongExpression(error, text) from error
    return text


def _value(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ValueError("give a number or an expression")
    text = " ".join(str(value).split())
    try:
        unit_of(parse(text))
    except ExpressionError as error:
        raise WrongExpression(error, text) from error
    return text


def _several(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Condition = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_condition)]
"""A question about measured and derived quantities, such as ``cell_voltage_V <= 3 V``."""
Value = Annotated[str, BeforeValidator(_value), Field(min_length=1, max_length=500)]
"""A number that comes of quantities while the test runs, such as ``last_discharge_Ah``."""
Conditions = Annotated[tuple[Condition, ...], BeforeValidator(_several), Field(max_length=20)]
"""One or several, of which any ends the step."""


class TestStep(StepBase):
    """``record``: which samples are kept; all of them where nothing is said."""

    __test__ = False
    record: Recording | None = None
