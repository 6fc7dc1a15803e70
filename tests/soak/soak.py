"""Runs the soak: hours of bench time on a whole simulated bench, its processes looked at on the way."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from scipy.stats import theilslopes

from station.engine.record.journal import read_journal
from tests.benchmarks.farm import CONTACT, Farm, write_profile
from tests.benchmarks.waiting import pause
from tests.soak.clock import offset_s
from tests.soak.watch import Growth, Look, growth, look

REST_S = 240.0
BLOCK = [
    {"step": "rest", "duration_s": REST_S},
    {"step": "pulse_pair", "current_C": 1.0, "duration_s": 10.0, "rest_s": 50.0},
]
BLOCK_S = REST_S + 120.0
LOOK_WITHIN_S = 0.001
"""Two clocks of different processes are compared no better than this on a busy computer (real time)."""


@dataclass(frozen=True)
class Soak:
    """What came of it. Times in bench seconds unless they say otherwise."""

    hours: float
    speed: float
    real_s: float
    processes: tuple[Growth, ...]
    drift_s: float
    samples: int
    skipped: int
    outcomes: tuple[str, ...]

    @property
    def drift_ppm(self) -> float:
        """Drift of the sample clock against simulated time, in parts per million."""
        return self.drift_s / (self.hours * 3600) * 1e6

    @property
    def resolution_s(self) -> float:
        """What a millisecond of real time amounts to in bench time: a shorter drift is not seen here."""
        return LOOK_WITHIN_S * self.speed


def soak(
    hours: float,
    *,
    speed: float = 100.0,
    channels: int = 2,
    sampling_Hz: float = 20.0,
    look_s: float = 1.0,
    tell: Callable[[str], None] = lambda _: None,
) -> Soak:
    """Run ``hours`` bench hours on each channel: long rests with a pair of pulses every few minutes."""
    blocks = max(math.ceil(hours * 3600 / BLOCK_S), 1)
    looks: dict[str, list[Look]] = defaultdict(list)
    offsets: list[tuple[float, float]] = []
    began = time.monotonic()
    with Farm(channels, speed=speed) as farm:
        profile = write_profile(farm.folder, "soak", [CONTACT, *BLOCK * blocks], sampling_Hz=sampling_Hz)
        runs = farm.start(profile)
        workers = farm.children("station.engine.worker")
        watched = {
            **{f"worker {number + 1}": worker for number, worker in enumerate(workers)},
            "service": farm.service,
            "guard": farm.children("station.safety.guard")[0],
        }
        while farm.in_states(runs, {"running"}):
            _look_at(watched, looks)
            offset = offset_s(farm.bench, farm.journal(runs[farm.channels[0]]), speed)
            if offset is not None:
                offsets.append((time.monotonic() - began, offset))
            shares = [farm.client.state()["channels"][channel]["progress"] or 0.0 for channel in runs]
            tell(f"{min(shares) * 100:.0f} %")
            pause(look_s)
        journals = farm.wait(runs, 60.0)
        ends = [_end(path) for path in journals.values()]
    return Soak(
        hours,
        speed,
        time.monotonic() - began,
        tuple(growth(name, seen) for name, seen in looks.items()),
        _drift_s(offsets),
        sum(end["samples"] for end in ends),
        sum(end["skipped"] for end in ends),
        tuple(end["outcome"] for end in ends),
    )


def _drift_s(offsets: list[tuple[float, float]]) -> float:
    """How far the offsets move in all, by the median of the slopes between any two of them."""
    times_s, values_s = zip(*offsets, strict=True)
    return float(theilslopes(values_s, times_s).slope) * (times_s[-1] - times_s[0])


def _look_at(watched: dict[str, psutil.Process], looks: dict[str, list[Look]]) -> None:
    for name, process in watched.items():
        try:
            looks[name].append(look(process))
        except psutil.NoSuchProcess:
            continue  # a worker that has just ended


def _end(path: Path) -> dict[str, Any]:
    journal = read_journal(path)
    (figures,) = [one["params"] for one in journal.events if one["code"] == "engine.sampling"] or [{}]
    return {
        "outcome": journal.end["outcome"] if journal.end else "none",
        "samples": figures.get("samples", len(journal.samples)),
        "skipped": figures.get("skipped", 0),
    }
