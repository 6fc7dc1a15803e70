"""SOH of pulse blocks of one known type and width: which subset to use, gaps filled, half-width."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from station.diagnosis.soh.imputation import fill
from station.diagnosis.soh.model import Calibration, Prediction, WidthModel
from station.diagnosis.soh.noise import CLEAN, LAST_SHARE, Noise
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


def predict_blocks(model: WidthModel, voltages_V: Floats, noise: Noise = CLEAN) -> BlockValues:
    """Estimate rows (n, 41) with NaN for what was not measured; of several subsets the narrowest interval.

    ``noise`` is that of all rows.
    """
    count = len(voltages_V)
    result = BlockValues(*(np.full(count, np.nan) for _ in range(4)))
    known = np.isfinite(model.column_mean_V)
    if noise.level_V > 0.0:
        for pattern, rows in _patterns(np.isfinite(voltages_V) & known):
            for name in fitting_subsets(model, pattern):
                if name in model.learned(noise.level_V):
                    _predict_noisy(model, name, pattern, rows, voltages_V, noise, result)
        return result
    filled = voltages_V.copy()
    gaps: list[Gap] = []
    wanted: dict[str, list[NDArray[np.int64]]] = {}
    for pattern, rows in _patterns(np.isfinite(voltages_V) & known):
        names = fitting_subsets(model, pattern)
        for name in names:
            wanted.setdefault(name, []).append(rows)
        if names and not pattern[sorted({column for name in names for column in SUBSETS[name]})].all():
            gaps.append(_fill(model, filled, pattern, known, rows))
    for name, parts in wanted.items():
        _predict_subset(model, name, np.concatenate(parts), filled, gaps, result)
    return result


@dataclass(frozen=True)
class Gap:
    """Rows with the same voltages filled in, and the covariance (41, 41) of what was filled."""

    rows: NDArray[np.int64]
    uncertainty_V2: Floats


def _patterns(present: Bools) -> Iterator[tuple[Bools, NDArray[np.int64]]]:
    """Distinct rows of ``present`` (n, 41) and where they are; a complete table is one pattern."""
    bits, member = np.unique(np.packbits(present, axis=1), axis=0, return_inverse=True)
    order = np.argsort(member.reshape(-1), kind="stable")
    ends = np.cumsum(np.bincount(member.reshape(-1), minlength=len(bits)))
    for number, end in enumerate(ends):
        rows = order[(ends[number - 1] if number else 0) : end]
        yield present[rows[0]], rows


def _fill(model: WidthModel, filled: Floats, pattern: Bools, known: Bools, rows: NDArray[np.int64]) -> Gap:
    """Fill the gaps of rows in place."""
    block = np.ix_(known, known)
    inner, spread = fill(
        filled[np.ix_(rows, known)],
        pattern[known],
        model.column_mean_V[known],
        model.column_covariance_V2[block],
    )
    filled[np.ix_(rows, known)] = inner
    uncertainty = np.zeros((len(known), len(known)))
    uncertainty[block] = spread
    return Gap(rows, uncertainty)


def _predict_subset(
    model: WidthModel,
    name: str,
    rows: NDArray[np.int64],
    filled: Floats,
    gaps: list[Gap],
    result: BlockValues,
) -> None:
    """Predict rows by one subset and keep what is narrower than the best so far."""
    estimator = model.estimator(name)
    calibration = estimator.learned.calibration
    prediction = estimator.predict(filled[rows])
    scale = prediction.scale
    place = np.full(len(filled), -1)
    place[rows] = np.arange(len(rows))
    holed = [(gap, place[gap.rows][place[gap.rows] >= 0]) for gap in gaps]
    touched = np.concatenate([inside for _, inside in holed]) if holed else np.array([], dtype=np.int64)
    if len(touched):
        slopes = np.zeros((len(rows), len(SUBSETS[name])))
        slopes[touched] = estimator.slopes(filled[rows[touched]])
        columns = np.ix_(SUBSETS[name], SUBSETS[name])
        for gap, inside in holed:
            part = slopes[inside]
            added = np.einsum("ij,jk,ik->i", part, gap.uncertainty_V2[columns], part)
            scale[inside] = np.sqrt(scale[inside] ** 2 + np.maximum(added, 0.0))
    _keep_narrower(result, rows, prediction, calibration, calibration.factor * scale)


def _predict_noisy(
    model: WidthModel,
    name: str,
    pattern: Bools,
    rows: NDArray[np.int64],
    voltages_V: Floats,
    noise: Noise,
    result: BlockValues,
) -> None:
    """Predict rows of one pattern from what their voltages most likely were without the noise.

    What the noise leaves uncertain is part of the residuals the interval was calibrated on, as far as the
    level goes; more noise than that and gaps widen the interval along the estimator's slopes.
    """
    estimator = model.estimator(name, noise.level_V)
    calibration = estimator.learned.calibration
    columns = list(SUBSETS[name])
    clean = voltages_V[rows]
    clean[:, columns], left = model.denoise(clean[:, columns], pattern[columns], name, noise)
    usual = model.usual_uncertainty_V2(name, noise.level_V)
    prediction = estimator.predict(clean)
    scale = prediction.scale
    if noise.sample_V > noise.level_V or noise.last_V > LAST_SHARE * noise.level_V or not pattern[columns].all():
        slopes = estimator.slopes(clean)
        added = np.einsum("ij,jk,ik->i", slopes, left - usual, slopes)
        scale = np.sqrt(scale**2 + np.maximum(added, 0.0))
    _keep_narrower(result, rows, prediction, calibration, calibration.factor * scale)


def _keep_narrower(
    result: BlockValues,
    rows: NDArray[np.int64],
    prediction: Prediction,
    calibration: Calibration,
    half: Floats,
) -> None:
    """Take the prediction of rows where its half-width is below what another subset gave."""
    better = ~(half >= result.half_width[rows])  # NaN: nothing was given yet
    chosen = rows[better]
    result.soh[chosen] = prediction.mean[better]
    result.half_width[chosen] = half[better]
    result.distance[chosen] = prediction.distance[better] / calibration.distance_limit
    result.strict_distance[chosen] = prediction.distance[better] / calibration.strict_distance_limit


def fitting_subsets(model: WidthModel, pattern: Bools) -> list[str]:
    """Subsets that a pattern of measured columns (41,) supports, the largest complete one alone if there
    is one, and without first samples only where nothing larger is complete."""
    supported = []
    for name in model.subsets:
        measured = pattern[list(SUBSETS[name])]
        if measured.all():
            return [*supported, name] if name.endswith("_lasts") else [name]
        rest_known = pattern[0] or measured[0]
        if rest_known and measured.mean() >= MIN_SHARE:
            supported.append(name)
    return supported
