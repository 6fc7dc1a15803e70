"""What a file holds: rows of samples, rows of steps, and what is known about the test."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

RUN_FORMAT = "pulse-station-run"
"""Files whose samples the station took itself."""


@dataclass(frozen=True, eq=False)
class SampleTable:
    """Rows in file order, SI units, positive current charges; a missing value is NaN. Shapes ``(n,)``."""

    time_s: Floats
    current_A: Floats
    voltage_V: Floats
    temperature_degC: Floats | None = None
    step: Ints | None = None


@dataclass(frozen=True, eq=False)
class StepTable:
    """One row per cycler step, SI units, positive charges; only temperatures may be missing (NaN).

    ``first_sample_s``: when in a step its first sample is taken, in s; None when not known.
    ``completed`` is false where a protection or a hand ended the step early.
    """

    start_s: Floats
    duration_s: Floats
    start_voltage_V: Floats
    end_voltage_V: Floats
    start_current_A: Floats
    end_current_A: Floats
    charge_Ah: Floats
    completed: NDArray[np.bool_]
    temperature_degC: Floats | None = None
    first_sample_s: float | None = None


@dataclass(frozen=True)
class SocStep:
    """A charge (positive) or discharge step that sets the SOC between pulse trains."""

    start_s: float
    duration_s: float
    charge_Ah: float


@dataclass(frozen=True, eq=False)
class Recording:
    """The content of one file. At least one of ``samples`` and ``steps`` is there.

    ``format``: ``pulse-station-run``, ``bdf-parquet``, ``parquet``, ``bdf-csv``, ``csv`` or ``nebula-xlsx``.
    ``measured_capacity_Ah`` is the discharge capacity of a calibration in the same file, where there is one.
    """

    samples: SampleTable | None
    steps: StepTable | None
    source: str
    format: str
    nominal_capacity_Ah: float | None = None
    measured_capacity_Ah: float | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    soc_steps: tuple[SocStep, ...] = ()
    notes: tuple[str, ...] = ()
