"""How well the sampling keeps its deadlines, in memory that does not grow with the run."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

FINEST_S = 1e-6
PER_OCTAVE = 16
BINS = 30 * PER_OCTAVE
"""From 1 µs to 1,000 s in steps of 4.4 %."""
SPAN_S = 5.0
AT_ONCE = 32
"""Times counted together: one by one they cost several times as much."""
CALM_S = 1.0


@dataclass(frozen=True)
class Missed:
    """Deadlines that passed without a sample between two bench times."""

    from_s: float
    to_s: float
    skipped: int
    longest_s: float
    """The longest time without a sample among them."""


class Histogram:
    """Times in bins of equal ratio; a share is told by the upper edge of its bin."""

    def __init__(self) -> None:
        self._counts = array("Q", bytes(8 * BINS))
        self.count = 0
        self.greatest_s = 0.0

    def add(self, *times_s: float) -> None:
        """Count times, in s."""
        counts = self._counts
        for time_s in times_s:
            place = int(math.log2(time_s / FINEST_S) * PER_OCTAVE) if time_s > FINEST_S else 0
            counts[place if place < BINS else BINS - 1] += 1
        self.count += len(times_s)
        self.greatest_s = max(self.greatest_s, *times_s)

    def include(self, other: Histogram) -> None:
        """Add all that ``other`` has counted."""
        for place, count in enumerate(other._counts):
            if count:
                self._counts[place] += count
        self.count += other.count
        self.greatest_s = max(self.greatest_s, other.greatest_s)

    def put_back(self, pairs: Iterable[Sequence[int]]) -> None:
        """Add what ``as_pairs`` has told."""
        for place, count in pairs:
            self._counts[place] += count
            self.count += count
            self.greatest_s = max(self.greatest_s, _edge_s(place))

    def at_share_s(self, share: float) -> float:
        """The time that ``share`` (0–1) of all do not exceed, at most 4.4 % too large; 0 without any."""
        wanted = min(int(share * self.count) + 1, self.count)
        passed = 0
        for place, count in enumerate(self._counts):
            passed += count
            if passed >= wanted > 0:
                return min(_edge_s(place), self.greatest_s)
        return 0.0

    def as_pairs(self) -> list[list[int]]:
        """``[bin, count]`` of the bins in use, for the journal."""
        return [[place, count] for place, count in enumerate(self._counts) if count]


def _edge_s(place: int) -> float:
    """The upper edge of a bin."""
    return float(FINEST_S * 2 ** ((place + 1) / PER_OCTAVE))


class Lateness:
    """Counts samples and skipped deadlines; ``on_missed`` tells of each stretch in which some were skipped,
    or in which a sample came so late that two periods passed without one, although none was skipped.

    All times are bench seconds. Skips less than a second apart are one stretch, of five seconds at most.
    ``on_span`` gets the histogram of each five seconds.
    """

    def __init__(
        self,
        on_missed: Callable[[Missed], None] = lambda _: None,
        on_span: Callable[[float, float, Histogram, int], None] = lambda *_: None,
        *,
        period_s: float = math.inf,
    ) -> None:
        self._long_s = 2.0 * period_s
        self._on_missed, self._on_span = on_missed, on_span
        self._late, self._span = Histogram(), Histogram()
        self._span_from_s: float | None = None
        self._span_skipped = 0
        self._begun_s: list[float] = []
        self._missed: Missed | None = None
        self.samples = self.skipped = 0
        self.first_s = self.last_s = 0.0

    def began(self, late_s: float) -> None:
        """A sample is begun, so much after its deadline."""
        self._begun_s.append(late_s)
        if len(self._begun_s) >= AT_ONCE:
            self._count()

    def took(self, t_s: float) -> None:
        """That sample is there; it counts from ``t_s``."""
        self.samples += 1
        if self.samples == 1:
            self.first_s = t_s
        elif t_s - self.last_s > self._long_s:
            self._miss(0, t_s)
        self.last_s = t_s
        if self._span_from_s is None:
            self._span_from_s = t_s
        elif t_s - self._span_from_s >= SPAN_S:
            self._end_span(t_s)
        if self._missed is not None and t_s - self._missed.to_s >= CALM_S:
            self._end_missed()

    def skip(self, count: int, now_s: float) -> None:
        """``count`` deadlines have passed; the newest sample is the one before."""
        self.skipped += count
        self._span_skipped += count
        self._miss(count, now_s)

    def interrupted(self, now_s: float) -> None:
        """No samples were asked for until ``now_s``."""
        self.last_s = now_s

    def _miss(self, count: int, now_s: float) -> None:
        since_s = self.last_s if self.samples else now_s
        old = self._missed
        if old is None:
            self._missed = Missed(since_s, now_s, count, now_s - since_s)
        else:
            longest_s = max(old.longest_s, now_s - since_s)
            self._missed = Missed(old.from_s, now_s, old.skipped + count, longest_s)
            if now_s - old.from_s >= SPAN_S:
                self._end_missed()

    def end(self) -> None:
        """Tell what is still open."""
        self._end_missed()
        self._count()
        if self._span.count:
            self._end_span(self.last_s)

    def _count(self) -> None:
        if self._begun_s:
            self._span.add(*self._begun_s)
            self._begun_s.clear()

    def as_params(self, asked_Hz: float) -> dict[str, float]:
        """For the journal."""
        self._count()
        late = Histogram()
        late.include(self._late)
        late.include(self._span)
        span_s = self.last_s - self.first_s
        return {
            "asked_Hz": asked_Hz,
            "achieved_Hz": round((self.samples - 1) / span_s, 2) if span_s > 0 else 0.0,
            "samples": self.samples,
            "skipped": self.skipped,
            "late_p50_s": round(late.at_share_s(0.5), 6),
            "late_p99_s": round(late.at_share_s(0.99), 6),
            "late_max_s": round(late.greatest_s, 6),
        }

    def _end_missed(self) -> None:
        missed, self._missed = self._missed, None
        if missed is not None:
            self._on_missed(missed)

    def _end_span(self, now_s: float) -> None:
        self._count()
        self._late.include(self._span)
        if self._span_from_s is not None:
            self._on_span(self._span_from_s, now_s, self._span, self._span_skipped)
        self._span, self._span_skipped, self._span_from_s = Histogram(), 0, now_s
