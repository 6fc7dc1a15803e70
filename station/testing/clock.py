"""The time of a bench under test."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from station.testing.bench import TestBench


class TestClock:
    """Bench time. On a simulated bench it is as fast as the tests want it; on hardware it is real time."""

    __test__ = False

    def __init__(self, bench: TestBench) -> None:
        self._bench = bench

    @property
    def accelerated(self) -> bool:
        """True where an hour of bench time does not take an hour."""
        return self._bench.simulated

    @property
    def speed(self) -> float:
        """Bench seconds per real second while nothing has to be done; 1 on hardware."""
        return self._bench.speed

    def now_s(self) -> float:
        """Seconds on the bench since it was started. Raises BenchError on hardware."""
        return float(str(self._bench.ask("info")["time_s"]))
