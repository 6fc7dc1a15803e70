"""The curve of a test that goes on: drawable however long it gets, in memory that does not grow.

Every level is a ring of buckets of one width. Who receives the samples keeps one (the service, for every
channel), and whoever comes later begins with its ``whole`` and goes on from there.
"""

from __future__ import annotations

import numpy as np

from station.curves.buckets import FAN, SPREAD, Buckets, Floats, Ints, of_keys

WIDTH_S = 0.02
LEVELS = 9
CAPACITY = 2048
FEW = 48
"""Up to so many samples are quicker added one by one."""
WAITING = 256
"""So many samples wait at most to be put into the levels: who looks at the curve puts them in before."""


_Bucket = tuple[int, float, float, float, float]
"""Key, first, least, greatest and last value."""


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

    def add_few(self, buckets: list[_Bucket]) -> None:
        """The same, one by one: quicker for the handful of a live message."""
        for key, first, low, high, last in buckets:
            slot = key % self.capacity
            if key == self.last_key:
                first, known_low, known_high, _ = self.values[slot].tolist()
                self.values[slot] = (first, min(low, known_low), max(high, known_high), last)
            else:
                self.values[slot] = (first, low, high, last)
                self.keys[slot] = key
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
            low = self._one_before(since_s, low)
        wanted = np.arange(low, high + 1, dtype=np.int64)
        slots = wanted % self.capacity
        there = self.keys[slots] == wanted
        return Buckets(self.width_s, wanted[there], self.values[slots[there]])

    def _one_before(self, since_s: float, low: int) -> int:
        """The one before may be far away when samples are few: look back until there is one."""
        since = int(since_s // self.width_s)
        while since > low and self.keys[(since - 1) % self.capacity] != since - 1:
            since -= 1
        return max(low, since - 1)

    def end(self, begin_s: float, end_s: float, since_s: float) -> tuple[list[int], list[list[float]]]:
        """What ``read`` gives, as plain keys and rows."""
        low = max(int(begin_s // self.width_s), self.first_key or 0, self.last_key - self.capacity + 1)
        high = min(int(end_s // self.width_s), self.last_key)
        slots = [(key, key % self.capacity) for key in range(self._one_before(since_s, low), high + 1)]
        there = [(key, slot) for key, slot in slots if self.keys[slot] == key]
        return [key for key, _ in there], [self.values[slot].tolist() for _, slot in there]


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
        self.taken_in = 0
        """Counts how often samples that waited were put into the levels."""
        self._waiting: list[tuple[int, float]] = []
        self._waiting_low, self._waiting_high = np.inf, -np.inf
        self.last_s: float | None = None
        self.first_s: float | None = None
        self.low: float | None = None
        self.high: float | None = None

    def add(self, t: Floats, v: Floats) -> None:
        """Add samples, times in seconds and rising. What is older than the newest sample held is left out."""
        if len(t) <= FEW:
            self._add_few(t, v)
            return
        if self.last_s is not None:
            newer = t > self.last_s
            t, v = t[newer], v[newer]
        usable = np.isfinite(v) & np.isfinite(t)
        t, v = t[usable], v[usable]
        if len(t) == 0:
            return
        self._take_in()
        keys = np.floor_divide(t, self._levels[0].width_s).astype(np.int64)
        for level in self._levels:
            level.add(keys, v)
        self.taken_in += 1
        self._seen(float(t[0]), float(t[-1]), float(v.min()), float(v.max()))

    def _add_few(self, t: Floats, v: Floats) -> None:
        """The handful of a live message, as plain numbers: they wait until somebody looks."""
        last_s, width_s = -np.inf if self.last_s is None else self.last_s, self._levels[0].width_s
        points = [
            (time_s, value)
            for time_s, value in zip(t.tolist(), v.tolist(), strict=True)
            if last_s < time_s < np.inf and -np.inf < value < np.inf
        ]
        if not points:
            return
        self._waiting += [(int(time_s // width_s), value) for time_s, value in points]
        values = [value for _, value in points]
        low, high = min(values), max(values)
        self._waiting_low, self._waiting_high = min(self._waiting_low, low), max(self._waiting_high, high)
        self._seen(points[0][0], points[-1][0], low, high)
        if len(self._waiting) >= WAITING:
            self._take_in()

    def _seen(self, first_s: float, last_s: float, low: float, high: float) -> None:
        if self.first_s is None:
            self.first_s = first_s
        self.last_s = last_s
        self.low = low if self.low is None else min(self.low, low)
        self.high = high if self.high is None else max(self.high, high)

    def _take_in(self) -> None:
        """Put what waits into all levels."""
        if not self._waiting:
            return
        if len(self._waiting) <= FEW:
            buckets: list[_Bucket] = [(key, v, v, v, v) for key, v in self._waiting]
            fan = 1
            for level in self._levels:
                buckets = _merged(buckets, fan)
                level.add_few(buckets)
                fan = self._fan
        else:
            keys = np.array([key for key, _ in self._waiting], dtype=np.int64)
            values = np.array([value for _, value in self._waiting])
            for level in self._levels:
                level.add(keys, values)
        self.taken_in += 1
        self._waiting = []
        self._waiting_low, self._waiting_high = np.inf, -np.inf

    @property
    def waiting(self) -> tuple[int, float, float]:
        """How many samples came since somebody looked, the least and the greatest value of them."""
        return len(self._waiting), self._waiting_low, self._waiting_high

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
        self._take_in()
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

    def line_end(
        self, begin_s: float, end_s: float, buckets: int, since_s: float, gap_s: float = np.inf
    ) -> tuple[list[float], list[float], float]:
        """What ``line_since`` gives, in plain numbers: quicker for the few points that are new."""
        if self.last_s is None:
            return [], [], -np.inf
        level = self._level(begin_s, end_s, buckets)
        keys, rows = level.end(begin_s, end_s, since_s)
        limit = max(gap_s / level.width_s, 1.0)
        t: list[float] = []
        v: list[float] = []
        before: int | None = None
        for key, (first, low, high, last) in zip(keys, rows, strict=True):
            times = [(key + part) * level.width_s for part in SPREAD]
            if before is not None and key - before > limit:
                t.append(times[0])
                v.append(np.nan)
            t += times
            v += (first, high, low, last) if first > last else (first, low, high, last)
            before = key
        return t, v, -np.inf if before is None else before * level.width_s


def _merged(buckets: list[_Bucket], fan: int) -> list[_Bucket]:
    """``fan`` of them in one."""
    made: list[_Bucket] = []
    for key, first, low, high, last in buckets:
        wide = key // fan
        if made and made[-1][0] == wide:
            _, begun, least, greatest, _ = made[-1]
            made[-1] = (wide, begun, min(least, low), max(greatest, high), last)
        else:
            made.append((wide, first, low, high, last))
    return made


_NONE = Buckets(WIDTH_S, np.empty(0, dtype=np.int64), np.empty((0, 4)))
