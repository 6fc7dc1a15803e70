"""SOH of unseen cells: the shipped estimator beside four regressions, in one run on the same folds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from station.diagnosis.soh.model import Learned
from station.diagnosis.tables import SUBSETS, Floats, differences
from station.models.training.crossval import FOLDS, predict_unseen
from station.models.training.fitting import fit_kernel, fit_subset, row_weights
from station.models.training.learn import SEED
from station.models.training.table import Labelled, file_sha256, read_labelled, stratified_folds
from tests.benchmarks.diagnosis import alternatives
from tests.benchmarks.diagnosis.baselines import FAMILIES, out_of_fold
from tests.benchmarks.diagnosis.place import TABLE, remembered

WIDTH_S = 5.0
DRAWS = 4000


def measure(cache: Path | None) -> dict[str, Any]:
    """Per type the errors of every method on ladder and on single-charge rows, and what limits them."""
    table = read_labelled(TABLE)
    table = table.where(table.width_s == WIDTH_S)
    found = {}
    for name in sorted(set(table.types.tolist())):
        found[name] = _of_type(table.where(table.types == name), name, cache)
    return {"table_sha256": file_sha256(TABLE), "width_s": WIDTH_S, "folds": FOLDS, "types": found}


def subset_of(rows: Labelled) -> str:
    """All voltages that every row of the type has."""
    return "all" if np.isfinite(rows.voltages_V).all() else "first"


def _of_type(rows: Labelled, name: str, cache: Path | None) -> dict[str, Any]:
    subset, weights = subset_of(rows), row_weights(rows)
    folds = stratified_folds(rows.cells.tolist(), rows.soh, FOLDS)
    fold = np.array([folds[cell] for cell in rows.cells])
    whole = differences(rows.voltages_V[:, SUBSETS[subset]])
    guesses: dict[str, Floats] = {}
    for label, x in (("with OCV", whole), ("differences alone", whole[:, 1:])):
        for family in FAMILIES:
            key = f"{name}/{label}/{family}"
            guesses[f"{family}, {label}"] = remembered(
                cache,
                key,
                lambda family=family, x=x: out_of_fold(family, x, rows.soh, weights, rows.cells, fold),
            )
    for method, local in (("station", True), (alternatives.ALONE, False)):
        guesses[method] = remembered(
            cache, f"{name}/{method}", lambda local=local: _station(rows, subset, folds, local)
        )
    for alternative, exponent in alternatives.SHRINKING.items():
        guesses[alternative] = remembered(
            cache,
            f"{name}/{alternative}",
            lambda exponent=exponent: alternatives.out_of_fold(
                exponent, whole, rows.soh, weights, rows.cells, fold
            ),
        )
    single = (alternatives.ALONE, *alternatives.SHRINKING)
    tried = {**{key: guesses[key] for key in single}, **alternatives.averages(guesses)}
    methods = {method: _errors(rows, guess) for method, guess in guesses.items()}
    return {
        "subset": subset,
        "cells": len(set(rows.cells.tolist())),
        "trivial": _errors(rows, _trivial(rows, fold)),
        "methods": methods,
        "tried": {method: _errors(rows, guess) for method, guess in tried.items()},
        "local_change": {
            kind: paired_change(rows.where(use), guesses["station"][use], guesses[alternatives.ALONE][use])
            for kind, use in (("ladder", ~rows.single_charge), ("single charge", rows.single_charge))
            if use.any()
        },
        "floor": _floor(rows, guesses["station"]),
    }


def _station(rows: Labelled, subset: str, folds: dict[str, int], local: bool) -> Floats:
    """What is shipped, and the same without its local process."""

    def fit(inside: Labelled, _number: int) -> Learned:
        learned = fit_subset(inside, subset, fit_kernel(inside, subset, SEED))
        return learned if local else replace(learned, local=None)

    return predict_unseen(rows, subset, folds, fit).mean


def paired_change(rows: Labelled, guess: Floats, other: Floats) -> list[float]:
    """Change of MAPE from ``other`` to ``guess`` in percent of it, with the bounds of its 90 % interval.

    Bounds from drawing cells anew; both are judged on the same draws.
    """
    cells = np.unique(rows.cells, return_inverse=True)[1].reshape(-1)
    sums = [np.bincount(cells, np.abs(values - rows.soh) / rows.soh) for values in (guess, other)]
    size = len(sums[0])
    drawn = np.random.default_rng(0).integers(0, size, (DRAWS, size))
    ratios = sums[0][drawn].sum(axis=1) / sums[1][drawn].sum(axis=1)
    whole = sums[0].sum() / sums[1].sum()
    return [float(100 * (value - 1)) for value in (whole, *np.quantile(ratios, (0.05, 0.95)))]


def _trivial(rows: Labelled, fold: np.ndarray[Any, Any]) -> Floats:
    return np.array([rows.soh[fold != number].mean() for number in fold])


def _errors(rows: Labelled, guess: Floats) -> dict[str, Any]:
    """MAPE in percent, R² and p95 in percentage points, of ladder and single-charge rows."""
    found = {}
    for kind, use in (("ladder", ~rows.single_charge), ("single charge", rows.single_charge)):
        if not use.any():
            continue
        truth, error = rows.soh[use], guess[use] - rows.soh[use]
        found[kind] = {
            "rows": int(use.sum()),
            "mape": float(100 * np.mean(np.abs(error) / truth)),
            "r2": float(1 - np.sum(error**2) / np.sum((truth - truth.mean()) ** 2)),
            "p95": float(100 * np.quantile(np.abs(error), 0.95)),
        }
    return found


def _floor(rows: Labelled, guess: Floats) -> dict[str, float]:
    """What no averaging removes: errors that all rows of one state of a cell share, in percent of SOH.

    ``state_mape``: error left when all SOC levels of a state are averaged. ``retest``: standard deviation of
    the difference between the two capacity tests of one cell (LFP types), without its mean.
    """
    ladder = ~rows.single_charge
    relative = 100 * (guess - rows.soh) / rows.soh
    states = sorted(set(zip(rows.cells[ladder].tolist(), rows.soh[ladder].tolist(), strict=True)))
    means, scatters, retests = [], [], []
    for cell, soh in states:
        here = ladder & (rows.cells == cell) & (rows.soh == soh)
        means.append(relative[here].mean())
        scatters.append(relative[here].std())
        again = rows.single_charge & (rows.cells == cell)
        if again.any():
            retests.append(100 * (rows.soh[again].mean() - soh) / soh)
    return {
        "between_states": float(np.std(means)),
        "within_state": float(np.sqrt(np.mean(np.square(scatters)))),
        "state_mape": float(np.mean(np.abs(means))),
        "retest_mean": float(np.mean(retests)) if retests else float("nan"),
        "retest_spread": float(np.std(retests)) if retests else float("nan"),
    }
