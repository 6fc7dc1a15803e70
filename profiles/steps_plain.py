"""Steps of rests, pulses and currents that end by a voltage, and full cycles."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from profiles.plain_types import Number, Whole, YesNo
from profiles.step_base import FIRST_CURRENT_MAX_C, StepBase, TestStep
from profiles.steps_current import CellVoltage


class Rest(TestStep):
    """Zero current for a time."""

    step: Literal["rest"] = "rest"
    duration_s: Number = Field(gt=0, le=86_400)


class OcvCheck(TestStep):
    """Zero current while the open-circuit voltage is watched; a drifting cell has not rested."""

    step: Literal["ocv_check"] = "ocv_check"
    duration_s: Number = Field(gt=0, le=3_600)
    drift_max_mV_per_min: Number = Field(gt=0, le=1_000, description="per cell in series")


class ContactCheck(TestStep):
    """A small, short current that shows contact, sense leads and a plausible resistance."""

    step: Literal["contact_check"] = "contact_check"
    current_C: Number = Field(default=0.1, gt=0, le=FIRST_CURRENT_MAX_C)
    duration_s: Number = Field(default=1.0, gt=0, le=5)
    rest_s: Number = Field(default=1.0, gt=0, le=600)


class PulsePair(TestStep):
    """A charge pulse, a rest, a discharge pulse of the same size, a rest.

    ``current_floor_C`` lets a channel that cannot reach ``current_C`` run at what it
    can, never below the floor; without it the profile is refused there.
    """

    step: Literal["pulse_pair"] = "pulse_pair"
    current_C: Number = Field(gt=0, le=20)
    current_floor_C: Number | None = Field(default=None, gt=0, le=20)
    duration_s: Number = Field(gt=0, le=120)
    rest_s: Number = Field(gt=0, le=3_600)
    last_rest_s: Number | None = Field(default=None, gt=0, le=3_600)


class PulseTrain(TestStep):
    """Pulse pairs at several amplitudes, lowest first; each rest is ``rest_factor`` x the pulse."""

    step: Literal["pulse_train"] = "pulse_train"
    currents_C: tuple[Annotated[Number, Field(gt=0, le=20)], ...] = Field(min_length=1, max_length=50)
    current_floor_C: Number | None = Field(default=None, gt=0, le=20)
    duration_s: Number = Field(gt=0, le=120)
    rest_factor: Number = Field(default=15.0, gt=0, le=1_000)


class ConstantCurrentUntil(TestStep):
    """A constant current until the cells reach a voltage, judged on each sample.

    ``cell_voltage_V`` is a number per cell in series, or the limit of the battery's chemistry by name; it
    must lie inside the limits in force, which stay what they are. At ``duration_max_s`` or at
    ``charge_max_of_capacity`` (share of the nominal capacity moved in this step) it ends as well; a step
    that ``must_reach`` its voltage then ends the run.
    """

    step: Literal["constant_current_until"] = "constant_current_until"
    direction: Literal["charge", "discharge"]
    current_C: Number = Field(gt=0, le=5)
    current_floor_C: Number | None = Field(default=None, gt=0, le=5)
    cell_voltage_V: CellVoltage
    duration_max_s: Number = Field(gt=0, le=172_800)
    charge_max_of_capacity: Number = Field(gt=0, le=1.5)
    must_reach: YesNo = True

    @model_validator(mode="after")
    def _fits_its_direction(self) -> ConstantCurrentUntil:
        """A voltage that is no number must be the limit the current runs towards."""
        wanted = {"charge": "charge_max", "discharge": "discharge_min"}[self.direction]
        if isinstance(self.cell_voltage_V, str) and self.cell_voltage_V != wanted:
            raise ValueError(f"a {self.direction} runs towards {wanted}, not {self.cell_voltage_V}")
        return self


class Repeat(StepBase):
    """The same steps several times over; they count as one step, which is skipped as a whole."""

    step: Literal["repeat"] = "repeat"
    times: Whole = Field(ge=1, le=20)
    steps: tuple[Annotated[Rest | ConstantCurrentUntil, Field(discriminator="step")], ...] = Field(
        min_length=1, max_length=50
    )


class CapacityTest(StepBase):
    """Full charge, rest, discharge, rest, until ``agree`` discharges in a row agree.

    Each discharge is kept as ``capacity_1_Ah``, ``capacity_2_Ah`` …, and the newest as ``capacity_Ah``.
    """

    step: Literal["capacity_test"] = "capacity_test"
    charge_C: Number = Field(gt=0, le=3)
    charge_end_C: Number = Field(default=0.05, gt=0, le=1)
    discharge_C: Number = Field(gt=0, le=3)
    current_floor_C: Number | None = Field(default=None, gt=0, le=3)
    charge_to_V: CellVoltage = "charge_max"
    discharge_to_V: CellVoltage = "discharge_min"
    rest_s: Number = Field(default=3_600.0, gt=0, le=86_400)
    cycles_max: Whole = Field(default=5, ge=1, le=10)
    agree: Whole = Field(default=3, ge=1, le=10, description="discharges in a row; 1 does not compare")
    agree_within: Number = Field(default=0.03, gt=0, le=1, description="share of the nominal capacity")
    must_agree: YesNo = True
    charge_max_of_capacity: Number = Field(
        default=1.3, gt=0, le=1.5, description="in each direction and cycle"
    )
    duration_max_s: Number = Field(gt=0, le=172_800, description="of each charge and each discharge")

    @model_validator(mode="after")
    def _can_agree(self) -> CapacityTest:
        if self.agree > self.cycles_max:
            raise ValueError("agree must not be larger than cycles_max")
        if self.charge_end_C >= self.charge_C:
            raise ValueError("charge_end_C must be smaller than charge_C")
        return self
