"""From labelled rows of one type and width to the arrays of its estimators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from scipy.linalg import eigh

from station.diagnosis.soh.gaussian_process import Kernel
from station.diagnosis.soh.local import LocalKernel
from station.diagnosis.soh.model import Calibration, Learned, Ridge, WidthModel, curved
from station.diagnosis.soh.noise import LEVELS_V, OFFSET_V, STEADIED_V, Noise
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

FAST_SEARCH_ROWS, FAST_ITERATIONS = 300, 25
"""For noisy voltages, which have fewer directions to find lengths for, and for last samples alone."""

STEADIED_ITERATIONS = 60
"""For steadied voltages as many rows as for clean ones, and longer: the search is far from its end at 25."""

LEAST_RATIO, LEAST_COMPONENTS = 0.2, 5
"""Directions with less signal variance over noise variance are left out, but that many are kept."""

LOCAL = LocalKernel(span=0.25, length=1.0, noise=0.03, share=0.5)
"""Chosen among five by the cross-validation of the six types; between spans of 0.25 and 0.4, lengths of 0.6
and 1.2 and noises of 0.03 and 0.1 the mean error of a type changes by some 1 %."""

LOCAL_FROM_S = 5.0
"""The local process takes part in reference tests: pulses so long, all that the type has, no noise."""

STEADIED_FROM_S = 5.0
"""Voltages of pulses so long are learned at the level of steadied ones."""

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


def search_rows(rows: Labelled, seed: int, count: int) -> np.ndarray:
    """All single-charge rows and a seeded draw of ladder rows, ``count`` in all."""
    single = np.flatnonzero(rows.single_charge)
    ladder = np.flatnonzero(~rows.single_charge)
    wanted = min(len(ladder), max(count - len(single), count // 2))
    drawn = np.random.default_rng(seed).choice(ladder, wanted, replace=False)
    return np.sort(np.concatenate([single, drawn]))


def out_of_noise(
    features: Floats, weights: Floats, subset: str, level_V: float, count: int | None = None
) -> tuple[Floats, Floats]:
    """Mean (p,) and projection (p, d) onto directions by signal over noise, largest first.

    Scaled so that the components of noisy features have unit variance. ``count`` directions; None: those
    that stand out of the noise.
    """
    columns = list(SUBSETS[subset])
    errors = Noise.of(level_V).covariance_V2()[np.ix_(columns, columns)]
    into = np.eye(len(columns))
    into[1:, 0] = -1.0  # as ``differences`` does
    mean = np.average(features, axis=0, weights=weights)
    away = features - mean
    spread = (away * weights[:, None]).T @ away / weights.sum()
    ratios, vectors = eigh(spread, into @ errors @ into.T)
    order = np.argsort(-ratios)[: count or max(LEAST_COMPONENTS, int((ratios > LEAST_RATIO).sum()))]
    return mean, vectors[:, order] / np.sqrt(1.0 + np.maximum(ratios[order], 0.0))


def _basis(
    features: Floats, weights: Floats, subset: str, level_V: float, count: int | None = None
) -> tuple[Floats, Floats]:
    if level_V > 0.0:
        return out_of_noise(features, weights, subset, level_V, count)
    return whitening(features, weights)


def jittered(rows: Labelled, level_V: float, copies: int, seed: int) -> Labelled:
    """The rows ``copies`` times, one after the other, as an instrument with this noise would show them."""
    noise = Noise.of(level_V)
    draw = np.random.default_rng(seed)
    shape = (copies * len(rows.soh), len(COLUMNS))
    errors = draw.normal(size=shape) * noise.sigma_V() + draw.normal(size=(shape[0], 1)) * OFFSET_V
    names = rows.__dataclass_fields__
    repeated = Labelled(*(np.concatenate([getattr(rows, name)] * copies) for name in names))
    return replace(repeated, voltages_V=repeated.voltages_V + errors)


def fit_kernel(rows: Labelled, subset: str, seed: int, level_V: float = 0.0) -> Kernel:
    """Kernel parameters of one type, width and subset, for a noise level (0: none)."""
    columns = SUBSETS[subset]
    mean, projection = _basis(differences(rows.voltages_V[:, columns]), row_weights(rows), subset, level_V)
    steady = level_V == STEADIED_V
    fast = (level_V > 0.0 and not steady) or subset.endswith("_lasts")
    chosen = search_rows(rows, seed, FAST_SEARCH_ROWS if fast else SEARCH_ROWS)
    shown = rows if level_V == 0.0 else jittered(rows, level_V, 1, seed)
    components = (differences(shown.voltages_V[:, columns])[chosen] - mean) @ projection
    if fast:
        return find_kernel(components, rows.soh[chosen], FAST_ITERATIONS)
    if steady:
        return find_kernel(components, rows.soh[chosen], STEADIED_ITERATIONS)
    return find_kernel(components, rows.soh[chosen])


def fit_subset(
    rows: Labelled,
    subset: str,
    kernel: Kernel,
    calibration: Calibration = UNCALIBRATED,
    level_V: float = 0.0,
) -> Learned:
    """The arrays of one subset, given the kernel for a noise level (0: none)."""
    weights = row_weights(rows)
    features = differences(rows.voltages_V[:, SUBSETS[subset]])
    mean, projection = _basis(features, weights, subset, level_V, len(kernel.lengths))
    ridge = fit_ridge(features, rows.soh, weights)
    local = LOCAL if level_V == 0.0 and is_reference(rows, subset) else None
    return Learned(subset, mean, projection, kernel, ridge, calibration, local=local)


def is_reference(rows: Labelled, subset: str) -> bool:
    """Whether a subset is all that rows of this type and width have, of pulses long enough."""
    return float(rows.width_s[0]) >= LOCAL_FROM_S and subset == learned_subsets(rows)[0]


def fit_width(
    rows: Labelled, learned: Mapping[str, Learned], noisy: Mapping[float, Mapping[str, Learned]]
) -> WidthModel:
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
        dict(noisy),
    )


def learned_subsets(rows: Labelled, level_V: float = 0.0) -> list[str]:
    """Subsets whose voltages all rows have; steadied voltages have their first samples."""
    return [
        name
        for name, columns in SUBSETS.items()
        if np.isfinite(rows.voltages_V[:, list(columns)]).all()
        and not (level_V == STEADIED_V and name.endswith("_lasts"))
    ]


def learned_levels_V(width_s: float) -> tuple[float, ...]:
    """Noise levels that are learned at a pulse width; 0 first."""
    return (0.0, *LEVELS_V, STEADIED_V) if width_s >= STEADIED_FROM_S else (0.0, *LEVELS_V)
