"""Pulses and excitations: currents that are known before, edge by edge."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationInfo, model_validator

from profiles.plain_types import Number, Whole
from profiles.step_base import TestStep
from profiles.steps_current import Direction
from profiles.table_file import read_table

EDGES_MAX = 20_000
"""Stretches of current in one step."""


class Pulse(TestStep):
    """One pulse and the rest behind it."""

    step: Literal["pulse"] = "pulse"
    direction: Direction
    current_C: Number = Field(gt=0, le=20)
    current_floor_C: Number | None = Field(default=None, gt=0, le=20)
    duration_s: Number = Field(gt=0, le=120)
    rest_s: Number = Field(gt=0, le=7_200)


class HppcBlock(TestStep):
    """A discharge pulse, a rest, a charge pulse at a share of its current, a rest."""

    step: Literal["hppc_block"] = "hppc_block"
    current_C: Number = Field(gt=0, le=20)
    current_floor_C: Number | None = Field(default=None, gt=0, le=20)
    discharge_s: Number = Field(default=10.0, gt=0, le=120)
    between_s: Number = Field(default=40.0, gt=0, le=3_600)
    charge_s: Number = Field(default=10.0, gt=0, le=120)
    charge_share: Number = Field(default=0.75, gt=0, le=1)
    rest_s: Number = Field(default=40.0, gt=0, le=7_200)


class MultiSine(TestStep):
    """A sum of sines as a staircase of ``hold_s``, whose largest current is ``current_C``.

    All frequencies are whole multiples of ``base_Hz`` (``harmonics``), so that one period closes; phases
    are Schroeder's, ``-pi k (k-1) / n`` for the k-th of n equal sines, which keeps the crest low
    (M. R. Schroeder, IEEE Trans. Inf. Theory 16 (1970) 85).
    """

    step: Literal["multi_sine"] = "multi_sine"
    base_Hz: Number = Field(gt=0, le=10)
    harmonics: tuple[Whole, ...] = Field(min_length=1, max_length=40)
    current_C: Number = Field(gt=0, le=5)
    periods: Whole = Field(default=1, ge=1, le=100)
    hold_s: Number = Field(gt=0, le=600)
    rest_s: Number = Field(default=1.0, gt=0, le=3_600)

    @model_validator(mode="after")
    def _can_be_drawn(self) -> MultiSine:
        if sorted(set(self.harmonics)) != list(self.harmonics) or self.harmonics[0] < 1:
            raise ValueError("harmonics are whole numbers from 1 on, each once and rising")
        if self.harmonics[-1] * self.base_Hz * self.hold_s > 0.25:
            raise ValueError(
                f"{self.harmonics[-1] * self.base_Hz:g} Hz needs a hold_s of at most "
                f"{0.25 / (self.harmonics[-1] * self.base_Hz):.3g} s: four holds to a period"
            )
        if self.periods / (self.base_Hz * self.hold_s) > EDGES_MAX:
            raise ValueError(f"more than {EDGES_MAX} holds")
        return self


class Prbs(TestStep):
    """A pseudo-random binary sequence of maximal length, 2^order - 1 bits of ``bit_s``, as ± current.

    Feedback taps of the shift register are those of the usual tables (P. Alfke, XAPP 052).
    """

    step: Literal["prbs"] = "prbs"
    order: Whole = Field(ge=3, le=11)
    bit_s: Number = Field(gt=0, le=600)
    current_C: Number = Field(gt=0, le=5)
    periods: Whole = Field(default=1, ge=1, le=20)
    rest_s: Number = Field(default=1.0, gt=0, le=3_600)


class Ramp(TestStep):
    """A staircase from one current to another, both signed (positive charges), ``hold_s`` each stair."""

    step: Literal["ramp"] = "ramp"
    from_C: Number = Field(ge=-20, le=20)
    to_C: Number = Field(ge=-20, le=20)
    duration_s: Number = Field(gt=0, le=86_400)
    hold_s: Number = Field(default=1.0, gt=0, le=600)

    @model_validator(mode="after")
    def _goes_somewhere(self) -> Ramp:
        if self.from_C == self.to_C:
            raise ValueError("from_C and to_C are the same: use constant_current")
        if not 2 <= self.duration_s / self.hold_s <= EDGES_MAX:
            raise ValueError(f"a ramp has 2 to {EDGES_MAX} stairs")
        return self


class CurrentTable(TestStep):
    """Currents over time from a CSV file beside the profile, or as ``rows``: begin in s, current.

    Each row holds until the next begins, the last one for as long as the one before. The numbers of a file
    become part of the profile: its hash follows them.
    """

    step: Literal["current_table"] = "current_table"
    file: str | None = Field(default=None, max_length=200)
    unit: Literal["A", "C"] = "A"
    scale: Number = Field(default=1.0, gt=0, le=1_000)
    rows: tuple[tuple[Number, Number], ...] = Field(min_length=2, max_length=EDGES_MAX)

    @model_validator(mode="before")
    @classmethod
    def _from_file(cls, data: Any, info: ValidationInfo) -> Any:
        """The rows of ``file``, where they are not there yet."""
        if (
            not isinstance(data, dict)
            or data.get("rows") is not None
            or not isinstance(data.get("file"), str)
        ):
            return data
        folder = (info.context or {}).get("folder")
        return {**data, "rows": read_table(data["file"], Path(folder) if folder else None)}

    @model_validator(mode="after")
    def _time_goes_on(self) -> CurrentTable:
        times = [row[0] for row in self.rows]
        wrong = next((n for n in range(1, len(times)) if not times[n] > times[n - 1]), None)
        if wrong is not None:
            raise ValueError(
                f"row {wrong + 1}: {times[wrong]:g} s does not come after {times[wrong - 1]:g} s"
            )
        return self
