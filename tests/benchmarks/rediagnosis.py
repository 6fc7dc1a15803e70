"""An archive of 10,000 runs judged anew on all cores. ``STATION_BENCH_RUNS`` makes it smaller."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from station.rediagnosis.archive import rediagnose
from station.rediagnosis.job import Job, judge, judges_here
from station.rediagnosis.workers import Cores
from tests.benchmarks.table import Row

RUNS = int(os.environ.get("STATION_BENCH_RUNS", "10000"))
FILES = (("lfp20_rapid", 20.0), ("lfp35_rapid", 35.0))
_DATA = Path(__file__).parents[1] / "data" / "runs"


def rows() -> list[Row]:
    """The share of the processors' time that was used, and the time for the whole."""
    with tempfile.TemporaryDirectory() as place:
        given = _archive(Path(place))
        judges = judges_here()
        for job in given[:4]:
            judge(job)
        begun = time.process_time()
        few = given[: max(len(given) // 20, 1)]
        for job in few:
            judge(job)
        each_s = (time.process_time() - begun) / len(few)
        os.sync()  # the archive was only just written: that is no part of judging it
        begun = time.monotonic()
        before, busy_before_s = os.times(), _busy_s()
        answers = rediagnose(given, Cores(), Path(place) / "out", judges=judges)
        took = time.monotonic() - begun
        now, busy_s = os.times(), _busy_s() - busy_before_s
    assert len(answers) == len(given)
    cores = os.cpu_count() or 1
    used = sum(now[:4]) - sum(before[:4])
    others = max(busy_s - used, 0.0) / (took * cores)
    what = f"{len(given):,} runs judged anew on {cores} cores"
    return [
        Row(
            f"{what}: time",
            took,
            "s",
            600.0,
            each_s * len(given) / cores,
            "one process's time over the cores",
        ),
        Row(
            f"{what}: share of the cores left idle, of what others left",
            _idle(used, took * cores, others),
            "",
            0.1,
        ),
        Row(f"{what}: share of the cores that other programs took", others, "", 1.0),
    ]


def _idle(used: float, whole: float, others: float) -> float:
    """Time that another program took was not there to be used; a program of the idle class counts as well."""
    return max(1 - used / (whole * max(1 - others, 0.01)), 0.0)


def _busy_s() -> float:
    """Processor time of all programs of this computer so far."""
    times = psutil.cpu_times()
    idle = times.idle + getattr(times, "iowait", 0.0)
    # The host's share (steal) was not there either; guests are counted among user and nice already.
    return float(sum(times) - idle - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0))


def _archive(place: Path) -> list[Job]:
    """Every run has a file of its own, as in an archive; the same two recordings in turn."""
    collected: dict[str, Any] = {"intake": None, "inspection": None, "earlier": []}
    found = []
    for number in range(RUNS):
        name, capacity = FILES[number % len(FILES)]
        folder = place / "runs" / f"r{number}"
        folder.mkdir(parents=True)
        shutil.copy(_DATA / f"{name}.parquet", folder / "run.parquet")
        (folder / "journal.jsonl").touch()
        found.append(Job(folder.name, f"B{number}", str(folder), capacity, None, True, collected))
    return found
