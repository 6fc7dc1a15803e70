"""The curve of a test that goes on: drawable however long it gets, in memory that does not grow.

Every level is a ring of buckets of one width. Who receives the samples keeps one (the service, for every
channel), and whoever comes later begins with its ``whole`` and goes on from there.
"""

from __future__ import annotations

import numpy as np

from station.curves.buckets import FAN, Buckets, Floats, Ints, of_keys

WIDTH_S = 0.02
LEVELS = 9
CAPACITY = 2048
FEW = 48
"""Up to so many samples are quicker added one by one."""


class _Level:
    """Buckets of one width; the newest ``capacity`` of them. ``fan``: its width in those of the finest."""

    def __init__(self, width_s: float, fan: int, capacity: int) -> None:
        self.width_s = width_s
        self.fan = fan
        self.capacity = capacity
        self.keys = np.full(capacity, -1, dtype=np.int64)
        self.values = np.empty((capacity, 4), dtype=np.float64)
        self.first_key: int | None = None
        self.last_key = -1

    def add(self, base_keys: Ints, v: Floats) -> None:
        """Samples by their keys in the finest level, rising."""
        self.put(of_keys(base_keys // self.fan, v, self.width_s))

    def put(self, new: Buckets) -> None:
        """Append buckets; the first may go on with the newest here."""
        keys, values = new.keys, new.values
        if keys[0] == self.last_key:
            row = self.values[keys[0] % self.capacity]
            values[0] = (row[0], min(row[1], values[0, 1]), max(row[2], values[0, 2]), values[0, 3])
        slots = keys % self.capacity
        self.keys[slots] = keys
        self.values[slots] = values
        if self.first_key is None:
            self.first_key = int(keys[0])
        self.last_key = int(keys[-1])

    def add_few(self, points: list[tuple[int, float]]) -> None:
        """The same, one by one: quicker for the handful of samples of a live message."""
        for base_key, v in points:
            key = base_key // self.fan
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
                if self.first_key is None:
                    self.first_key = key

    @property
    def oldest_s(self) -> float:
        """Start of the oldest bucket still held; infinite when there is none."""
        if self.first_key is None:
            return np.inf
        return max(self.first_key, self.last_key - self.capacity + 1) * self.width_s

    def read(self, begin_s: float, end_s: float, since_s: float = -np.inf) -> Buckets:
        """Those between two times, from the bucket before ``since_s`` on."""
        first = self.first_key or 0
        low = max(int(begin_s // self.width_s), first, self.last_key - self.capacity + 1)
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
        return Buckets(self.width_s, wanted[there], self.values[slots[there]])


class Pyramid:
    """Levels of buckets, each ``fan`` times wider than the one below."""

    def __init__(
        self, width_s: float = WIDTH_S, *, fan: int = FAN, levels: int = LEVELS, capacity: int = CAPACITY
    ) -> None:
        self._levels = [_Level(width_s * fan**k, fan**k, capacity) for k in range(levels)]
        self._fan = fan
        self.generation = 0
        """Changes whenever what was drawn of it holds no more."""
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._levels = [_Level(level.width_s, level.fan, level.capacity) for level in self._levels]
        self.generation += 1
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
        keys = np.floor_divide(t, self._levels[0].width_s).astype(np.int64)
        if len(t) <= FEW:
            points = list(zip(keys.tolist(), v.tolist(), strict=True))
            for level in self._levels:
                level.add_few(points)
        else:
            for level in self._levels:
                level.add(keys, v)
        if self.first_s is None:
            self.first_s = float(t[0])
        self.last_s = float(t[-1])
        low, high = float(v.min()), float(v.max())
        self.low = low if self.low is None else min(self.low, low)
        self.high = high if self.high is None else max(self.high, high)

    def whole(self) -> Buckets:
        """All of the curve, in the finest buckets that reach back to its start. Empty without a sample."""
        level = self._level(self.first_s or 0.0, self.last_s or 0.0, self._levels[0].capacity)
        return level.read(level.oldest_s, self.last_s or 0.0) if self.last_s is not None else _NONE

    def begin_with(self, whole: Buckets, first_s: float, last_s: float) -> None:
        """Hold what another pyramid has seen so far; samples newer than ``last_s`` are added behind it.

        What is drawn of the whole curve is then what the other draws; finer buckets are there from here on.
        Raises ValueError for a width that this pyramid has not.
        """
        at = next((k for k, level in enumerate(self._levels) if level.width_s == whole.width_s), None)
        if at is None or not len(whole) or first_s > last_s:
            raise ValueError(f"no curve to begin with: {len(whole)} buckets of {whole.width_s} s")
        self.clear()
        self.first_s, self.last_s = first_s, last_s
        self.low, self.high = float(whole.values[:, 1].min()), float(whole.values[:, 2].max())
        for level in self._levels[at:]:
            level.put(Buckets(whole.width_s, whole.keys, whole.values.copy()))
            whole = whole.coarser(self._fan)

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

        Broken as ``Buckets.line`` says.
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
        if self.last_s is None:
            return empty, empty, -np.inf
        drawn = self._level(begin_s, end_s, buckets).read(begin_s, end_s, since_s)
        if not len(drawn):
            return empty, empty, -np.inf
        t, v = drawn.line(gap_s)
        return t, v, float(drawn.keys[-1]) * drawn.width_s


_NONE = Buckets(WIDTH_S, np.empty(0, dtype=np.int64), np.empty((0, 4)))
