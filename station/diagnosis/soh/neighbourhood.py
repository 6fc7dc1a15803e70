"""How far a block lies from the learned ones, on the scale of their own distances: tells foreign patterns."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from station.diagnosis.tables import Floats


class Neighbourhood:
    """Learned rows (n, d) of whitened components and the cell (n,) each belongs to."""

    def __init__(self, rows: Floats, cells: NDArray[np.int64]) -> None:
        self._rows = np.ascontiguousarray(rows)
        self._square = np.sum(rows**2, axis=1)
        apart = _squares(self._rows, self._square, self._rows)
        apart[cells[:, None] == cells[None, :]] = np.inf
        spacing = np.maximum(apart.min(axis=0), 0.0)
        usual = float(np.median(spacing[np.isfinite(spacing)])) if np.isfinite(spacing).any() else 1.0
        # The median keeps a row that lies on another (spacing 0) from calling everything else foreign.
        self._scale = np.sqrt(np.where(np.isfinite(spacing), spacing, usual) + usual)

    def distance(self, rows: Floats) -> Floats:
        """Distance of rows (m, d) to the nearest learned row over that row's distance to the next other
        cell."""
        squares = _squares(self._rows, self._square, rows)
        nearest = squares.argmin(axis=0)
        shortest = np.sqrt(np.maximum(squares[nearest, np.arange(len(rows))], 0.0))
        relative: Floats = shortest / np.maximum(self._scale[nearest], 1e-9)
        return relative


def _squares(rows: Floats, square: Floats, others: Floats) -> Floats:
    """Squared distances (n, m)."""
    product: Floats = rows @ others.T
    product *= -2.0
    product += square[:, None]
    product += np.sum(others**2, axis=1)[None, :]
    return product
