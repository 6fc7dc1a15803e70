"""First, least, greatest and last value per bucket of time: what every level of a pyramid holds.

A bucket's key is its place in absolute time, so the drawn line does not wander when the view scrolls, and
unevenly spaced samples reduce evenly. Least and greatest are kept, never a mean and never every n-th sample:
both lose a dip of one sample.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

POINTS = 4
"""Points drawn for each bucket."""
FAN = 4
"""So many buckets of one level make one of the next."""
SPREAD = (0.0, 0.33, 0.67, 1.0)
"""Where in a bucket they stand."""
_SPREAD = np.array(SPREAD)


@dataclass(frozen=True, eq=False)
class Buckets:
    """Buckets ``width_s`` wide; ``keys`` rise, shape (n,); ``values`` first, least, greatest, last, (n, 4).

    Bucket ``k`` holds the samples from ``k * width_s`` on, up to the next.
    """

    width_s: float
    keys: Ints
    values: Floats

    def __len__(self) -> int:
        return len(self.keys)

    def coarser(self, fan: int = FAN) -> Buckets:
        """The same, each ``fan`` of them in one."""
        if not len(self):
            return Buckets(self.width_s * fan, self.keys, self.values)
        keys = self.keys // fan
        starts = np.flatnonzero(np.diff(keys, prepend=keys[0] - 1))
        ends = np.append(starts[1:], len(keys)) - 1
        values = np.column_stack(
            (
                self.values[starts, 0],
                np.minimum.reduceat(self.values[:, 1], starts),
                np.maximum.reduceat(self.values[:, 2], starts),
                self.values[ends, 3],
            )
        )
        return Buckets(self.width_s * fan, keys[starts], values)

    def line(self, gap_s: float = np.inf) -> tuple[Floats, Floats]:
        """Points to draw, four for each bucket: times in s and values.

        The line is broken (NaN) where no sample came for longer than ``gap_s``: what was not measured is not
        drawn.
        """
        # First at the bucket's start, last at its end, the extremes between in the order of the slope.
        t = ((self.keys[:, np.newaxis] + _SPREAD) * self.width_s).ravel()
        values = self.values.copy()
        falling = values[:, 0] > values[:, 3]
        values[falling, 1:3] = values[falling, 2:0:-1]
        v = values.ravel()
        if gap_s < np.inf:
            limit = max(gap_s / self.width_s, 1.0)
            breaks = (np.flatnonzero(np.diff(self.keys) > limit) + 1) * POINTS
            if len(breaks):
                t, v = np.insert(t, breaks, t[breaks]), np.insert(v, breaks, np.nan)
        return t, v


def reduced(t: Floats, v: Floats, width_s: float) -> Buckets:
    """Samples with rising times, in s, as buckets of one width."""
    if not len(t):
        return Buckets(width_s, np.empty(0, dtype=np.int64), np.empty((0, 4)))
    return of_keys(np.floor_divide(t, width_s).astype(np.int64), v, width_s)


def of_keys(keys: Ints, v: Floats, width_s: float) -> Buckets:
    """The same where each sample's key is known; there is at least one."""
    starts = np.flatnonzero(np.diff(keys, prepend=keys[0] - 1))
    ends = np.append(starts[1:], len(keys)) - 1
    low, high = np.minimum.reduceat(v, starts), np.maximum.reduceat(v, starts)
    return Buckets(width_s, keys[starts], np.column_stack((v[starts], low, high, v[ends])))
