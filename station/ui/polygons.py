"""Curves as Qt draws them: one line for each stretch without a gap (NaN)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QPolygonF
from shiboken6 import Shiboken


def polygons(x: NDArray[np.float64], y: NDArray[np.float64]) -> list[QPolygonF]:
    """The points as Qt takes them, in one line for each stretch without a gap."""
    pieces = [(x, y)]
    broken = np.isnan(y)
    if broken.any():
        gaps = np.flatnonzero(broken)
        pieces = [(a[b == b], b[b == b]) for a, b in zip(np.split(x, gaps), np.split(y, gaps), strict=True)]
    return [_polygon(a, b) for a, b in pieces if len(a)]


def _polygon(x: NDArray[np.float64], y: NDArray[np.float64]) -> QPolygonF:
    polygon = QPolygonF()
    polygon.resize(len(x))
    # A point is two doubles: written in one go, as one call for each would cost more than the drawing.
    raw: Any = Shiboken.VoidPtr
    memory = np.frombuffer(raw(polygon.data(), 16 * len(x), True), dtype=np.float64)
    memory[0::2], memory[1::2] = x, y
    return polygon
