"""What the history page asks, each as a person would: the first page, and one from the middle."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from station.records import open_records
from tests.benchmarks.archive.fill import BATTERIES, RUNS, battery_code
from tests.benchmarks.table import Row, median

TARGET_MS = 200.0
ROUNDS = 5

PATTERNS: dict[str, dict[str, Any]] = {
    "newest page": {},
    "a page from the middle": {"before": RUNS // 2},
    "one battery": {"battery": battery_code(BATTERIES // 3)},
    "part of a code": {"battery": battery_code(BATTERIES // 2)[6:20].lower()},
    "part of a code that is not there": {"battery": "zz9zz"},
    "verdict and grade": {"verdict": "pass", "grade": "A"},
    "a week": {"since": "2024-03-01", "until": "2024-03-08"},
    "failed, a month": {"verdict": "fail", "since": "2024-03-01", "until": "2024-04-01"},
    "any text: a rare error code": {"text": "worker.died"},
    "outcome and channel": {"outcome": "limit_tripped", "channel": "3"},
}


def query_rows(folder: Path, url: str, name: str, count: int) -> list[Row]:
    """The median and the worst of each pattern, in ms."""
    found = []
    with open_records(folder, url=url) as records:
        for what, conditions in PATTERNS.items():
            taken = []
            for _ in range(ROUNDS):
                begun = time.perf_counter()
                records.search_runs(**conditions)
                taken.append((time.perf_counter() - begun) * 1e3)
            label = f"{count:,} runs, {name}: {what}"
            found.append(Row(label, median(taken), "ms", TARGET_MS))
    return found
