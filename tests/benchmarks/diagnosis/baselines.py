"""Four usual regressions on the voltage differences, tuned inside the training folds only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.ensemble import ExtraTreesRegressor, RandomForestRegressor
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR

from station.diagnosis.tables import Floats
from station.models.training.table import stratified_folds

OUTER, INNER = 5, 3
TREES = 200

Maker = Callable[[], Any]

FAMILIES: dict[str, tuple[Maker, ...]] = {
    "ridge": tuple((lambda a=a: Ridge(alpha=a)) for a in (1e-2, 0.1, 1.0, 10.0)),
    "support vectors": tuple(
        (lambda c=c, g=g: SVR(C=c, gamma=g, epsilon=0.1))
        for c in (10.0, 100.0, 1000.0)
        for g in (0.003, 0.01, 0.03, 0.1)
    ),
    "random forest": (lambda: RandomForestRegressor(TREES, max_features=0.33, random_state=0),),
    "extra trees": (lambda: ExtraTreesRegressor(TREES, max_features=1.0, random_state=0),),
}
"""The settings a family is chosen from; trees have none that mattered."""


def fit_predict(make: Maker, x: Floats, y: Floats, weights: Floats, unseen: Floats) -> Floats:
    """Scaled features and target, weighted rows; SOH of the unseen rows."""
    scaler = StandardScaler().fit(x)
    centre, spread = y.mean(), y.std()
    model = make().fit(scaler.transform(x), (y - centre) / spread, sample_weight=weights)
    guess: Floats = model.predict(scaler.transform(unseen)) * spread + centre
    return guess


def out_of_fold(
    family: str,
    x: Floats,
    y: Floats,
    weights: Floats,
    cells: np.ndarray[Any, Any],
    fold: np.ndarray[Any, Any],
) -> Floats:
    """Predictions (n,) of rows whose cell neither the fit nor the choice of settings has seen."""
    found: Floats = np.empty(len(y))
    for number in sorted(set(fold.tolist())):
        inside = fold != number
        make = _chosen(FAMILIES[family], x[inside], y[inside], weights[inside], cells[inside])
        found[~inside] = fit_predict(make, x[inside], y[inside], weights[inside], x[~inside])
    return found


def _chosen(
    makers: tuple[Maker, ...], x: Floats, y: Floats, weights: Floats, cells: np.ndarray[Any, Any]
) -> Maker:
    """The setting with the least weighted relative error in folds of the training cells."""
    if len(makers) == 1:
        return makers[0]
    folds = stratified_folds(cells.tolist(), y, INNER)
    fold = np.array([folds[cell] for cell in cells])
    errors = []
    for make in makers:
        guess = np.empty(len(y))
        for number in range(INNER):
            inside = fold != number
            guess[~inside] = fit_predict(make, x[inside], y[inside], weights[inside], x[~inside])
        errors.append(float(np.average(np.abs(guess - y) / y, weights=weights)))
    return makers[int(np.argmin(errors))]
