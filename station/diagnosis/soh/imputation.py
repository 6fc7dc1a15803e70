"""Missing and noisy voltages of a pulse block, set right by the cell type's own covariance."""

from __future__ import annotations

import numpy as np

from station.diagnosis.tables import Bools, Floats

RESOLUTION_V = 1e-4
"""Resolution of the learned voltages; keeps the conditional covariance solvable."""


def fill(voltages_V: Floats, present: Bools, mean_V: Floats, covariance_V2: Floats) -> tuple[Floats, Floats]:
    """Fill the missing columns of rows that share one pattern ``present`` (41,).

    Returns the filled rows (n, 41) and the covariance (41, 41) of what was filled (zero where measured),
    by the conditional distribution of a multivariate normal. Nothing present: the mean and full covariance.
    """
    missing = ~present
    filled = voltages_V.copy()
    uncertainty = np.zeros_like(covariance_V2)
    if not missing.any():
        return filled, uncertainty
    cross = covariance_V2[np.ix_(missing, present)]
    inner = covariance_V2[np.ix_(present, present)] + RESOLUTION_V**2 * np.eye(int(present.sum()))
    gain = np.linalg.solve(inner, cross.T).T
    filled[:, missing] = mean_V[missing] + (voltages_V[:, present] - mean_V[present]) @ gain.T
    conditional = covariance_V2[np.ix_(missing, missing)] - gain @ cross.T
    uncertainty[np.ix_(missing, missing)] = (conditional + conditional.T) / 2
    return filled, uncertainty


def denoise(
    voltages_V: Floats, present: Bools, mean_V: Floats, covariance_V2: Floats, noise_V2: Floats
) -> tuple[Floats, Floats]:
    """What the voltages (n, p) most likely were without the noise of covariance ``noise_V2`` (p, p).

    Columns that are not ``present`` (p,) are filled. Returns the mean (n, p) and the covariance (p, p) of the
    conditional distribution of a multivariate normal: what is left uncertain of the true voltages.
    """
    here = np.ix_(present, present)
    gain = np.linalg.solve(covariance_V2[here] + noise_V2[here], covariance_V2[present]).T
    clean: Floats = mean_V + (voltages_V[:, present] - mean_V[present]) @ gain.T
    left = covariance_V2 - gain @ covariance_V2[present]
    return clean, (left + left.T) / 2
