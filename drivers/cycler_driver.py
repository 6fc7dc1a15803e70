"""What all drivers of cycler systems share: ratings from the bench file, and how a schedule is refused."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from drivers.contracts.cycler import CannotSay
from drivers.spec import DriverOptions


class CyclerOptions(DriverOptions):
    """Ratings of the channel, which its system does not tell.

    ``record_period_min_s``: the shortest that this machine takes. ``timeout_s`` is real time.
    """

    voltage_max_V: float = Field(gt=0)
    voltage_min_V: float = Field(default=0.0, ge=0)
    current_max_A: float = Field(gt=0)
    voltage_resolution_V: float = Field(default=0.0001, gt=0)
    current_resolution_A: float = Field(default=0.001, gt=0)
    pulse_min_s: float = Field(default=0.5, gt=0)
    record_period_min_s: float = Field(default=0.05, gt=0)
    timeout_s: float = Field(default=2.0, gt=0, le=30)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.voltage_min_V >= self.voltage_max_V:
            raise ValueError("voltage_min_V must be below voltage_max_V")
        return self


def cannot_say(address: str, what: str, step: int, why: str) -> CannotSay:
    """The error for a step (from 1; 0: the whole) that ``what``, the system's own form, cannot hold."""
    where = f"step {step}: " if step else ""
    return CannotSay(
        f"{address}: {what} cannot say this: {where}{why}",
        remedy="Change the profile's step, or run it on a channel with another instrument.",
        address=address,
        step=step,
        why=why,
    )
