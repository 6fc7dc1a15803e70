"""The clock as the engine sees it; ``station.bench.BenchClock`` is one, tests have another."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """Bench time in s; ``speed`` is bench seconds per real second."""

    @property
    def speed(self) -> float:
        """Bench seconds per real second."""
        ...

    def now_s(self) -> float:
        """Bench time."""
        ...

    def sleep_until(self, bench_s: float) -> None:
        """Sleep; returns at once when the time has passed."""
        ...
