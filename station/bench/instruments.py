"""How a bench file names an instrument: driver, address, what it must answer, calibration, inputs."""

from __future__ import annotations

import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator


class Part(BaseModel):
    """Base of everything in a bench file: immutable, unknown fields are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, populate_by_name=True)


class Name(Part):
    """What people read."""

    zh: str
    en: str


CORRECTION_MAX_SHARE = 0.02
CORRECTION_MIN = {"voltage": 0.02, "current": 0.2, "temperature": 3.0, "resistance": 1e-3, "power": 10.0}
"""A correction is at most so much of the reading, or so much (V, A, K, ohm, W) where that is more."""


class CalibrationPoint(Part):
    """What the instrument showed beside what it really was, in the same ``unit``."""

    quantity: Literal["voltage", "current", "temperature", "resistance", "power"]
    unit: str = Field(min_length=1, max_length=10)
    reading: float
    reference: float
    uncertainty: float | None = Field(
        default=None, ge=0, description="of the reference, expanded (k = 2), by the certificate"
    )

    @model_validator(mode="after")
    def _plausible(self) -> CalibrationPoint:
        """A correction must never hide a danger: what is so wrong is adjusted, not corrected."""
        largest = max(CORRECTION_MAX_SHARE * abs(self.reading), CORRECTION_MIN.get(self.quantity, 0.0))
        if abs(self.reference - self.reading) > largest:
            raise ValueError(
                f"reading {self.reading:g} and reference {self.reference:g} are more than {largest:.3g} "
                f"{self.unit} apart: such an instrument is adjusted or repaired, not corrected"
            )
        return self


class Calibration(Part):
    """The last day on which an instrument may be used, that day included, and the certificate.

    ``done``, ``by`` and ``points`` are what the certificate says; nothing is corrected by them.
    """

    due: datetime.date
    certificate: str = Field(default="", max_length=80)
    done: datetime.date | None = None
    by: str = Field(default="", max_length=80)
    points: tuple[CalibrationPoint, ...] = Field(default=(), max_length=200)

    @model_validator(mode="after")
    def _ordered(self) -> Calibration:
        if self.done is not None and self.done > self.due:
            raise ValueError("done must not be after due")
        return self


class InstrumentRef(Part):
    """One instrument: which driver, where, what it must answer when asked who it is.

    ``expect`` holds any of manufacturer, model, serial, firmware; each must be
    contained in the instrument's own answer. ``options`` belong to the driver.
    A joined pair (``supply-and-load``) has no address of its own: its options
    hold two more references, ``supply`` and ``load``, each with its own ``expect`` and ``calibration``.
    """

    driver: str = Field(min_length=1)
    address: str | None = None
    expect: dict[Literal["manufacturer", "model", "serial", "firmware"], str] = {}
    options: dict[str, Any] = {}
    calibration: Calibration | None = None

    @model_validator(mode="after")
    def _parts_are_references(self) -> InstrumentRef:
        try:
            self.parts()
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise ValueError(f"a part in the options: {where}: {first['msg']}") from error
        return self

    def parts(self) -> dict[str, InstrumentRef]:
        """The instruments that this one is joined of, by name; empty for a single one."""
        return {
            name: InstrumentRef.model_validate(part)
            for name, part in self.options.items()
            if isinstance(part, dict) and "driver" in part
        }


class SensorInput(Part):
    """One scanner input and the role of what it measures.

    Roles: ``cell_surface`` and ``ambient`` are temperatures; ``terminals`` is the
    voltage across the whole battery on leads of its own; ``cell`` is the voltage
    of series cell ``cell`` (counting from 1 at the negative end). ``minus_chassis`` and
    ``plus_chassis`` are the voltages between chassis and either pole, both positive on a sound pack.
    """

    number: int = Field(ge=0)
    role: Literal["cell_surface", "ambient", "terminals", "cell", "minus_chassis", "plus_chassis"]
    cell: int | None = Field(default=None, ge=1)


class SensorRef(InstrumentRef):
    """A scanner and its inputs, read every ``period_s``. ``input_ohm``: resistance of a voltage input."""

    inputs: tuple[SensorInput, ...] = Field(min_length=1)
    period_s: float = Field(default=0.5, gt=0, le=60)
    input_ohm: float = Field(default=10e6, gt=0)
