"""How long ``station --help`` takes, as a whole process."""

from __future__ import annotations

import subprocess
import sys
import time

from tests.benchmarks.table import Row, median


def wall_s(arguments: list[str]) -> float:
    """Median wall time of seven runs after one warm-up, in s."""
    times = []
    for _ in range(8):
        started = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - started)
    return median(times[1:])


def rows() -> list[Row]:
    """The command against a bare interpreter."""
    bare = wall_s(["-c", "pass"])
    return [
        Row(
            "station --help", wall_s(["-m", "station.cli.main", "--help"]), "s", 0.5, bare, "bare interpreter"
        )
    ]
