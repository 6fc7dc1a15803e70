"""Residuals on cells the fit has not seen, and the interval factors that follow from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from station.diagnosis.soh.conformal import coverage_by_cell, factor
from station.diagnosis.soh.gaussian_process import Kernel
from station.diagnosis.soh.model import Calibration, Learned
from station.diagnosis.soh.noise import Noise
from station.diagnosis.tables import SUBSETS, Bools, Floats
from station.models.training.fitting import fit_subset, fit_width, jittered
from station.models.training.table import Labelled

FOLDS = 5
COVERAGE = 0.9

FEW_CELLS = 20
"""With fewer cells the finite-sample level would be (nearly) 1; then states (cell and label) are counted
instead."""

DISTANCE_QUANTILE, DISTANCE_MARGIN, STRICT_QUANTILE = 0.995, 1.25, 0.97
"""A block is foreign when it lies further from what was learned than this share of unseen cells' blocks,
and some."""


COPIES, COPIES_SEED = 2, 7
"""How often each unseen row is judged under a noise level, each time with other errors."""


@dataclass(frozen=True)
class OutOfFold:
    """Per judged row: prediction by the fit that has not seen its cell, the scale, the distance, the fold."""

    mean: Floats
    scale: Floats
    distance: Floats
    fold: NDArray[np.int64]


def judged_rows(rows: Labelled, level_V: float) -> Labelled:
    """The rows as a bench of this noise sees them, several times each; themselves without noise."""
    return rows if level_V == 0.0 else jittered(rows, level_V, COPIES, COPIES_SEED)


def predict_out_of_fold(
    rows: Labelled,
    subset: str,
    folds: dict[str, int],
    kernels: Mapping[int, Kernel],
    level_V: float = 0.0,
) -> OutOfFold:
    """Predict each of ``judged_rows`` by a fit without its fold; ``kernels[fold]`` never saw that fold
    either."""

    def fit(inside: Labelled, number: int) -> Learned:
        return fit_subset(inside, subset, kernels[number], level_V=level_V)

    return predict_unseen(rows, subset, folds, fit, level_V)


def predict_unseen(
    rows: Labelled,
    subset: str,
    folds: dict[str, int],
    fit: Callable[[Labelled, int], Learned],
    level_V: float = 0.0,
    thin: Callable[[Labelled, int], Labelled] | None = None,
) -> OutOfFold:
    """Predict each of ``judged_rows`` by what ``fit`` makes of the rows of all folds but its own.

    ``thin`` takes fewer of those rows, by the fold's number.
    """
    judged = judged_rows(rows, level_V)
    learned_fold = np.array([folds[cell] for cell in rows.cells])
    fold = np.array([folds[cell] for cell in judged.cells])
    size = len(fold)
    noise, columns = Noise.of(level_V), list(SUBSETS[subset])
    result = OutOfFold(np.empty(size), np.empty(size), np.empty(size), fold)
    for number in sorted(set(fold.tolist())):
        inside, outside = rows.where(learned_fold != number), np.flatnonzero(fold == number)
        inside = inside if thin is None else thin(inside, number)
        learned = {subset: fit(inside, number)}
        model = fit_width(inside, learned, {level_V: learned})
        voltages = judged.voltages_V[outside]
        if level_V > 0.0:
            whole = np.ones(len(columns), dtype=bool)
            voltages[:, columns], _ = model.denoise(voltages[:, columns], whole, subset, noise)
        prediction = model.estimator(subset, level_V).predict(voltages)
        result.mean[outside] = prediction.mean
        result.scale[outside] = prediction.scale
        result.distance[outside] = prediction.distance
    return result


def calibration_rows(rows: Labelled) -> Bools:
    """Rows that stand for what a station meets: single charges where they exist, else the ladder."""
    return rows.single_charge if rows.single_charge.any() else np.ones(len(rows.soh), dtype=bool)


def calibrate(rows: Labelled, unseen: OutOfFold, keep: Bools, both_histories: bool = False) -> Calibration:
    """Interval factor and distance limit from the kept rows' out-of-fold residuals, one vote per cell.

    ``both_histories``: where there are single charges, a cell has one vote for these and one for its ladder;
    else the single charges alone count.
    """
    use = keep & calibration_rows(rows)
    floor = float(np.median(unseen.scale[use]))
    scale = np.sqrt(unseen.scale**2 + floor**2)
    error = np.abs(unseen.mean - rows.soh)
    heard, votes = (keep, history_numbers(rows)) if both_histories else (use, rows.cell_numbers())
    found = factor(error[heard] / scale[heard], votes[heard], COVERAGE, independent(rows.where(use)))
    limit = DISTANCE_MARGIN * float(np.quantile(unseen.distance[keep], DISTANCE_QUANTILE))
    strict = float(np.quantile(unseen.distance[keep], STRICT_QUANTILE))
    return Calibration(found, floor, limit, strict, float(found * np.median(scale[use])))


def history_numbers(rows: Labelled) -> NDArray[np.int64]:
    """The cell and the history (single charge or ladder) of each row as one number."""
    return 2 * rows.cell_numbers() + rows.single_charge


def independent(rows: Labelled) -> int:
    """Physical cells, or their distinct states of ageing where there are very few cells."""
    cells = len(np.unique(rows.cells))
    states = len(set(zip(rows.cells.tolist(), rows.soh.tolist(), strict=True)))
    return cells if cells >= FEW_CELLS else states


def crossed_intervals(
    rows: Labelled, unseen: OutOfFold, both_histories: bool = False
) -> tuple[Floats, Bools]:
    """Half-width for each row and whether it would be called foreign, calibrated on the other folds only: for
    honest figures."""
    half = np.empty(len(rows.soh))
    foreign = np.empty(len(rows.soh), dtype=bool)
    for number in sorted(set(unseen.fold.tolist())):
        calibration = calibrate(rows, unseen, unseen.fold != number, both_histories)
        inside = unseen.fold == number
        half[inside] = calibration.factor * np.sqrt(unseen.scale[inside] ** 2 + calibration.floor**2)
        foreign[inside] = unseen.distance[inside] > calibration.distance_limit
    return half, foreign


@dataclass(frozen=True)
class Figures:
    """Errors on unseen cells. MAPE, p95, half-width in percent (of SOH for the last two: percentage
    points). ``foreign``: share of rows that the pattern check would refuse."""

    cells: int
    rows: int
    trivial_mape: float
    mape: float
    r2: float
    p95: float
    coverage: float
    half_width: float
    foreign: float


def figures(rows: Labelled, unseen: OutOfFold, half: Floats, foreign: Bools, keep: Bools) -> Figures:
    """Figures on the kept rows; the trivial predictor is the mean SOH of the cells not in the row's fold."""
    truth, guess = rows.soh[keep], unseen.mean[keep]
    trivial = np.array([rows.soh[unseen.fold != fold].mean() for fold in unseen.fold[keep]])
    covered = np.abs(guess - truth) <= half[keep]
    return Figures(
        cells=len(np.unique(rows.cells[keep])),
        rows=int(keep.sum()),
        trivial_mape=float(100 * np.mean(np.abs(trivial - truth) / truth)),
        mape=float(100 * np.mean(np.abs(guess - truth) / truth)),
        r2=float(1 - np.sum((guess - truth) ** 2) / np.sum((truth - truth.mean()) ** 2)),
        p95=float(100 * np.quantile(np.abs(guess - truth), 0.95)),
        coverage=float(100 * coverage_by_cell(covered, rows.cell_numbers()[keep])),
        half_width=float(100 * np.mean(half[keep])),
        foreign=float(100 * np.mean(foreign[keep])),
    )
