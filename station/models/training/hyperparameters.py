"""Kernel parameters of a Gaussian process by maximum a posteriori marginal likelihood, with exact slopes."""

from __future__ import annotations

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve
from scipy.optimize import minimize

from station.diagnosis.soh.gaussian_process import JITTER, Kernel, products
from station.diagnosis.tables import Floats

LENGTH_START = 3.0
LOG_SPREAD_LENGTH, LOG_SPREAD_VARIANCE = 1.0, 2.0
"""Standard deviations of the log-normal priors: keep 300 rows from talking 40 lengths into anything."""

SEARCH_SPAN = 6.0

RELATIVE_LENGTH, RELATIVE_VARIANCE = 0.5, 1.0
"""The same where relatives say what to expect: tighter, never certain."""


def find_kernel(
    components: Floats, targets: Floats, max_iterations: int = 40, expected: Floats | None = None
) -> Kernel:
    """Kernel that makes ``targets`` (n,) likely given ``components`` (n, d).

    Rows count alike here: weights belong to the conditioning, not to the search. ``expected`` (d + 3,):
    logarithms of the lengths and of the three variances over that of the targets, as ``logs_of`` gives
    them for a relative; None: a prior that knows nothing.
    """
    size = components.shape[1]
    centred = targets - targets.mean()
    variance = float(centred.var())
    centre = np.log(np.r_[np.full(size, LENGTH_START), 0.5 * variance, 0.5 * variance, 0.05 * variance])
    spread = np.r_[np.full(size, LOG_SPREAD_LENGTH), np.full(3, LOG_SPREAD_VARIANCE)]

    if expected is not None:
        centre = expected + np.r_[np.zeros(size), np.full(3, np.log(variance))]
        spread = np.r_[np.full(size, RELATIVE_LENGTH), np.full(3, RELATIVE_VARIANCE)]

    def objective(logs: Floats) -> tuple[float, Floats]:
        value, slope = _negative_log_likelihood(logs, components, centred)
        away = (logs - centre) / spread
        return value + 0.5 * float(away @ away), slope + away / spread

    bounds = [(value - SEARCH_SPAN, value + SEARCH_SPAN) for value in centre]
    found = minimize(
        objective, centre, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": max_iterations}
    )
    values = np.exp(found.x)
    return Kernel(values[:size], float(values[size]), float(values[size + 1]), float(values[size + 2]))


def logs_of(kernel: Kernel, variance: float) -> Floats:
    """A kernel as ``find_kernel`` expects one: logarithms, its variances over that of its targets."""
    logs: Floats = np.log(
        np.r_[kernel.lengths, np.array([kernel.linear, kernel.bend, kernel.noise]) / variance]
    )
    return logs


def _negative_log_likelihood(logs: Floats, components: Floats, centred: Floats) -> tuple[float, Floats]:
    """Rasmussen and Williams (2006), eq. 5.8 and 5.9, without the constant."""
    size = components.shape[1]
    values = np.exp(logs)
    lengths, (linear, bend, noise) = values[:size], values[size:]
    rows = components / lengths
    scalar, near = products(rows, rows)
    straight, curved = linear * scalar, bend * near
    covariance = straight + curved
    covariance[np.diag_indices_from(covariance)] += noise + JITTER
    try:
        factor = cho_factor(covariance, lower=True, check_finite=False)
    except LinAlgError:
        return 1e10, np.zeros_like(logs)
    solved = cho_solve(factor, centred, check_finite=False)
    value = 0.5 * float(centred @ solved) + float(np.log(np.diag(factor[0])).sum())
    inner = np.outer(solved, solved) - cho_solve(factor, np.eye(len(centred)), check_finite=False)
    pull = inner * curved
    # d(curved)/d(log length i) = curved * (difference in i)²; summed over pairs without forming them.
    bend_slope = 2.0 * (pull.sum(axis=1) @ rows**2 - np.einsum("ij,ij->j", rows, pull @ rows))
    straight_slope = -2.0 * linear * np.einsum("ij,ij->j", rows, inner @ rows)
    slope = (
        -0.5
        * np.r_[bend_slope + straight_slope, (inner * straight).sum(), pull.sum(), noise * np.trace(inner)]
    )
    return value, slope
