"""How late samples are: many channels of the whole station beside their simulators and a painting window."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from station.engine.measure.lateness import Histogram
from station.engine.record.journal import read_journal
from station.ui.painting import Painting
from tests.benchmarks.farm import CONTACT, Farm, power_port, use_during, write_profile
from tests.benchmarks.table import Row, percentile
from tests.benchmarks.waiting import pause

BARE_S = 8.0
WINDOW_S = 16.0
PULSES = [CONTACT, *[{"step": "pulse_pair", "current_C": 1.0, "duration_s": 1.0, "rest_s": 1.0}] * 60]


@dataclass(frozen=True)
class Bare:
    """What bare loops reached: lateness of all samples in ms, processor time per sample in µs."""

    late_ms: list[float]
    cpu_us: float


@dataclass(frozen=True)
class Engine:
    """What the station reached in the window in which all channels were running."""

    p50_ms: float
    p99_ms: float
    worst_p99_ms: float
    samples: int
    skipped: int
    unrecorded: int
    worker_us: float
    simulator_us: float


def bare_loops(farm: Farm, rate_Hz: float, seconds: float = BARE_S) -> Bare:
    """One bare loop per channel, at once; the first second is left out."""
    command = [sys.executable, "-m", "tests.benchmarks.bare_loop"]
    loops = [
        subprocess.Popen(
            [*command, str(power_port(farm.bench, channel)), str(rate_Hz), str(seconds)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for channel in farm.channels
    ]
    late_ms: list[float] = []
    cpu_us = []
    for loop in loops:
        answer = json.loads(loop.communicate()[0])
        late_ms += answer["late_ms"][int(rate_Hz) :]
        cpu_us.append(answer["cpu_us"])
    return Bare(late_ms, sum(cpu_us) / len(cpu_us))


def engine(farm: Farm, rate_Hz: float, seconds: float = WINDOW_S) -> Engine:
    """A pulse test on every channel at once."""
    profile = write_profile(farm.folder, f"timing-{rate_Hz:g}", PULSES, sampling_Hz=rate_Hz)
    runs = farm.start(profile)
    pause(2.0)
    start_unix_s = time.time()
    use = use_during(farm, seconds)
    end_unix_s = time.time()
    farm.client.stop_all()
    journals = farm.wait(runs)
    seen = [_window(journal, rate_Hz, start_unix_s, end_unix_s) for journal in journals.values()]
    farm.acknowledge()
    late = [pair for one in seen for pair in one.late]
    count = rate_Hz * seconds * len(runs)
    return Engine(
        _late_ms(late, 0.5),
        _late_ms(late, 0.99),
        max(_late_ms(one.late, 0.99) for one in seen),
        sum(count for _, count in late),
        sum(one.skipped for one in seen),
        sum(one.unrecorded for one in seen),
        use.worker_s / count * 1e6,
        use.simulator_s / count * 1e6,
    )


@dataclass(frozen=True)
class _Seen:
    late: list[list[int]]
    skipped: int
    unrecorded: int


def _window(path: Path, rate_Hz: float, start_unix_s: float, end_unix_s: float) -> _Seen:
    """The lateness of the whole stretches inside the window, and the gaps that nothing tells of."""
    journal = read_journal(path)
    times_s, unix_s = journal.column("t_s"), journal.column("unix_s")
    offset_s = float(unix_s[0] - times_s[0])
    inside = [
        one
        for one in journal.lateness
        if one["from_s"] + offset_s >= start_unix_s and one["t"] + offset_s <= end_unix_s
    ]
    late = [pair for one in inside for pair in one["late"]]
    told = [
        (one["params"]["from_s"], one["params"]["to_s"])
        for one in journal.events
        if one["code"] == "engine.samples_skipped"
    ]
    gap_s = 2.0 / rate_Hz + 1e-4
    unrecorded = sum(
        1
        for before_s, after_s in pairwise(float(t) for t in times_s)
        if after_s - before_s > gap_s
        and not any(first - 1e-3 <= before_s and after_s <= last + gap_s for first, last in told)
    )
    return _Seen(late, sum(one["skipped"] for one in inside), unrecorded)


def _late_ms(late: list[list[int]], share: float) -> float:
    histogram = Histogram()
    histogram.put_back(late)
    return histogram.at_share_s(share) * 1e3


def rows() -> list[Row]:
    """16 channels at 100 Hz and 4 at 1 kHz."""
    result = []
    for channels, rate_Hz in ((16, 100.0), (4, 1000.0)):
        with Farm(channels) as farm, Painting(seconds=600, channels=channels):
            pause(3.0)
            bare = bare_loops(farm, rate_Hz)
            figures = engine(farm, rate_Hz)
            bare.late_ms.extend(bare_loops(farm, rate_Hz).late_ms)
        result += rows_of(f"{channels} × {rate_Hz:g} Hz", bare, figures)
    return result


def rows_of(name: str, bare: Bare, figures: Engine) -> list[Row]:
    """The table's rows of one case."""
    base = "bare loops"
    skipped = figures.skipped / max(figures.samples + figures.skipped, 1) * 100
    return [
        Row(f"{name}: late p50", figures.p50_ms, "ms", 0.2, percentile(bare.late_ms, 0.5), base),
        Row(f"{name}: late p99", figures.p99_ms, "ms", 2.0, percentile(bare.late_ms, 0.99), base),
        Row(f"{name}: late p99, worst channel", figures.worst_p99_ms, "ms", 2.0),
        Row(f"{name}: deadlines skipped and recorded", skipped, "%", 1.0),
        Row(f"{name}: gaps without a record", figures.unrecorded, "", 0.0),
        Row(f"{name}: worker, processor per sample", figures.worker_us, "µs", 3.0, bare.cpu_us, base, True),
        Row(f"{name}: simulator, processor per sample", figures.simulator_us, "µs", 400.0),
    ]
