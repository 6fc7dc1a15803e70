"""How late samples are at 100 Hz while the window paints: the engine beside a bare loop."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from station.bench import Bench, load_bench
from station.cli.run import run_test
from station.service.client import RunRequest
from station.simulation import SimulatedBench, with_free_ports, write_bench
from station.ui.painting import Painting
from tests.benchmarks.links import RawSocket
from tests.benchmarks.table import Row, percentile

RATE_HZ = 100.0
BARE_S = 10.0


def bare_loop_main(port: int) -> None:
    """The baseline, as a process of its own: ask V and I at absolute deadlines, nothing else."""
    link = RawSocket(port)
    late_ms = []
    next_s = time.perf_counter() + 0.1
    for _ in range(int(BARE_S * RATE_HZ)):
        time.sleep(max(next_s - time.perf_counter(), 0.0))
        late_ms.append((time.perf_counter() - next_s) * 1e3)
        link.query("MEAS:VOLT?")
        link.query("MEAS:CURR?")
        next_s += 1 / RATE_HZ
    link.close()
    print(json.dumps(late_ms))


def _bare(bench: Bench) -> list[float]:
    port = (bench.channel("1").power.address or "").rsplit(":", 1)[1]
    code = f"from tests.benchmarks.sampling import bare_loop_main; bare_loop_main({port})"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    late: list[float] = json.loads(done.stdout)
    return late


def _engine(bench_file: Path, folder: Path) -> dict[str, Any]:
    request = RunRequest("1", "screen", f"BENCHMARK-{os.getpid()}", 35.0)
    result = run_test(str(bench_file), folder, request, end_service=True)
    (figures,) = [event["params"] for event in result["events"] if event["code"] == "engine.sampling"]
    return dict(figures)


def rows() -> list[Row]:
    """One ``screen`` test in real time, and ten seconds of the bare loop, each beside a painting window."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        bench = with_free_ports(load_bench("demo"))
        write_bench(bench, folder / "bench.yaml")
        with SimulatedBench(bench):
            with Painting(seconds=BARE_S + 3):
                bare = _bare(bench)
            with Painting(seconds=40) as painting:
                figures = _engine(folder / "bench.yaml", folder)
                assert painting
    skipped = figures["skipped"] / max(figures["samples"], 1) * 100
    base = "bare loop, same instrument"
    return [
        Row(
            "100 Hz lateness p50, window painting",
            figures["late_p50_s"] * 1e3,
            "ms",
            0.2,
            percentile(bare, 0.5),
            base,
        ),
        Row(
            "100 Hz lateness p99, window painting",
            figures["late_p99_s"] * 1e3,
            "ms",
            2.0,
            percentile(bare, 0.99),
            base,
        ),
        Row("100 Hz deadlines skipped", skipped, "%", 0.1),
    ]
