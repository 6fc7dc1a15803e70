"""How lateness and processor time grow with the number of channels and with the rate."""

from __future__ import annotations

from station.ui.painting import Painting
from tests.benchmarks.farm import Farm
from tests.benchmarks.table import Row
from tests.benchmarks.timing import engine
from tests.benchmarks.waiting import pause

CASES = ((1, 10.0), (1, 100.0), (1, 1000.0), (2, 100.0), (4, 100.0), (8, 100.0), (16, 100.0))
WINDOW_S = 11.0


def rows() -> list[Row]:
    """One window on each bench."""
    result = []
    for channels, rate_Hz in CASES:
        with Farm(channels) as farm, Painting(seconds=300, channels=channels):
            pause(2.0)
            seen = engine(farm, rate_Hz, WINDOW_S)
        name = f"{channels} × {rate_Hz:g} Hz"
        result += [
            Row(f"{name}: late p50", seen.p50_ms, "ms", 0.2),
            Row(f"{name}: late p99", seen.p99_ms, "ms", 2.0),
            Row(f"{name}: worker, processor per sample", seen.worker_us, "µs", 1000.0),
            Row(f"{name}: simulator, processor per sample", seen.simulator_us, "µs", 1000.0),
        ]
    return result
