"""Test time against error, fixed protocols and the adaptive test: replays of cells the estimators never saw."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from station.models.training.learn import SEED
from station.models.training.simulate import simulate_policy
from tests.benchmarks.diagnosis import plot
from tests.benchmarks.diagnosis.place import PAGE, TABLE

STARTS_SEED = 1


def measure(cache: Path | None) -> dict[str, Any]:
    """Figures of ``station learn --simulate-policy``; writes the plots beside the page."""
    found = simulate_policy(TABLE, STARTS_SEED, SEED, cache)
    folder = PAGE.parent / "pictures"
    for name, entry in found["types"].items():
        (folder / plot.file_name(name)).write_text(plot.of_type(name, entry), encoding="utf-8")
    return found
