"""Worker, guard or both dead or hung in the middle of a discharge through a load without watchdog."""

from __future__ import annotations

import signal
import tempfile
import time
from pathlib import Path

from tests.benchmarks.table import Row, percentile
from tests.scenarios.engine.harness import Guard, Process, plan_of, start_worker, wait_until
from tests.scenarios.engine.pair_bench import STEPS, PairBench

ROUNDS = 20
SPEED = 10.0
CAPACITY_Ah = 10.0
EVENTS: dict[str, tuple[tuple[str, ...], signal.Signals, float]] = {
    "worker killed": (("worker",), signal.SIGKILL, 500.0),
    "worker hung": (("worker",), signal.SIGSTOP, 500.0),
    "guard killed": (("guard",), signal.SIGKILL, 500.0),
    "guard hung": (("guard",), signal.SIGSTOP, 1000.0),
    "both killed": (("guard", "worker"), signal.SIGKILL, 1200.0),
    "both hung": (("guard", "worker"), signal.SIGSTOP, 1200.0),
}
"""Who is hit by which signal, and the longest time in ms until nothing flows."""


def times_ms(bench: PairBench, folder: Path, who: tuple[str, ...], hit: signal.Signals) -> list[float]:
    """From the signal to the end of the true current, ``ROUNDS`` times."""
    times = []
    guard: Guard | None = None
    plan = plan_of(STEPS, capacity_Ah=CAPACITY_Ah, timing="commanded", sampling_Hz=100)
    for number in range(ROUNDS):
        bench.reset()
        if guard is None:
            guard = Guard(bench.bench(), folder / f"guard-{number}")
        guard.wait_until_healthy()
        run_dir = folder / f"run-{number}"
        worker = start_worker(bench.bench(), guard, run_dir, plan, speed=SPEED, capacity_Ah=CAPACITY_Ah)
        victims: dict[str, Process] = {"guard": guard.process, "worker": worker}
        try:
            worker.wait_for(lambda line: line.get("role") == "discharge_pulse")
            wait_until(lambda: bench.truth()["current_A"] < -5, 5, "the load draws")
            # Somewhere between two heartbeats and two renewals.
            time.sleep(0.013 * number)
            since_s = time.monotonic()
            for name in who:
                victims[name].child.send_signal(hit)
            times.append(bench.zero_after_s(since_s) * 1e3)
        finally:
            worker.stop()
            if "guard" in who:
                guard.process.stop()
                guard = None
    if guard is not None:
        guard.process.stop()
    return times


def rows() -> list[Row]:
    """Each event's median, 99th percentile and longest."""
    result = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bench = PairBench(folder, speed=SPEED)
        try:
            for event, (who, hit, target_ms) in EVENTS.items():
                (folder / event).mkdir()
                times = times_ms(bench, folder / event, who, hit)
                result += [
                    Row(
                        f"{event} → no current ({len(times)} times), p50",
                        percentile(times, 0.5),
                        "ms",
                        target_ms,
                    ),
                    Row(f"{event}, p99", percentile(times, 0.99), "ms", target_ms),
                    Row(f"{event}, longest", max(times), "ms", target_ms),
                ]
        finally:
            bench.process.stop()
    return result
