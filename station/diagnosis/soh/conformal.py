"""Interval factors from residuals of cells the model has not seen, counted per cell."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from station.diagnosis.tables import Floats


def cell_weights(cells: NDArray[np.int64]) -> Floats:
    """Weight 1/(rows of the cell) for each row: every cell has one vote however often it was measured."""
    _, inverse, counts = np.unique(cells, return_inverse=True, return_counts=True)
    weights: Floats = 1.0 / counts[inverse]
    return weights


def factor(
    scores: Floats, cells: NDArray[np.int64], coverage: float = 0.9, independent: int | None = None
) -> float:
    """Smallest factor whose intervals cover ``coverage`` of a further cell's rows.

    Split conformal prediction with cells as the exchangeable unit: the pooled distribution of
    Dunn, Wasserman, Ramdas (2022) with the finite-sample level coverage * (k + 1) / k of k cells.
    ``scores`` = |residual| / scale, (n,). ``independent`` replaces k where the caller has reason to count
    otherwise. Raises ValueError without rows.
    """
    if len(scores) == 0:
        raise ValueError("no rows to calibrate on")
    count = len(np.unique(cells)) if independent is None else independent
    level = min(1.0, coverage * (count + 1) / count)
    order = np.argsort(scores)
    reached = np.cumsum(cell_weights(cells)[order])
    reached /= reached[-1]
    position = int(np.searchsorted(reached, level - 1e-12))
    return float(scores[order][min(position, len(scores) - 1)])


def coverage_by_cell(covered: NDArray[np.bool_], cells: NDArray[np.int64]) -> float:
    """Mean over cells of the covered share of their rows; NaN-free, raises ValueError without rows."""
    if len(covered) == 0:
        raise ValueError("no rows")
    weights = cell_weights(cells)
    return float(math.fsum(weights[covered]) / math.fsum(weights))
