"""Gaussian process regression in plain arrays: linear plus squared-exponential kernel, one length per
component.

Formulas: Rasmussen and Williams, Gaussian Processes for Machine Learning (2006), algorithm 2.1 and eq. 5.9.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve, solve_triangular

from station.diagnosis.tables import Floats

JITTER = 1e-8


@dataclass(frozen=True)
class Kernel:
    """``linear * <a, b> + bend * exp(-|a - b|² / 2)`` with a, b divided by ``lengths``; ``noise`` is a
    variance.

    Targets are SOH fractions, so ``linear``, ``bend`` and ``noise`` are in SOH².
    """

    lengths: Floats
    linear: float
    bend: float
    noise: float


def products(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Scalar products and squared-exponential similarities of scaled rows a (n, d) and b (m, d)."""
    scalar: Floats = a @ b.T
    near = scalar - 0.5 * np.sum(a * a, axis=1)[:, None]  # in place from here: these are the large arrays
    near -= 0.5 * np.sum(b * b, axis=1)[None, :]
    np.minimum(near, 0.0, out=near)
    np.exp(near, out=near)
    return scalar, near


class Posterior:
    """A kernel conditioned on training rows: ``components`` (n, d), ``targets`` (n,), ``weights`` (n,).

    A row of weight w counts like w repeated measurements: its noise variance is ``noise / w``.
    """

    def __init__(self, kernel: Kernel, components: Floats, targets: Floats, weights: Floats) -> None:
        self.kernel = kernel
        self._rows = components / kernel.lengths
        self._mean = float(np.average(targets, weights=weights))
        scalar, near = products(self._rows, self._rows)
        scalar *= kernel.linear
        near *= kernel.bend
        covariance = np.add(scalar, near, out=near)
        covariance[np.diag_indices_from(covariance)] += kernel.noise / weights + JITTER
        # Symmetric: the transpose is the same matrix in the order of the library, so nothing is copied.
        self._factor = cho_factor(covariance.T, lower=True, overwrite_a=True, check_finite=False)
        self._solved: Floats = cho_solve(self._factor, targets - self._mean, check_finite=False)

    def predict(self, components: Floats) -> tuple[Floats, Floats]:
        """Mean and standard deviation (with noise) of the target for rows (m, d)."""
        kernel = self.kernel
        rows = components / kernel.lengths
        scalar, near = products(rows, self._rows)
        near *= kernel.bend
        scalar *= kernel.linear
        cross = np.add(scalar, near, out=near)
        mean = cross @ self._solved + self._mean
        half = solve_triangular(self._factor[0], cross.T, lower=True, check_finite=False, overwrite_b=True)
        prior = kernel.linear * np.sum(rows * rows, axis=1) + kernel.bend
        variance = np.maximum(prior - np.sum(half * half, axis=0), 0.0) + kernel.noise
        return mean, np.sqrt(variance)

    def gradient(self, components: Floats) -> Floats:
        """Slope of the mean with respect to each component, shape (m, d)."""
        kernel = self.kernel
        rows = components / kernel.lengths
        _, near = products(rows, self._rows)
        pull = kernel.bend * near * self._solved[None, :]
        bend = pull @ self._rows - pull.sum(axis=1)[:, None] * rows
        straight = kernel.linear * (self._solved @ self._rows)[None, :]
        slope: Floats = (bend + straight) / kernel.lengths
        return slope
