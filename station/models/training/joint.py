"""From labelled rests to joint estimators of several rows, and their residuals on unseen cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import eigh

from station.diagnosis.adaptive.joint import (
    JointEstimator,
    JointLearned,
    into_features,
    stacked,
    stacked_noise_V2,
)
from station.diagnosis.adaptive.kinds import History, Kind, ordered
from station.diagnosis.soh.gaussian_process import Kernel
from station.diagnosis.soh.model import Calibration
from station.diagnosis.soh.noise import Noise
from station.diagnosis.tables import Floats
from station.models.training.crossval import COPIES, COPIES_SEED, OutOfFold
from station.models.training.fitting import (
    FAST_ITERATIONS,
    FAST_SEARCH_ROWS,
    LEAST_COMPONENTS,
    LEAST_RATIO,
    SEARCH_ROWS,
    UNCALIBRATED,
    fit_ridge,
    row_weights,
    search_rows,
    whitening,
)
from station.models.training.hyperparameters import find_kernel
from station.models.training.table import Labelled


@dataclass(frozen=True)
class Rests:
    """Rests of one type, each measured at several widths: a ``base`` row each, tables (n, 41) by width."""

    base: Labelled
    tables_V: Mapping[float, Floats]

    def where(self, keep: np.ndarray) -> Rests:
        """The rests that ``keep`` marks."""
        return Rests(self.base.where(keep), {width: table[keep] for width, table in self.tables_V.items()})

    def holds(self, history: History) -> bool:
        """Whether every rest was measured in all these ways."""
        return all(
            kind.width_s in self.tables_V
            and bool(np.isfinite(self.tables_V[kind.width_s][:, list(kind.columns)]).all())
            for kind in history
        )


def rests_of(rows: Labelled) -> Rests:
    """Rows of one type at all its widths, side by side.

    The widest is the base. A width whose rows are not of the same cells in the same order is left out: what
    belongs together cannot be told then.
    """
    widths = sorted(set(rows.width_s.tolist()))
    base = rows.where(rows.width_s == widths[-1])
    tables = {}
    for width in widths:
        here = rows.where(rows.width_s == width)
        if len(here.soh) == len(base.soh) and all(
            np.array_equal(getattr(here, name), getattr(base, name), equal_nan=name == "soc_nominal_pct")
            for name in ("cells", "soh", "single_charge", "soc_nominal_pct")
        ):
            tables[width] = here.voltages_V
    return Rests(base, tables)


def jitter(kinds: Sequence[Kind], voltages_V: Floats, level_V: float, draw: np.random.Generator) -> Floats:
    """Stacked voltages (n, p) as instruments of this noise show them; every row with errors of its own."""
    factor = np.linalg.cholesky(stacked_noise_V2(kinds, [Noise.of(level_V)] * len(kinds)))
    errors: Floats = draw.normal(size=voltages_V.shape) @ factor.T
    return voltages_V + errors


def find_joint_kernel(rests: Rests, history: History, seed: int, level_V: float = 0.0) -> Kernel:
    """Kernel parameters of one history for a noise level (0: none)."""
    kinds = ordered(history)
    clean = stacked(kinds, rests.tables_V)
    into = into_features(kinds)
    mean, projection = _basis(kinds, clean @ into, row_weights(rests.base), level_V, None)
    fast = level_V > 0.0
    chosen = search_rows(rests.base, seed, FAST_SEARCH_ROWS if fast else SEARCH_ROWS)
    shown = jitter(kinds, clean, level_V, np.random.default_rng(seed)) if fast else clean
    components = ((shown @ into)[chosen] - mean) @ projection
    targets = rests.base.soh[chosen]
    return find_kernel(components, targets, FAST_ITERATIONS) if fast else find_kernel(components, targets)


def fit_joint(
    rests: Rests,
    history: History,
    kernel: Kernel,
    level_V: float = 0.0,
    calibration: Calibration = UNCALIBRATED,
) -> JointLearned:
    """The arrays of one history, given the kernel for a noise level (0: none)."""
    kinds, weights = ordered(history), row_weights(rests.base)
    features = stacked(kinds, rests.tables_V) @ into_features(kinds)
    mean, projection = _basis(kinds, features, weights, level_V, len(kernel.lengths))
    ridge = fit_ridge(features, rests.base.soh, weights)
    return JointLearned(kinds, level_V, mean, projection, kernel, ridge, calibration)


def judged_rests(base: Labelled, level_V: float) -> Labelled:
    """The rests as often as they are judged under a noise level."""
    copies = COPIES if level_V > 0.0 else 1
    return Labelled(*(np.concatenate([getattr(base, name)] * copies) for name in base.__dataclass_fields__))


def joint_out_of_fold(
    rests: Rests, history: History, folds: Mapping[str, int], seed: int, level_V: float = 0.0
) -> OutOfFold:
    """Predict each of ``judged_rests`` by a fit, its kernel included, that has not seen its cell."""
    kinds = ordered(history)
    judged = judged_rests(rests.base, level_V)
    shown = np.concatenate([stacked(kinds, rests.tables_V)] * (len(judged.soh) // len(rests.base.soh)))
    if level_V > 0.0:
        shown = jitter(kinds, shown, level_V, np.random.default_rng(COPIES_SEED))
    learned_fold = np.array([folds[cell] for cell in rests.base.cells])
    fold = np.array([folds[cell] for cell in judged.cells])
    size = len(fold)
    result = OutOfFold(np.empty(size), np.empty(size), np.zeros(size), fold)
    for number in sorted(set(fold.tolist())):
        inside, outside = rests.where(learned_fold != number), fold == number
        learned = fit_joint(inside, history, find_joint_kernel(inside, history, seed, level_V), level_V)
        estimator = joint_estimator(inside, learned)
        result.mean[outside], result.scale[outside] = estimator.predict(shown[outside])
    return result


def joint_estimator(rests: Rests, learned: JointLearned) -> JointEstimator:
    """An estimator conditioned on these rests."""
    weights = row_weights(rests.base)
    return JointEstimator(learned, stacked(learned.kinds, rests.tables_V), rests.base.soh, weights)


def calibrated(learned: JointLearned, calibration: Calibration) -> JointLearned:
    """The same with another calibration."""
    return replace(learned, calibration=calibration)


def _basis(
    kinds: Sequence[Kind], features: Floats, weights: Floats, level_V: float, count: int | None
) -> tuple[Floats, Floats]:
    """As ``fitting`` has it for one row: principal components, or directions that stand out of the noise."""
    if level_V == 0.0:
        return whitening(features, weights)
    into = into_features(kinds)
    errors = into.T @ stacked_noise_V2(kinds, [Noise.of(level_V)] * len(kinds)) @ into
    mean = np.average(features, axis=0, weights=weights)
    away = features - mean
    ratios, vectors = eigh((away * weights[:, None]).T @ away / weights.sum(), errors)
    order = np.argsort(-ratios)[: count or max(LEAST_COMPONENTS, int((ratios > LEAST_RATIO).sum()))]
    return mean, vectors[:, order] / np.sqrt(1.0 + np.maximum(ratios[order], 0.0))
