"""One fit per cell through all of its samples, all cells in one numpy step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from station.diagnosis.cells.basis import Basis
from station.diagnosis.cells.record import CellSweeps, Floats

#: a sample further than this many deviations from the fit is left out, and the fit made once more
OUTLIER = 5.0
#: least samples of a cell beyond the number of its unknowns
SPARE = 8


@dataclass(frozen=True, eq=False)
class CellFits:
    """``weights`` (cells, columns), NaN where a cell could not be fitted; ``cov`` (cells, columns, columns).

    ``sigma_V``: noise of one sample, never less than what rounding alone makes; ``samples``: how many
    counted.
    """

    weights: Floats
    cov: Floats
    sigma_V: Floats
    samples: npt.NDArray[np.int64]
    squares_V2: float

    def resistance(self, basis: Basis, time_s: float) -> tuple[Floats, Floats]:
        """Resistance in Ω of every cell ``time_s`` into a pulse, and its standard error by the noise."""
        step = basis.step(time_s)
        return self.weights @ step, np.sqrt(np.einsum("i,nij,j->n", step, self.cov, step))


def fit_cells(
    sweeps: CellSweeps, basis: Basis, offset_s: Floats | float, *, forgive: bool = True
) -> CellFits:
    """Fit every cell. ``offset_s``: what is taken off each time, a number or shape (sweeps, cells).

    ``forgive`` False keeps outliers in: where times are looked for, they are what tells a wrong one.
    """
    rows = basis.at(sweeps.at_s - offset_s).transpose(1, 0, 2)
    volts = sweeps.voltage_V.T
    good = np.isfinite(volts) & np.isfinite(sweeps.at_s.T)
    for _ in range(2):
        weights, cov, rest = _solve(rows, np.where(good, volts, 0.0), good)
        spare = np.maximum(good.sum(axis=1) - basis.size, 1)
        sigma = np.sqrt((rest**2).sum(axis=1) / spare)
        sigma = np.maximum(sigma, sweeps.resolution_V / np.sqrt(12.0))
        inside = np.abs(rest) <= OUTLIER * sigma[:, None]
        if not forgive or (inside | ~good).all():
            break
        good &= inside
    run = _runs(rest, good)
    enough = good.sum(axis=1) >= basis.size + SPARE
    weights = np.where(enough[:, None], weights, np.nan)
    cov = cov * ((sigma * run) ** 2)[:, None, None]
    return CellFits(weights, cov, sigma, good.sum(axis=1), float((rest[enough] ** 2).sum()))


def _solve(rows: Floats, volts: Floats, good: npt.NDArray[np.bool_]) -> tuple[Floats, Floats, Floats]:
    """Least squares of every cell: weights, covariance without the noise, what is left over."""
    a = rows * good[..., None]
    scale = np.sqrt((a**2).sum(axis=1))
    scale = np.where(scale > 0, scale, 1.0)
    a = a / scale[:, None, :]
    size = a.shape[2]
    # A column without content (no charge moved, say) is held at zero by a grain of stiffness.
    normal = a.transpose(0, 2, 1) @ a + 1e-10 * np.eye(size)
    inverse = np.linalg.inv(normal)
    solved = (inverse @ (a.transpose(0, 2, 1) @ volts[..., None]))[..., 0]
    rest = np.where(good, volts - (a @ solved[..., None])[..., 0], 0.0)
    return solved / scale, inverse / (scale[:, :, None] * scale[:, None, :]), rest


def _runs(rest: Floats, good: npt.NDArray[np.bool_]) -> Floats:
    """How much neighbouring residuals hang together: the factor on the standard error, from 1."""
    pair = good[:, 1:] & good[:, :-1]
    along = (rest[:, 1:] * rest[:, :-1] * pair).sum(axis=1)
    power = np.maximum((rest**2).sum(axis=1), 1e-18)
    rho = np.clip(along / power, 0.0, 0.9)
    return np.asarray(np.sqrt((1 + rho) / (1 - rho)))
