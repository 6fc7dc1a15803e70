"""The voltage of a pulse or a rest over the time since its edge, with honest limits to what is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from station.diagnosis.pulses.record import Floats

#: Neighbouring samples further apart than this ratio of times do not tell what was between them …
BRACKET_RATIO = 4.0
#: … unless the value hardly moved between them (share of the step).
BRACKET_CHANGE = 0.01
#: Samples within ± this share of the asked time are averaged by a straight line.
WINDOW_SHARE = 0.1


@dataclass(frozen=True)
class Curve:
    """Samples ``value`` at ``time_s`` (> 0, since the edge); ``reference`` is the value before the edge."""

    time_s: Floats
    value: Floats
    reference: float

    def at(self, x: float, *, end_s: float, early: float) -> float | None:
        """Value at ``x`` s after the edge; None when the samples cannot support it.

        ``end_s`` is the end of the pulse: later times are None. A time before the first sample is
        answered by extrapolation when the first sample comes no later than ``early`` × x.
        """
        t, value = self.time_s, self.value
        if t.size == 0:
            return None
        spacing = float(t[-1] - t[-2]) if t.size > 1 else 0.0
        last = float(t[-1])
        if x > end_s + 0.5 * spacing + 1e-9 or x - last > 0.02 * x + 1e-9:
            return None
        first = float(t[0])
        if x < first * 0.98:
            return self._before_first(x) if first <= early * x * (1.0 + 1e-6) else None
        lo = int(np.searchsorted(t, x * (1.0 - WINDOW_SHARE - 1e-6)))
        hi = int(np.searchsorted(t, x * (1.0 + WINDOW_SHARE + 1e-6), side="right"))
        if hi - lo >= 3:
            return line_at(t[lo:hi], value[lo:hi], x)
        b = int(np.searchsorted(t, x))
        if b == 0:
            return float(value[0])
        if b == t.size:
            return line_at(t[-2:], value[-2:], x) if t.size > 1 else float(value[-1])
        ta, tb, va, vb = float(t[b - 1]), float(t[b]), float(value[b - 1]), float(value[b])
        if tb - x <= 0.005 * x:
            return vb
        if x - ta <= 0.005 * x:
            return va
        if tb > BRACKET_RATIO * ta and abs(vb - va) > BRACKET_CHANGE * abs(va - self.reference):
            return None
        # Overpotentials grow with the root of time (diffusion) or slower: straighter over √t than over t.
        share = (np.sqrt(x) - np.sqrt(ta)) / (np.sqrt(tb) - np.sqrt(ta))
        return va + float(share) * (vb - va)

    def _before_first(self, x: float) -> float | None:
        """Short extrapolation to a time before the first sample, straight over the root of time.

        Measured pulses of retired LMO cells (first sample, 30, 50 and 70 ms) show it: the root line through
        the later samples meets the first one better than a line over time, which stays too high.
        """
        near = self.time_s <= 5.0 * self.time_s[0]
        if np.count_nonzero(near) < 3:
            return None
        root = np.sqrt(self.time_s[near])
        guess = line_at(root, self.value[near], float(np.sqrt(x)))
        moved, step = abs(guess - float(self.value[0])), abs(float(self.value[0]) - self.reference)
        return guess if moved <= 0.3 * step else None


def line_at(t: Floats, value: Floats, x: float) -> float:
    """Value at ``x`` of the least-squares straight line through the samples."""
    middle, mean = float(t.mean()), float(value.mean())
    away = t - middle
    spread = float(away @ away)
    if spread == 0.0:
        return mean
    return mean + float(away @ (value - mean)) / spread * (x - middle)


def slope(t: Floats, value: Floats) -> float:
    """Slope of the least-squares straight line through the samples, per s."""
    away = t - t.mean()
    return float(away @ (value - value.mean())) / float(away @ away)
