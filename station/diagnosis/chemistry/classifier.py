"""Chemistry and cell type from voltages: Gaussian classes with shared and own covariance, gaps allowed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular

from station.diagnosis.tables import Floats

MANY_PATTERNS = 16
"""From this number of patterns of gaps on, rows are solved in one stack instead of pattern by pattern."""


@dataclass(frozen=True)
class GaussianClasses:
    """Regularised discriminant analysis (Friedman 1989): one mean and one covariance per class.

    ``names`` (k), ``means`` (k, p), ``covariances`` (k, p, p). ``temperature`` > 1 softens the log
    likelihood so that the stated confidence agrees with the hit rate on unseen cells.
    """

    names: tuple[str, ...]
    means: Floats
    covariances: Floats
    temperature: float

    def log_likelihood(self, features: Floats, noise: Floats | None = None) -> Floats:
        """Log density of rows (n, p) in each class (n, k); missing entries are integrated out.

        ``noise`` is the covariance (p, p) of errors that the learned rows did not have.
        A row without any entry gets the same density in every class.
        """
        covariances = self.covariances if noise is None else self.covariances + noise
        result = np.zeros((len(features), len(self.names)))
        bits, member = np.unique(np.packbits(np.isfinite(features), axis=1), axis=0, return_inverse=True)
        member = member.reshape(-1)
        width = features.shape[1]
        patterns = np.unpackbits(bits, axis=1, count=width).astype(bool)
        both = patterns[:, :, None] & patterns[:, None, :]
        for position in range(len(self.names)):
            # What is missing becomes an entry of variance 1 at its mean: it adds nothing to the density.
            factors = np.linalg.cholesky(np.where(both, covariances[position], np.eye(width)))
            logs = np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(axis=1)
            away = np.nan_to_num(features - self.means[position])
            if len(patterns) <= MANY_PATTERNS:
                for number, factor in enumerate(factors):
                    rows = np.flatnonzero(member == number)
                    solved = solve_triangular(factor, away[rows].T, lower=True, check_finite=False)
                    result[rows, position] = -0.5 * np.sum(solved**2, axis=0) - logs[number]
            else:
                solved = np.linalg.solve(factors[member], away[:, :, None])[:, :, 0]
                result[:, position] = -0.5 * np.sum(solved**2, axis=1) - logs[member]
        return result

    def probabilities(self, features: Floats, noise: Floats | None = None) -> Floats:
        """Probability of each class (n, k), equal priors; ``noise`` as for ``log_likelihood``."""
        scaled = self.log_likelihood(features, noise) / self.temperature
        scaled -= scaled.max(axis=1, keepdims=True)
        odds = np.exp(scaled)
        shares: Floats = odds / odds.sum(axis=1, keepdims=True)
        return shares


def fit_classes(
    features: Floats,
    labels: np.ndarray[tuple[int], np.dtype[np.str_]],
    *,
    own_share: float,
    floor: float,
    temperature: float = 1.0,
) -> GaussianClasses:
    """Means and covariances of labelled rows (n, p) without gaps.

    ``own_share`` mixes a class's own covariance with the pooled one; ``floor`` (standard deviation)
    is added to the diagonal.
    """
    names = tuple(sorted(set(labels.tolist())))
    means = np.array([features[labels == name].mean(axis=0) for name in names])
    own = np.array([np.cov(features[labels == name], rowvar=False) for name in names])
    pooled = own.mean(axis=0)
    ridge = floor**2 * np.eye(features.shape[1])
    return GaussianClasses(names, means, own_share * own + (1.0 - own_share) * pooled + ridge, temperature)
