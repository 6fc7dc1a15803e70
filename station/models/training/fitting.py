"""From labelled rows of one type and width to the arrays of its estimators."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from station.diagnosis.soh.gaussian_process import Kernel
from station.diagnosis.soh.model import Calibration, Learned, Ridge, WidthModel, curved
from station.diagnosis.tables import COLUMNS, SUBSETS, Floats, differences
from station.models.training.hyperparameters import find_kernel
from station.models.training.table import Labelled

SINGLE_CHARGE_WEIGHT = 5.0
"""A cell charged in one go is what a station meets; there is one such row per cell against ten of the
ladder."""

COMPONENTS = 41
RIDGE_STRENGTH = 0.3
SEARCH_ROWS = 500
"""Rows used to find kernel parameters; all rows are used to condition on."""

UNCALIBRATED = Calibration(1.645, 0.0, float("inf"), float("inf"), float("nan"))


def row_weights(rows: Labelled) -> Floats:
    """Weight of each row in fits."""
    return np.where(rows.single_charge, SINGLE_CHARGE_WEIGHT, 1.0)


def whitening(features: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Mean (p,) and projection (p, d) onto principal components of unit variance of the scaled features."""
    mean = np.average(features, axis=0, weights=weights)
    scale = np.sqrt(np.average((features - mean) ** 2, axis=0, weights=weights)) + 1e-9
    scaled = (features - mean) / scale
    values, vectors = np.linalg.eigh((scaled * weights[:, None]).T @ scaled / weights.sum())
    order = np.argsort(-values)[: min(COMPONENTS, features.shape[1])]
    spread = np.sqrt(np.maximum(values[order], 1e-10))
    return mean, vectors[:, order] / spread / scale[:, None]


def fit_ridge(features: Floats, soh: Floats, weights: Floats) -> Ridge:
    """Weighted ridge on scaled ``curved`` features."""
    table = curved(features)
    mean = np.average(table, axis=0, weights=weights)
    scale = table.std(axis=0) + 1e-9
    scaled = (table - mean) / scale
    centre = float(np.average(soh, weights=weights))
    weighted = (scaled * weights[:, None]).T
    slopes = np.linalg.solve(
        weighted @ scaled + RIDGE_STRENGTH * np.eye(table.shape[1]), weighted @ (soh - centre)
    )
    return Ridge(mean, scale, slopes, centre)


def search_rows(rows: Labelled, seed: int) -> np.ndarray:
    """All single-charge rows and a seeded draw of ladder rows, ``SEARCH_ROWS`` in all."""
    single = np.flatnonzero(rows.single_charge)
    ladder = np.flatnonzero(~rows.single_charge)
    wanted = min(len(ladder), max(SEARCH_ROWS - len(single), SEARCH_ROWS // 2))
    drawn = np.random.default_rng(seed).choice(ladder, wanted, replace=False)
    return np.sort(np.concatenate([single, drawn]))


def fit_kernel(rows: Labelled, subset: str, seed: int) -> Kernel:
    """Kernel parameters of one type, width and subset."""
    features = differences(rows.voltages_V[:, SUBSETS[subset]])
    mean, projection = whitening(features, row_weights(rows))
    chosen = search_rows(rows, seed)
    return find_kernel((features[chosen] - mean) @ projection, rows.soh[chosen])


def fit_subset(
    rows: Labelled, subset: str, kernel: Kernel, calibration: Calibration = UNCALIBRATED
) -> Learned:
    """The arrays of one subset, given the kernel."""
    weights = row_weights(rows)
    features = differences(rows.voltages_V[:, SUBSETS[subset]])
    mean, projection = whitening(features, weights)
    return Learned(subset, mean, projection, kernel, fit_ridge(features, rows.soh, weights), calibration)


def fit_width(rows: Labelled, learned: Mapping[str, Learned]) -> WidthModel:
    """Put the estimators of one type and width together with the rows they stand on."""
    weights = row_weights(rows)
    known = np.isfinite(rows.voltages_V).all(axis=0)
    mean = np.full(len(COLUMNS), np.nan)
    covariance = np.full((len(COLUMNS), len(COLUMNS)), np.nan)
    mean[known] = np.average(rows.voltages_V[:, known], axis=0, weights=weights)
    covariance[np.ix_(known, known)] = np.cov(rows.voltages_V[:, known], rowvar=False, aweights=weights)
    return WidthModel(
        float(rows.width_s[0]),
        rows.voltages_V,
        rows.soh,
        weights,
        rows.cell_numbers(),
        mean,
        covariance,
        dict(learned),
    )


def learned_subsets(rows: Labelled) -> list[str]:
    """Subsets whose voltages all rows have."""
    return [name for name, columns in SUBSETS.items() if np.isfinite(rows.voltages_V[:, list(columns)]).all()]
