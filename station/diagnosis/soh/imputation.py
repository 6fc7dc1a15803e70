"""Missing and noisy voltages of a pulse block, set right by the cell type's own covariance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from station.diagnosis.tables import Bools, Floats

RESOLUTION_V = 1e-4
"""Resolution of the learned voltages; keeps the conditional covariance solvable."""


class Filled:
    """Rows with gaps anywhere, filled by the conditional distribution of a multivariate normal.

    ``voltages_V`` and ``present`` (n, p), ``mean_V`` (p,), ``covariance_V2`` (p, p). All rows are
    solved in one stack, each with its own gaps. Nothing present: the mean.
    """

    def __init__(self, voltages_V: Floats, present: Bools, mean_V: Floats, covariance_V2: Floats) -> None:
        self._present = present
        self._covariance = covariance_V2
        size = len(mean_V)
        both = present[:, :, None] & present[:, None, :]
        seen = covariance_V2 + RESOLUTION_V**2 * np.eye(size)
        # What is missing stands there as an own variable without relation to the others.
        self._inner = np.where(both, seen, np.eye(size))
        away = np.where(present, voltages_V - mean_V, 0.0)
        solved = np.linalg.solve(self._inner, away[:, :, None])[:, :, 0]
        self.voltages_V: Floats = np.where(present, voltages_V, mean_V + solved @ covariance_V2)

    def variance(self, rows: NDArray[np.int64], slopes: Floats) -> Floats:
        """Variance of ``slopes`` (k, p) times the filled voltages of ``rows`` (k,): what filling leaves
        uncertain."""
        present = self._present[rows]
        missing = np.where(present, 0.0, slopes)
        cross = missing @ self._covariance
        known = np.where(present, cross, 0.0)
        solved = np.linalg.solve(self._inner[rows], known[:, :, None])[:, :, 0]
        left: Floats = np.sum(missing * cross, axis=1) - np.sum(known * solved, axis=1)
        return np.maximum(left, 0.0)


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
