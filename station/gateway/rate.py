"""How often somebody may ask: a bucket that fills evenly, one for each token or address."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

MOST_KEPT: Final = 10_000
"""So many askers are remembered; the one that was quiet longest is forgotten first."""


class RateLimit:
    """``at_once`` calls, then ``per_minute``; ``tick`` gives seconds of a steady clock."""

    def __init__(self, per_minute: float, at_once: float, tick: Callable[[], float]) -> None:
        self._per_s, self._most, self._tick = per_minute / 60, at_once, tick
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, who: str) -> float:
        """Seconds until ``who`` may ask again: 0 when now."""
        left = self._left(who)
        return 0.0 if left >= 1 else (1 - left) / self._per_s

    def take(self, who: str) -> float:
        """Count one call where there is room. Returns 0, or the seconds to wait."""
        left = self._left(who)
        if left < 1:
            return (1 - left) / self._per_s
        self._buckets[who] = (left - 1, self._tick())
        self._buckets.move_to_end(who)
        while len(self._buckets) > MOST_KEPT:
            self._buckets.popitem(last=False)
        return 0.0

    def _left(self, who: str) -> float:
        left, since = self._buckets.get(who, (self._most, self._tick()))
        return min(self._most, left + (self._tick() - since) * self._per_s)
