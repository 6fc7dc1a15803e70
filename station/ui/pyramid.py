"""A curve that stays drawable however long it grows: first, least, greatest, last value per bucket of time.

Buckets are keyed by absolute time, so the drawn line does not wander when the view scrolls, and unevenly
spaced samples reduce evenly. Every level is a ring of fixed size: memory does not grow with the test.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
FEW = 48
"""Up to so many samples are quicker added one by one."""
POINTS = 4
"""Points drawn for each bucket."""
_SPREAD = np.array([0.0, 0.33, 0.67, 1.0])


class _Level:
    """Buckets of one width; the newest ``capacity`` of them."""

    def __init__(self, width_s: float, capacity: int) -> None:
        self.width_s = width_s
        self.capacity = capacity
        self.keys = np.full(capacity, -1, dtype=np.int64)
        self.values = np.empty((capacity, 4), dtype=np.float64)
        self.first_key = -1
        self.last_key = -1

    def add(self, t: Floats, v: Floats) -> None:
        """Samples with rising times."""
        keys = np.floor_divide(t, self.width_s).astype(np.int64)
        starts = np.flatnonzero(np.diff(keys, prepend=keys[0] - 1))
        ends = np.append(starts[1:], len(keys)) - 1
        low, high = np.minimum.reduceat(v, starts), np.maximum.reduceat(v, starts)
        fresh = np.column_stack((v[starts], low, high, v[ends]))
        new_keys = keys[starts]
        if new_keys[0] == self.last_key:  # the newest bucket goes on
            row = self.values[new_keys[0] % self.capacity]
            fresh[0] = (row[0], min(row[1], low[0]), max(row[2], high[0]), fresh[0, 3])
        slots = new_keys % self.capacity
        self.keys[slots] = new_keys
        self.values[slots] = fresh
        if self.first_key < 0:
            self.first_key = int(new_keys[0])
        self.last_key = int(new_keys[-1])

    def add_few(self, points: list[tuple[float, float]]) -> None:
        """The same, one by one: quicker for the handful of samples of a live message."""
        for t, v in points:
            key = int(t // self.width_s)
            row = self.values[key % self.capacity]
            if key == self.last_key:
                if v < row[1]:
                    row[1] = v
                if v > row[2]:
                    row[2] = v
                row[3] = v
            else:
                row[:] = v
                self.keys[key % self.capacity] = key
                self.last_key = key
                if self.first_key < 0:
                    self.first_key = key

    @property
    def oldest_s(self) -> float:
        """Start of the oldest bucket still held."""
        return max(self.first_key, self.last_key - self.capacity + 1) * self.width_s

    def read(
        self, begin_s: float, end_s: float, since_s: float = -np.inf
    ) -> tuple[NDArray[np.int64], Floats]:
        """Keys and values between two times, from the bucket before ``since_s`` on."""
        low = max(int(begin_s // self.width_s), self.first_key, self.last_key - self.capacity + 1)
        high = min(int(end_s // self.width_s), self.last_key)
        if since_s > begin_s:
            since = int(since_s // self.width_s)
            # The one before may be far away when samples are few: look back until there is one.
            while since > low and self.keys[(since - 1) % self.capacity] != since - 1:
                since -= 1
            low = max(low, since - 1)
        wanted = np.arange(low, high + 1, dtype=np.int64)
        slots = wanted % self.capacity
        there = self.keys[slots] == wanted
        return wanted[there], self.values[slots[there]]


class Pyramid:
    """Levels of buckets, each ``fan`` times wider than the one below."""

    def __init__(self, width_s: float = 0.02, *, fan: int = 4, levels: int = 9, capacity: int = 2048) -> None:
        self._levels = [_Level(width_s * fan**k, capacity) for k in range(levels)]
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._levels = [_Level(level.width_s, level.capacity) for level in self._levels]
        self.last_s: float | None = None
        self.first_s: float | None = None
        self.low: float | None = None
        self.high: float | None = None

    def add(self, t: Floats, v: Floats) -> None:
        """Add samples, times in seconds and rising. What is older than the newest sample held is left out."""
        if self.last_s is not None:
            newer = t > self.last_s
            t, v = t[newer], v[newer]
        usable = np.isfinite(v) & np.isfinite(t)
        t, v = t[usable], v[usable]
        if len(t) == 0:
            return
        if len(t) <= FEW:
            points = list(zip(t.tolist(), v.tolist(), strict=True))
            for level in self._levels:
                level.add_few(points)
        else:
            for level in self._levels:
                level.add(t, v)
        if self.first_s is None:
            self.first_s = float(t[0])
        self.last_s = float(t[-1])
        low, high = float(v.min()), float(v.max())
        self.low = low if self.low is None else min(self.low, low)
        self.high = high if self.high is None else max(self.high, high)

    @property
    def nbytes(self) -> int:
        """Bytes held, whatever the length of the test."""
        return sum(level.keys.nbytes + level.values.nbytes for level in self._levels)

    def bucket_s(self, begin_s: float, end_s: float, buckets: int) -> float:
        """Width of the buckets that ``line`` would draw; 0 when there is nothing to draw."""
        return 0.0 if self.first_s is None else self._level(begin_s, end_s, buckets).width_s

    def _level(self, begin_s: float, end_s: float, buckets: int) -> _Level:
        begin = max(begin_s, self.first_s or 0.0)
        for level in self._levels:
            if (end_s - begin) / level.width_s <= buckets and level.oldest_s <= begin:
                break
        return level

    def line(
        self, begin_s: float, end_s: float, buckets: int, gap_s: float = np.inf
    ) -> tuple[Floats, Floats]:
        """Points to draw between two times with at most about ``buckets`` buckets, four points each.

        The line is broken (NaN) where no sample came for longer than ``gap_s``: what was not measured is not
        drawn.
        """
        t, v, _ = self.line_since(begin_s, end_s, buckets, -np.inf, gap_s)
        return t, v

    def line_since(
        self, begin_s: float, end_s: float, buckets: int, since_s: float, gap_s: float = np.inf
    ) -> tuple[Floats, Floats, float]:
        """The end of that line, from the bucket before ``since_s`` on, and where the newest bucket begins.

        That one is still open: more samples may change it, and nothing before it changes any more.
        """
        empty: Floats = np.empty(0)
        if self.last_s is None or self.first_s is None:
            return empty, empty, -np.inf
        level = self._level(begin_s, end_s, buckets)
        keys, values = level.read(begin_s, end_s, since_s)
        if len(keys) == 0:
            return empty, empty, -np.inf
        # First at the bucket's start, last at its end, the extremes between in the order of the slope.
        t = ((keys[:, np.newaxis] + _SPREAD) * level.width_s).ravel()
        falling = values[:, 0] > values[:, 3]
        values[falling, 1:3] = values[falling, 2:0:-1]
        v = values.ravel()
        if gap_s < np.inf:
            limit = max(gap_s / level.width_s, 1.0)
            breaks = (np.flatnonzero(np.diff(keys) > limit) + 1) * POINTS
            if len(breaks):
                t, v = np.insert(t, breaks, t[breaks]), np.insert(v, breaks, np.nan)
        return t, v, float(keys[-1]) * level.width_s
