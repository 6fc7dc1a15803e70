"""Compares the time in a running journal with the simulated time of the bench."""

from __future__ import annotations

import json
import time
from pathlib import Path

from station.bench import Bench, ask_simulation

TAIL = 16_384


def offset_s(bench: Bench, journal: Path, speed: float) -> float | None:
    """Simulated time less the time of the journal's samples at this moment, in bench s; None without any.

    Both count from an origin of their own: what matters is whether the difference moves.
    """
    sample = _last_sample(journal)
    if sample is None:
        return None
    asked = time.time()
    simulated_s = float(str(ask_simulation(bench, {"op": "info"})["time_s"]))
    now_unix_s = (asked + time.time()) / 2
    t_s, unix_s = sample
    return simulated_s - (t_s + (now_unix_s - unix_s) * speed)


def _last_sample(journal: Path) -> tuple[float, float] | None:
    with journal.open("rb") as stream:
        stream.seek(max(journal.stat().st_size - TAIL, 0))
        lines = stream.read().split(b"\n")
    for line in reversed(lines[1:-1]):
        if line.startswith(b'["s"'):
            row = json.loads(line)
            return float(row[1]), float(row[2])
    return None
