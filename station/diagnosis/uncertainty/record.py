"""What a record itself tells of its readings: smallest step, noise, time between samples, moved charge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_NORMAL = 1.4826
"""Median absolute deviation to standard deviation, of a normal distribution."""


@dataclass(frozen=True)
class RecordFacts:
    """Steps and noise in V and A, ``period_s`` the usual time between samples, charge in Ah, ``edges``
    counted."""

    voltage_step_V: float
    current_step_A: float
    voltage_noise_V: float
    current_noise_A: float
    period_s: float
    duration_s: float
    charge_Ah: float
    discharge_Ah: float
    edges: int
    edge_A: float
    voltage_V: float
    current_A: float


def facts_of_samples(time_s: Floats, voltage_V: Floats, current_A: Floats) -> RecordFacts:
    """From samples of equal length (at least three), sorted by time.

    ``voltage_V`` is the median, ``current_A`` the median magnitude where current flows. Gaps of more than ten
    periods move no charge. An edge is a change between two samples of more than a tenth of the largest
    current.
    """
    steps_s = np.diff(time_s)
    period_s = float(np.median(steps_s))
    middle_A = (current_A[1:] + current_A[:-1]) / 2
    moved_Ah = np.where(steps_s <= 10 * period_s, middle_A * steps_s, 0.0) / 3600.0
    largest_A = float(np.max(np.abs(current_A)))
    jumps_A = np.abs(np.diff(current_A))
    edges = jumps_A > 0.1 * largest_A if largest_A > 0 else np.zeros(len(jumps_A), dtype=bool)
    flowing = np.abs(current_A) > 0.1 * largest_A
    return RecordFacts(
        smallest_step(voltage_V),
        smallest_step(current_A),
        noise(voltage_V),
        noise(current_A),
        period_s,
        float(time_s[-1] - time_s[0]),
        float(moved_Ah[moved_Ah > 0].sum()),
        float(-moved_Ah[moved_Ah < 0].sum()),
        int(edges.sum()),
        float(np.median(jumps_A[edges])) if edges.any() else 0.0,
        float(np.median(voltage_V)),
        float(np.median(np.abs(current_A[flowing]))) if flowing.any() else 0.0,
    )


def smallest_step(values: Floats) -> float:
    """The least difference between two different readings: the resolution that the record has."""
    steps = np.diff(np.unique(values))
    real = steps[steps > 1e-12]
    return float(real.min()) if len(real) else 0.0


def noise(values: Floats) -> float:
    """Standard deviation of one reading, from differences of neighbours: slow changes do not count."""
    differences = np.diff(values)
    return float(_NORMAL * np.median(np.abs(differences - np.median(differences))) / np.sqrt(2.0))
