"""An exact two-RC circuit, sampled at any times: the truth that extraction and fit are tested against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Circuit:
    """R0 + two RC elements on a linear OCV, with closed-form answers."""

    r0: float = 0.0025
    r1: float = 0.0015
    tau1: float = 0.8
    r2: float = 0.003
    tau2: float = 25.0
    ocv: float = 3.7
    docv_per_Ah: float = 0.03

    def resistance(self, t: float) -> float:
        """Resistance t s after a step from rest, in ohm."""
        return float(self.response(np.asarray(t, dtype=np.float64)))

    def response(self, t: Floats) -> Floats:
        """The same for many times."""
        return (
            self.r0
            + self.r1 * (1.0 - np.exp(-t / self.tau1))
            + self.r2 * (1.0 - np.exp(-t / self.tau2))
            + self.docv_per_Ah * t / 3600.0
        )

    def record(self, steps: Sequence[tuple[float, float]], sample_s: float) -> tuple[Floats, Floats, Floats]:
        """Time, current, voltage for steps of (current in A, seconds), sampled every ``sample_s`` s.

        A sample at the instant of an edge still shows the old current.
        """
        ends = np.cumsum([seconds for _, seconds in steps])
        time = np.arange(0, round(float(ends[-1]) / sample_s) + 1) * sample_s
        current = np.zeros_like(time)
        voltage = np.full_like(time, self.ocv)
        before, start = 0.0, 0.0
        for (amps, _), end in zip(steps, ends, strict=True):
            inside = (time > start + 1e-9) & (time <= end + 1e-9)
            current[inside] = amps
            step = amps - before
            since = time[time > start + 1e-9] - start
            voltage[time > start + 1e-9] += step * self.response(since)
            before, start = amps, float(end)
        return time, current, voltage
