"""The curve of a recorded test: all of its samples, and a pyramid over them for any zoom."""

from __future__ import annotations

import numpy as np

from station.curves.buckets import FAN, Buckets, Floats, reduced

WIDTH_S = 0.02
"""Finest buckets kept ready, those of a running test; a view that needs finer ones looks at the samples."""


class StoredCurve:
    """One quantity over time. Rising times in s, values as measured; NaN is left out.

    The buckets are those that the live pyramid of the same test had: the same keys, widths and values.
    """

    def __init__(self, t: Floats, v: Floats) -> None:
        usable = np.isfinite(t) & np.isfinite(v)
        t, v = t[usable], v[usable]
        rising = np.ones(len(t), dtype=bool)
        rising[1:] = t[1:] >= np.maximum.accumulate(t)[:-1]  # a record may hold a time that ran backwards
        self.t, self.v = t[rising], v[rising]
        self._levels = [reduced(self.t, self.v, WIDTH_S)]
        while len(self._levels[-1]) > 64:
            self._levels.append(self._levels[-1].coarser(FAN))

    @property
    def span_s(self) -> tuple[float, float]:
        """Times of the first and the last sample; zeros without a sample."""
        return (float(self.t[0]), float(self.t[-1])) if len(self.t) else (0.0, 0.0)

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return int(self.t.nbytes + self.v.nbytes) + sum(
            level.keys.nbytes + level.values.nbytes for level in self._levels
        )

    def view(self, begin_s: float, end_s: float, buckets: int) -> Buckets:
        """What lies between two times, in at most about ``buckets`` buckets; one more on either side.

        The neighbours let the line reach the edges of the view. Raises ValueError for an empty span.
        """
        if not (end_s > begin_s and buckets > 0):
            raise ValueError(f"nothing to look at from {begin_s} to {end_s} s in {buckets} buckets")
        wanted_s = (end_s - begin_s) / buckets
        if wanted_s >= WIDTH_S:
            # The finest level that is not finer than asked for; the coarsest holds 64 buckets at most.
            level = next((k for k in self._levels if k.width_s >= wanted_s), self._levels[-1])
            return _with_neighbours(level, begin_s, end_s)
        width_s = WIDTH_S
        while width_s / FAN >= wanted_s:
            width_s /= FAN
        # Whole buckets at either end, and a sample beyond.
        low = max(int(np.searchsorted(self.t, np.floor(begin_s / width_s) * width_s)) - 1, 0)
        high = min(int(np.searchsorted(self.t, (np.floor(end_s / width_s) + 1) * width_s)) + 1, len(self.t))
        return reduced(self.t[low:high], self.v[low:high], width_s)


def _with_neighbours(level: Buckets, begin_s: float, end_s: float) -> Buckets:
    first, last = int(begin_s // level.width_s), int(end_s // level.width_s)
    low, high = np.searchsorted(level.keys, [first, last + 1])
    low, high = max(int(low) - 1, 0), min(int(high) + 1, len(level))
    return Buckets(level.width_s, level.keys[low:high], level.values[low:high])
