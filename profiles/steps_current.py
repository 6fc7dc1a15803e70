"""Steps that hold a current, a voltage, a power or a resistance until something is reached."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from profiles.plain_types import Number, YesNo
from profiles.step_base import Conditions, TestStep

Direction = Literal["charge", "discharge"]
CellVoltage = Annotated[Number, Field(gt=0, le=5)] | Literal["charge_max", "discharge_min"]
"""V per cell in series, or the limit of the battery's chemistry by name."""


class Held(TestStep):
    """Bounds that each of them needs: what is not known before has an upper bound.

    ``charge_max_of_capacity``: share of the nominal capacity moved in this step; ``until``: conditions of
    which any ends it; ``must_reach``: ending by time or charge alone then ends the run.
    """

    duration_max_s: Number = Field(gt=0, le=172_800)
    charge_max_of_capacity: Number | None = Field(default=None, gt=0, le=1.5)
    until: Conditions = ()
    must_reach: YesNo = False


class ConstantCurrent(Held):
    """A constant current for a time, or until a condition."""

    step: Literal["constant_current"] = "constant_current"
    direction: Direction
    current_C: Number | None = Field(default=None, gt=0, le=20)
    current_A: Number | None = Field(default=None, gt=0, le=10_000)
    current_floor_C: Number | None = Field(default=None, gt=0, le=20)

    @model_validator(mode="after")
    def _one_current(self) -> ConstantCurrent:
        if (self.current_C is None) == (self.current_A is None):
            raise ValueError("give the current once: current_C or current_A")
        return self


class ConstantVoltage(Held):
    """The station holds a voltage by setting the current anew, from sample to sample, never beyond
    ``current_max_C`` and never the other way; it ends when the current has fallen to ``current_end_C``."""

    step: Literal["constant_voltage"] = "constant_voltage"
    direction: Direction = "charge"
    cell_voltage_V: CellVoltage
    current_max_C: Number = Field(gt=0, le=5)
    current_end_C: Number | None = Field(default=None, gt=0, le=5)


class CcCv(Held):
    """A constant current until the voltage is reached, which is then held until the current has fallen."""

    step: Literal["cccv"] = "cccv"
    direction: Direction = "charge"
    current_C: Number = Field(gt=0, le=5)
    current_floor_C: Number | None = Field(default=None, gt=0, le=5)
    cell_voltage_V: CellVoltage
    current_end_C: Number = Field(gt=0, le=5)
    must_reach: YesNo = True

    @model_validator(mode="after")
    def _falls(self) -> CcCv:
        if self.current_end_C >= self.current_C:
            raise ValueError("current_end_C must be smaller than current_C")
        return self


class ConstantPower(Held):
    """The station holds a power by setting the current anew from sample to sample, never beyond
    ``current_max_C``. ``power_W`` is of the whole battery, ``cell_power_W_per_Ah`` per cell in series and Ah
    of nominal capacity."""

    step: Literal["constant_power"] = "constant_power"
    direction: Direction
    power_W: Number | None = Field(default=None, gt=0, le=1_000_000)
    cell_power_W_per_Ah: Number | None = Field(default=None, gt=0, le=100)
    current_max_C: Number = Field(gt=0, le=20)

    @model_validator(mode="after")
    def _one_power(self) -> ConstantPower:
        if (self.power_W is None) == (self.cell_power_W_per_Ah is None):
            raise ValueError("give the power once: power_W or cell_power_W_per_Ah")
        return self


class ConstantResistance(Held):
    """A discharge as through a resistor, at the battery's terminals; never beyond ``current_max_C``."""

    step: Literal["constant_resistance"] = "constant_resistance"
    resistance_ohm: Number = Field(gt=0, le=1_000_000)
    current_max_C: Number = Field(gt=0, le=20)
