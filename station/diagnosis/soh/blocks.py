"""SOH of pulse blocks of one known type and width: which subset to use, gaps filled, half-width."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from station.diagnosis.soh.imputation import Filled
from station.diagnosis.soh.model import Calibration, Prediction, WidthModel
from station.diagnosis.soh.noise import CLEAN, LAST_SHARE, STEADIED_V, Noise
from station.diagnosis.tables import SUBSETS, Bools, Floats

MIN_SHARE = 0.6
"""Share of a subset's voltages that must be measured before the rest may be filled in."""

MOST_ROWS = 2048
"""Rows judged at once: bounds the memory that rows with gaps take."""

FIELDS = ("soh", "half_width", "distance", "strict_distance")


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
    if count > MOST_ROWS:
        chunks = [
            predict_blocks(model, voltages_V[start : start + MOST_ROWS], noise)
            for start in range(0, count, MOST_ROWS)
        ]
        return BlockValues(*(np.concatenate([getattr(chunk, name) for chunk in chunks]) for name in FIELDS))
    result = BlockValues(*(np.full(count, np.nan) for _ in range(4)))
    known = np.isfinite(model.column_mean_V)
    if noise.level_V > 0.0:
        for pattern, rows in _patterns(np.isfinite(voltages_V) & known):
            for name in fitting_subsets(model, pattern):
                for level_V in _levels_V(model, name, noise):
                    if name in model.learned(level_V):
                        _predict_noisy(model, name, pattern, rows, voltages_V, noise, level_V, result)
        return result
    wanted: dict[str, list[NDArray[np.int64]]] = {}
    holed = np.zeros(count, dtype=bool)
    for pattern, rows in _patterns(np.isfinite(voltages_V) & known):
        names = fitting_subsets(model, pattern)
        for name in names:
            wanted.setdefault(name, []).append(rows)
        holed[rows] = any(not pattern[list(SUBSETS[name])].all() for name in names)
    gaps = _fill(model, voltages_V, holed, known)
    for name, parts in wanted.items():
        _predict_subset(model, name, np.concatenate(parts), gaps, result)
    return result


def _levels_V(model: WidthModel, name: str, noise: Noise) -> tuple[float, ...]:
    """The levels whose estimators judge: that of steadied values alone where it fits and was learned."""
    if noise.steadied and name in model.learned(STEADIED_V):
        return (STEADIED_V,)
    return noise.levels_V


@dataclass(frozen=True)
class Gaps:
    """All rows (n, 41) with their gaps filled; ``place`` (n,) is a row's number in ``filled``, -1 for rows
    without gaps."""

    voltages_V: Floats
    place: NDArray[np.int64]
    filled: Filled | None
    known: Bools


def _fill(model: WidthModel, voltages_V: Floats, holed: Bools, known: Bools) -> Gaps:
    place = np.where(holed, np.cumsum(holed) - 1, -1)
    if not holed.any():
        return Gaps(voltages_V, place, None, known)
    whole = voltages_V.copy()
    values = voltages_V[np.ix_(holed, known)]
    block = np.ix_(known, known)
    filled = Filled(
        values, np.isfinite(values), model.column_mean_V[known], model.column_covariance_V2[block]
    )
    whole[np.ix_(holed, known)] = filled.voltages_V
    return Gaps(whole, place, filled, known)


def _patterns(present: Bools) -> Iterator[tuple[Bools, NDArray[np.int64]]]:
    """Distinct rows of ``present`` (n, 41) and where they are; a complete table is one pattern."""
    bits, member = np.unique(np.packbits(present, axis=1), axis=0, return_inverse=True)
    order = np.argsort(member.reshape(-1), kind="stable")
    ends = np.cumsum(np.bincount(member.reshape(-1), minlength=len(bits)))
    for number, end in enumerate(ends):
        rows = order[(ends[number - 1] if number else 0) : end]
        yield present[rows[0]], rows


def _predict_subset(
    model: WidthModel,
    name: str,
    rows: NDArray[np.int64],
    gaps: Gaps,
    result: BlockValues,
) -> None:
    """Predict rows by one subset and keep what is narrower than the best so far."""
    estimator = model.estimator(name)
    calibration = estimator.learned.calibration
    prediction = estimator.predict(gaps.voltages_V[rows])
    scale = prediction.scale
    touched = np.flatnonzero(gaps.place[rows] >= 0)
    if gaps.filled is not None and len(touched):
        slopes = np.zeros((len(touched), len(gaps.known)))
        slopes[:, list(SUBSETS[name])] = estimator.slopes(gaps.voltages_V[rows[touched]])
        added = gaps.filled.variance(gaps.place[rows[touched]], slopes[:, gaps.known])
        scale[touched] = np.sqrt(scale[touched] ** 2 + added)
    _keep_narrower(result, rows, prediction, calibration, calibration.factor * scale)


def _predict_noisy(
    model: WidthModel,
    name: str,
    pattern: Bools,
    rows: NDArray[np.int64],
    voltages_V: Floats,
    noise: Noise,
    level_V: float,
    result: BlockValues,
) -> None:
    """Predict rows of one pattern from what their voltages most likely were without the noise.

    What the noise leaves uncertain is part of the residuals the interval was calibrated on, as far as the
    level goes; more noise than that and gaps widen the interval along the estimator's slopes.
    """
    estimator = model.estimator(name, level_V)
    calibration = estimator.learned.calibration
    columns = list(SUBSETS[name])
    clean = voltages_V[rows]
    clean[:, columns], left = model.denoise(clean[:, columns], pattern[columns], name, noise)
    usual = model.usual_uncertainty_V2(name, level_V)
    prediction = estimator.predict(clean)
    scale = prediction.scale
    learned = noise.sample_V <= level_V and noise.last_V <= LAST_SHARE * level_V
    if noise.told_V or not (learned and pattern[columns].all()):
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
    """Subsets that a pattern of measured columns (41,) supports: the largest complete one and larger ones
    whose few gaps can be filled (the narrower interval then decides)."""
    supported: list[str] = []
    for name in model.subsets:
        measured = pattern[list(SUBSETS[name])]
        if measured.all():
            return [*supported, name]
        rest_known = pattern[0] or measured[0]
        if rest_known and measured.mean() >= MIN_SHARE:
            supported.append(name)
    return supported
