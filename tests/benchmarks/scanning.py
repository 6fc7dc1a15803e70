"""Scan → first feedback on the screen, and start of the program → usable window, as the operator has them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

from tests.benchmarks.farm import Farm
from tests.benchmarks.table import Row, percentile
from tests.benchmarks.window import display
from tests.benchmarks.window_probe import BEGUN

STARTS, SCANS = 5, 40


def _probe(part: str, *arguments: str, on: str) -> list[float]:
    """Milliseconds told by ``window_probe`` in a process of its own."""
    environment = {**os.environ, "DISPLAY": on, "QT_QPA_PLATFORM": "xcb", BEGUN: repr(time.time())}
    command = [sys.executable, "-m", "tests.benchmarks.window_probe", part, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=120)
    told: list[float] = json.loads(done.stdout.splitlines()[-1])
    return told


def rows() -> list[Row]:
    """Both, on a display, the service of a bench with four channels already running."""
    with display() as on, Farm(4) as farm:
        assert farm.client
        place = ("--bench", str(farm.file), "--data", str(farm.folder / "data"))
        starts = [time for _ in range(STARTS) for time in _probe("start", *place, on=on)]
        serial = _probe("serial", str(SCANS), on=on)
        keyboard = _probe("keyboard", str(SCANS), on=on)
    return [
        Row("start of the program → window usable, p50", percentile(starts, 0.5) / 1e3, "s", 2.0),
        Row("start of the program → window usable, longest", max(starts) / 1e3, "s", 2.0),
        Row(f"serial scan → painted ({len(serial)} scans), p50", percentile(serial, 0.5), "ms", 100.0),
        Row(f"serial scan → painted ({len(serial)} scans), p99", percentile(serial, 0.99), "ms", 100.0),
        Row(f"keyboard scan → painted ({len(keyboard)} scans), p50", percentile(keyboard, 0.5), "ms", 100.0),
        Row(f"keyboard scan → painted ({len(keyboard)} scans), p99", percentile(keyboard, 0.99), "ms", 100.0),
    ]
