"""Short memories of samples: means over windows, the drift of a rested voltage."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from station.safety.sample import Sample


def mean_of(samples: Sequence[Sample]) -> tuple[float, float] | None:
    """Mean voltage and current of valid samples; None of nothing."""
    if not samples:
        return None
    count = len(samples)
    return sum(voltage_V(one) for one in samples) / count, sum(current_A(one) for one in samples) / count


def voltage_V(sample: Sample) -> float:
    """That of a valid sample, in V."""
    assert sample.voltage_V is not None
    return sample.voltage_V


def current_A(sample: Sample) -> float:
    """That of a valid sample, in A."""
    assert sample.current_A is not None
    return sample.current_A


class Recent:
    """The samples of the last ``span_s`` bench seconds."""

    def __init__(self, span_s: float) -> None:
        self._span_s = span_s
        self._samples: deque[Sample] = deque()

    def add(self, sample: Sample) -> None:
        """Take one valid sample."""
        self._samples.append(sample)
        while self._samples[0].t_s < sample.t_s - self._span_s:
            self._samples.popleft()

    def mean(self, start_s: float, end_s: float, from_s: float) -> tuple[float, float] | None:
        """Mean voltage and current of the samples inside the window, in V and A.

        Without any, as in a scan shorter than a sample period, that of the line between its neighbours; None
        where these do not both lie behind ``from_s`` (bench times).
        """
        near = self.since(from_s)
        inside = mean_of([m for m in near if start_s <= m.t_s <= end_s])
        if inside is not None:
            return inside
        before = next((m for m in reversed(near) if m.t_s < start_s), None)
        after = next((m for m in near if m.t_s > end_s), None)
        if before is None or after is None:
            return None
        part = ((start_s + end_s) / 2 - before.t_s) / (after.t_s - before.t_s)
        return (
            voltage_V(before) + part * (voltage_V(after) - voltage_V(before)),
            current_A(before) + part * (current_A(after) - current_A(before)),
        )

    def steady(self, start_s: float, within_A: float, within: float) -> bool:
        """True when all currents from ``start_s`` on lie within the larger of ``within_A`` and a fraction
        ``within`` of the largest; True of nothing."""
        currents_A = [current_A(one) for one in self.since(start_s)]
        if not currents_A:
            return True
        low_A, high_A = min(currents_A), max(currents_A)
        return high_A - low_A <= max(within_A, within * max(abs(low_A), abs(high_A)))

    def since(self, start_s: float) -> list[Sample]:
        """The samples from ``start_s`` on, oldest first."""
        # From the newest back: a window is mostly short and young, the memory ten thousand samples long.
        found = []
        for moment in reversed(self._samples):
            if moment.t_s < start_s:
                break
            found.append(moment)
        found.reverse()
        return found


class Drift:
    """Least-squares slope of a voltage over time, without keeping the points."""

    def __init__(self) -> None:
        self._origin_s: float | None = None
        self.count = 0
        self._t = self._v = self._tt = self._tv = 0.0
        self._last_s = 0.0

    def add(self, t_s: float, voltage_V: float) -> None:
        """Take one point."""
        if self._origin_s is None:
            self._origin_s, self._offset_V = t_s, voltage_V
        # Differences to the first point keep the sums well conditioned.
        t, v = t_s - self._origin_s, voltage_V - self._offset_V
        self.count += 1
        self._t += t
        self._v += v
        self._tt += t * t
        self._tv += t * v
        self._last_s = t

    @property
    def span_s(self) -> float:
        """Time from the first to the last point."""
        return self._last_s

    def slope_V_per_s(self) -> float | None:
        """The slope; None with fewer than three points."""
        if self.count < 3:
            return None
        spread = self.count * self._tt - self._t * self._t
        return (self.count * self._tv - self._t * self._v) / spread if spread > 0 else None
