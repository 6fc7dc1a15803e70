"""What else was tried against the floor: other processes and averages, on the same folds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from station.diagnosis.tables import Floats
from station.models.training.table import stratified_folds

INNER = 5
LENGTHS, NOISES = (0.6, 1.2, 2.4), (3e-4, 3e-3, 3e-2)
ALONE = "without the local process"
SHRINKING = {"Matérn, plain components": 0.0, "Matérn, half-whitened components": -0.25}
"""Exponent of a component's variance in its scale: 0 leaves small ones small, −0.5 would whiten them."""


def out_of_fold(
    exponent: float,
    x: Floats,
    y: Floats,
    weights: Floats,
    cells: np.ndarray[Any, Any],
    fold: np.ndarray[Any, Any],
) -> Floats:
    """A Gaussian process (linear plus Matérn 5/2, one length); length and noise by folds of the training
    cells."""
    found: Floats = np.empty(len(y))
    for number in sorted(set(fold.tolist())):
        inside = fold != number
        mean, projection = _basis(x[inside], weights[inside], exponent)
        places = (x - mean) @ projection
        length, noise = _chosen(places[inside], y[inside], weights[inside], cells[inside])
        centre = float(np.average(y[inside], weights=weights[inside]))
        covariance = _kernel(places[inside], places[inside], length) + np.diag(noise / weights[inside])
        solved = cho_solve(cho_factor(covariance, lower=True), y[inside] - centre)
        found[~inside] = centre + _kernel(places[~inside], places[inside], length) @ solved
    return found


def _basis(x: Floats, weights: Floats, exponent: float) -> tuple[Floats, Floats]:
    mean = np.average(x, axis=0, weights=weights)
    scale = np.sqrt(np.average((x - mean) ** 2, axis=0, weights=weights))
    scaled = (x - mean) / scale
    values, vectors = np.linalg.eigh((scaled * weights[:, None]).T @ scaled / weights.sum())
    projection = vectors * np.maximum(values, 1e-10) ** exponent / scale[:, None]
    size = np.sqrt((((x - mean) @ projection) ** 2).sum(axis=1).mean())
    return mean, projection / size


def _kernel(a: Floats, b: Floats, length: float) -> Floats:
    scalar = a @ b.T
    squares = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1)[None, :] - 2 * scalar
    apart = np.sqrt(5 * np.maximum(squares, 0.0)) / length
    found: Floats = scalar + (1 + apart + apart**2 / 3) * np.exp(-apart)
    return found


def _chosen(places: Floats, y: Floats, weights: Floats, cells: np.ndarray[Any, Any]) -> tuple[float, float]:
    folds = stratified_folds(cells.tolist(), y, INNER)
    fold = np.array([folds[cell] for cell in cells])
    away = y - np.average(y, weights=weights)
    best = (float("inf"), LENGTHS[0], NOISES[0])
    for length in LENGTHS:
        signal = _kernel(places, places, length)
        for noise in NOISES:
            inverse = np.linalg.inv(signal + np.diag(noise / weights))
            solved = inverse @ away
            error = np.empty(len(y))
            for rows in _members(fold):  # leaving a fold out, from the inverse of the whole
                error[rows] = np.linalg.solve(inverse[np.ix_(rows, rows)], solved[rows])
            best = min(best, (float(np.average(np.abs(error) / y, weights=weights)), length, noise))
    return best[1], best[2]


def _members(fold: np.ndarray[Any, Any]) -> Iterator[np.ndarray[Any, Any]]:
    for number in sorted(set(fold.tolist())):
        yield np.flatnonzero(fold == number)


def averages(guesses: dict[str, Floats]) -> dict[str, Floats]:
    """Averages of the estimator without its local process with the other members, and of all of them."""
    names = ["support vectors, with OCV", "extra trees, with OCV", *SHRINKING]
    found = {f"{ALONE} + {name}": (guesses[ALONE] + guesses[name]) / 2 for name in names}
    found[f"{ALONE} + both Matérn"] = np.mean(
        [guesses[ALONE], *(guesses[name] for name in SHRINKING)], axis=0
    )
    found["all of these"] = np.mean([guesses[ALONE], *(guesses[name] for name in names)], axis=0)
    return found
