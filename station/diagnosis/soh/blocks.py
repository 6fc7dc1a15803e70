"""SOH of pulse blocks of one known type and width: which subset to use, gaps filled, half-width."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from station.diagnosis.soh.imputation import fill
from station.diagnosis.soh.model import WidthModel
from station.diagnosis.tables import SUBSETS, Bools, Floats

MIN_SHARE = 0.6
"""Share of a subset's voltages that must be measured before the rest may be filled in."""


@dataclass(frozen=True)
class BlockValues:
    """Per row: SOH, half-width of the 90 % interval, and distance relative to its limits (> 1: foreign).

    ``strict_distance`` is relative to the limit for blocks whose type was not stated.
    NaN in all where no subset fits what was measured.
    """

    soh: Floats
    half_width: Floats
    distance: Floats
    strict_distance: Floats


def predict_blocks(model: WidthModel, voltages_V: Floats) -> BlockValues:
    """Estimate rows (n, 41) with NaN for what was not measured."""
    count = len(voltages_V)
    result = BlockValues(*(np.full(count, np.nan) for _ in range(4)))
    present = np.isfinite(voltages_V) & np.isfinite(model.column_mean_V)
    patterns, member = np.unique(present, axis=0, return_inverse=True)
    member = member.reshape(-1)
    for number, pattern in enumerate(patterns):
        rows = np.flatnonzero(member == number)
        _predict_pattern(model, voltages_V[rows], pattern, rows, result)
    return result


def fitting_subsets(model: WidthModel, pattern: Bools) -> list[str]:
    """Subsets that a pattern of measured columns (41,) supports, the largest complete one alone if there
    is one."""
    supported = []
    for name in model.subsets:
        measured = pattern[list(SUBSETS[name])]
        if measured.all():
            return [name]
        rest_known = pattern[0] or measured[0]
        if rest_known and measured.mean() >= MIN_SHARE:
            supported.append(name)
    return supported


def _predict_pattern(
    model: WidthModel, voltages_V: Floats, pattern: Bools, rows: np.ndarray, result: BlockValues
) -> None:
    """Write the estimate of rows that share one pattern; of several subsets the one with the narrowest
    interval."""
    names = fitting_subsets(model, pattern)
    if not names:
        return
    known = np.isfinite(model.column_mean_V)
    uncertainty = np.zeros((len(known), len(known)))
    filled = voltages_V
    needed = sorted({column for name in names for column in SUBSETS[name]})
    if not pattern[needed].all():
        block = np.ix_(known, known)
        inner, spread = fill(
            voltages_V[:, known],
            pattern[known],
            model.column_mean_V[known],
            model.column_covariance_V2[block],
        )
        filled = voltages_V.copy()
        filled[:, known] = inner
        uncertainty[block] = spread
    best = np.full(len(rows), np.inf)
    for name in names:
        estimator = model.estimator(name)
        prediction = estimator.predict(filled, uncertainty)
        calibration = estimator.learned.calibration
        half = calibration.factor * prediction.scale
        better = half < best
        best[better] = half[better]
        chosen = rows[better]
        result.soh[chosen] = prediction.mean[better]
        result.half_width[chosen] = half[better]
        distance = prediction.distance[better]
        result.distance[chosen] = distance / calibration.distance_limit
        result.strict_distance[chosen] = distance / calibration.strict_distance_limit
