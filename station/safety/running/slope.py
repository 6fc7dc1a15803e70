"""How fast something slow changes: least squares over enough points, and not by a single jump."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from station.safety.sample import is_reading

POINTS = 6
"""Fewer points say nothing about a rate."""
SPACING_S = 0.4
KEEP_S = 180.0
STRETCH = 6.0
"""A window may be so many times longer than asked for where points are rare."""


def slope(times_s: Sequence[float], values: Sequence[float]) -> float:
    """Least-squares slope per s; 0 with fewer than two points."""
    count = len(times_s)
    if count < 2:
        return 0.0
    middle_s, mean = sum(times_s) / count, sum(values) / count
    spread = sum((t - middle_s) ** 2 for t in times_s)
    if spread <= 0:
        return 0.0
    return sum((t - middle_s) * (v - mean) for t, v in zip(times_s, values, strict=True)) / spread


class Course:
    """The last three minutes of a slow reading whose smallest step is ``step``."""

    def __init__(self, step: float = 0.0) -> None:
        self._step = step
        self._t: list[float] = []
        self._v: list[float] = []

    def add(self, t_s: float, value: float | None) -> bool:
        """Take one reading; False when it is none, came twice, or too soon after the one before."""
        if value is None or not is_reading(value) or (self._t and t_s < self._t[-1] + SPACING_S):
            return False
        self._t.append(t_s)
        self._v.append(value)
        if self._t[0] < t_s - 1.5 * KEEP_S:
            first = max(min(bisect_left(self._t, t_s - KEEP_S), len(self._t) - POINTS), 0)
            del self._t[:first], self._v[:first]
        return True

    @property
    def span_of_points_s(self) -> float | None:
        """How far back the sixth newest reading lies; None before there are six."""
        return self._t[-1] - self._t[-POINTS] if len(self._t) >= POINTS else None

    def start_s(self, span_s: float) -> float | None:
        """When the window that ``rise`` would judge begins; None when there is not enough."""
        first = self._first(span_s)
        return None if first is None else self._t[first]

    def rise(self, span_s: float, limit: float) -> float | None:
        """The rate per s when it lies above ``limit`` over the whole window, else None.

        Both halves of the window must rise as well, at a third of the limit: a sensor that jumps once has
        not been getting warmer for all that time. The rate is what the converter's steps cannot explain.
        """
        first = self._first(span_s)
        if first is None:
            return None
        t, v = self._t[first:], self._v[first:]
        rate = slope(t, v) - 1.5 * self._step / (t[-1] - t[0])
        if rate <= limit:
            return None
        half = max(2, bisect_left(t, (t[0] + t[-1]) / 2))
        low = min(slope(t[:half], v[:half]), slope(t[half:], v[half:]))
        return rate if low > limit / 3 else None

    def _first(self, span_s: float) -> int | None:
        """Index of the first point of the shortest window that covers ``span_s`` with enough points."""
        if len(self._t) < POINTS:
            return None
        newest_s = self._t[-1]
        first = min(bisect_left(self._t, newest_s - span_s - 1e-9), len(self._t) - POINTS)
        if newest_s - self._t[first] < span_s * 0.95 and first > 0:
            first -= 1
        covered_s = newest_s - self._t[first]
        return first if span_s * 0.95 <= covered_s <= span_s * STRETCH else None
