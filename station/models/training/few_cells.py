"""An estimator from few labelled cells: started from relatives, several views of the same voltages.

With some twenty cells one Gaussian process follows chance directions. Views over fewer leading components err
elsewhere, and their weights are found on cells left out, drawn towards fixed ones.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import nnls

from station.diagnosis.soh.gaussian_process import Kernel, Posterior
from station.diagnosis.soh.model import Learned, ModelSet, Recipe
from station.diagnosis.tables import SUBSETS, Floats, differences
from station.models.training.fitting import (
    LOCAL,
    UNCALIBRATED,
    fit_ridge,
    is_reference,
    row_weights,
    search_rows,
    whitening,
)
from station.models.training.hyperparameters import find_kernel, logs_of
from station.models.training.table import Labelled, stratified_folds

VIEWS = (16, 8)
"""Leading components of the companions; the first view has all."""
START_SHARES = (0.4, 0.2, 0.2, 0.2)
"""What the weights of the views and of the ridge are drawn towards."""
DRAWN = 0.3
"""How strongly, in units of the mean prediction's own error on cells left out."""
SHARE_FOLDS = 5
SEARCH_ROWS = 400
SUM_TO_ONE = 1e3


def relatives_of(models: ModelSet, chemistry: str, name: str = "") -> list[Recipe]:
    """Recipes of the same chemistry, all others where there are none; never the type itself."""
    others = [recipe for recipe in models.recipes.values() if recipe.name != name]
    return [recipe for recipe in others if recipe.chemistry == chemistry] or others


def expected_of(relatives: Sequence[Recipe], subset: str, width_s: float) -> Floats | None:
    """Mean logarithms of the relatives' kernels of a subset at the width nearest to ``width_s``; None when
    none of them has learned it."""
    found = []
    for recipe in relatives:
        models = [model for model in recipe.widths.values() if subset in model.subsets]
        if models:
            nearest = min(models, key=lambda model: abs(np.log(model.width_s / width_s)))
            found.append(logs_of(nearest.subsets[subset].kernel, float(nearest.soh.var())))
    if not found or len({len(logs) for logs in found}) > 1:
        return None
    mean: Floats = np.mean(found, axis=0)
    return mean


def fit_few(rows: Labelled, subset: str, seed: int, expected: Floats | None) -> Learned:
    """The arrays of one subset from few cells of one type and width; not calibrated yet."""
    columns, weights = SUBSETS[subset], row_weights(rows)
    features = differences(rows.voltages_V[:, columns])
    mean, projection = whitening(features, weights)
    components = (features - mean) @ projection
    chosen = search_rows(rows, seed, SEARCH_ROWS)
    kernels = []
    for count in (components.shape[1], *(view for view in VIEWS if view < components.shape[1])):
        known = None if expected is None else np.r_[expected[:count], expected[-3:]]
        kernels.append(find_kernel(components[chosen, :count], rows.soh[chosen], expected=known))
    return Learned(
        subset,
        mean,
        projection,
        kernels[0],
        fit_ridge(features, rows.soh, weights),
        UNCALIBRATED,
        tuple(kernels[1:]),
        _shares(rows, subset, kernels),
        LOCAL if is_reference(rows, subset) else None,
    )


def _shares(rows: Labelled, subset: str, kernels: Sequence[Kernel]) -> tuple[float, ...]:
    """Non-negative weights that add up to one: least squares on cells left out, drawn to ``START_SHARES``."""
    start = np.array([*START_SHARES[: len(kernels)], START_SHARES[-1]])
    start /= start.sum()
    folds = stratified_folds(rows.cells.tolist(), rows.soh, SHARE_FOLDS)
    fold = np.array([folds[cell] for cell in rows.cells])
    if len(set(fold.tolist())) < 2:
        return tuple(float(share) for share in start)
    table = np.empty((len(fold), len(start)))
    for number in sorted(set(fold.tolist())):
        table[fold == number] = _views(
            rows.where(fold != number), rows.where(fold == number), subset, kernels
        )
    weights = np.sqrt(row_weights(rows))
    error = float(np.sqrt(np.mean((table @ start - rows.soh) ** 2)))
    draw = DRAWN * error * float(np.sqrt(np.sum(weights**2)))
    size = len(start)
    left = np.vstack([table * weights[:, None], draw * np.eye(size), np.full((1, size), SUM_TO_ONE)])
    right = np.concatenate([rows.soh * weights, draw * start, [SUM_TO_ONE]])
    found = nnls(left, right)[0]
    return tuple(float(share) for share in found / found.sum())


def _views(inside: Labelled, outside: Labelled, subset: str, kernels: Sequence[Kernel]) -> Floats:
    """What each view and the ridge, conditioned on ``inside``, say of ``outside``: (m, views + 1)."""
    columns, weights = SUBSETS[subset], row_weights(inside)
    known, asked = (differences(rows.voltages_V[:, columns]) for rows in (inside, outside))
    mean, projection = whitening(known, weights)
    said = []
    for kernel in kernels:
        into = projection[:, : len(kernel.lengths)]
        posterior = Posterior(kernel, (known - mean) @ into, inside.soh, weights)
        said.append(posterior.predict((asked - mean) @ into)[0])
    return np.column_stack([*said, fit_ridge(known, inside.soh, weights).predict(asked)])
