"""A Gaussian process whose slopes may change with the rest voltage: the second opinion on a reference test.

Pulse voltages tell SOH by other slopes at another SOC, and SOC is not known. So rows count as alike when
their rest voltages hold a like place among the learned ones; between rows of like rest voltage the relation
is straight, with a Matérn 5/2 bend. Its parameters are fixed: it errs elsewhere than the process whose
lengths were searched, which is what an average of the two gains by.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from station.diagnosis.tables import Floats

EVERYWHERE = 0.3
"""Share of the relation that holds at any rest voltage, next to the local one."""

LEVEL = 0.5
"""Variance of a level of its own at each rest voltage, over that of the straight part."""

EXPONENT = -0.25
"""Of a component's variance in its scale: halfway between as it is (0) and all alike (-0.5)."""

LEAST_VARIANCE = 1e-9

ROUNDED = 6
"""Decimals of a rest voltage in V that tell two rests apart."""


@dataclass(frozen=True)
class LocalKernel:
    """``span`` in shares of the learned rest voltages (ranks), ``length`` in units of the rows' usual size.

    ``noise`` is a variance over that of the straight part; ``share`` the weight in the mean.
    """

    span: float
    length: float
    noise: float
    share: float


class LocalProcess:
    """A kernel conditioned on features (n, p) as ``differences`` gives them, targets (n,), weights (n,)."""

    def __init__(self, kernel: LocalKernel, features: Floats, targets: Floats, weights: Floats) -> None:
        self._kernel = kernel
        # Rests with the middle of the ranks they share: a rounding of the rest voltage must not move a row.
        self._rests, counts = np.unique(np.around(features[:, 0], ROUNDED), return_counts=True)
        self._middles = (np.cumsum(counts) - 0.5 * counts) / len(features)
        rest = features[:, 1:]
        self._mean = np.average(rest, axis=0, weights=weights)
        away = rest - self._mean
        scale = np.sqrt(np.average(away**2, axis=0, weights=weights)) + 1e-12
        scaled = away / scale
        values, vectors = np.linalg.eigh((scaled * weights[:, None]).T @ scaled / weights.sum())
        projection = vectors * np.maximum(values, LEAST_VARIANCE) ** EXPONENT / scale[:, None]
        size = float(np.sqrt(np.mean(np.sum((away @ projection) ** 2, axis=1))))
        self._projection = projection / max(size, 1e-12)
        self._ranks, self._rows = self._places(features)
        covariance = self._covariance(self._ranks, self._rows)
        covariance[np.diag_indices_from(covariance)] += kernel.noise / weights
        self._centre = float(np.average(targets, weights=weights))
        factor = cho_factor(covariance.T, lower=True, overwrite_a=True, check_finite=False)
        self._solved: Floats = cho_solve(factor, targets - self._centre, check_finite=False)

    def predict(self, features: Floats) -> Floats:
        """Mean of the target for rows (m, p)."""
        mean: Floats = self._centre + self._covariance(*self._places(features)) @ self._solved
        return mean

    def _places(self, features: Floats) -> tuple[Floats, Floats]:
        """Rank (m,) of the rest voltage among the learned ones, 0 to 1, and components (m, d)."""
        ranks = np.interp(features[:, 0], self._rests, self._middles)
        return ranks, (features[:, 1:] - self._mean) @ self._projection

    def _covariance(self, ranks: Floats, rows: Floats) -> Floats:
        """Of rows (m,), (m, d) with the learned ones, (m, n)."""
        kernel = self._kernel
        near = np.exp(-0.5 * ((ranks[:, None] - self._ranks[None, :]) / kernel.span) ** 2)
        straight: Floats = rows @ self._rows.T
        squares = np.sum(rows**2, axis=1)[:, None] + np.sum(self._rows**2, axis=1)[None, :] - 2.0 * straight
        apart = np.sqrt(5.0 * np.maximum(squares, 0.0)) / kernel.length
        straight += (1.0 + apart + apart**2 / 3.0) * np.exp(-apart)
        straight *= EVERYWHERE + near
        straight += LEVEL * near
        return straight
