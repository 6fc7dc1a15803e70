"""What still stops the current when the programs that should do it are dead: hold timer and watchdog."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.engine.harness import (
    CELL,
    LONG,
    SCANNED,
    Guard,
    Process,
    SimBench,
    ended,
    plan_of,
    start_worker,
    wait_until,
)
from tests.scenarios.engine.pair_bench import STEPS, PairBench

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs SIGSTOP and SIGKILL")
HOLD_S = 1.0
Act = Callable[[Process, Process], None]


def kill_both(guard: Process, worker: Process) -> None:
    guard.child.send_signal(signal.SIGKILL)
    worker.child.send_signal(signal.SIGKILL)


def hang_both(guard: Process, worker: Process) -> None:
    guard.child.send_signal(signal.SIGSTOP)
    worker.child.send_signal(signal.SIGSTOP)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PairBench]:
    bench = PairBench(tmp_path_factory.mktemp("pair"))
    yield bench
    bench.process.stop()


@pytest.mark.parametrize("act", [kill_both, hang_both])
def test_guard_and_worker_at_once(pair: PairBench, tmp_path: Path, act: Act) -> None:
    """The load has no watchdog: the relay board itself lets the contactor go."""
    pair.reset()
    guard = Guard(pair.bench(), tmp_path / "data")
    guard.wait_until_healthy()
    plan = plan_of(STEPS, capacity_Ah=10.0, timing="commanded")
    worker = start_worker(pair.bench(), guard, tmp_path / "r", plan, speed=10.0, capacity_Ah=10.0)
    try:
        worker.wait_for(lambda line: line.get("role") == "discharge_pulse" and line.get("progress", 0) > 0.3)
        wait_until(lambda: pair.truth()["current_A"] < -5, 5, "the load draws")
        since_s = time.monotonic()
        act(guard.process, worker)
        took_s = pair.zero_after_s(since_s)
        assert HOLD_S / 2 < took_s < HOLD_S + 0.2
        assert not pair.truth()["cutoff_closed"]
        # Nothing closes it again, also not a guard that wakes up.
        guard.process.child.send_signal(signal.SIGCONT)
        worker.child.send_signal(signal.SIGCONT)
        if act is hang_both:
            worker.wait_for(ended, 10)
            assert guard.status()["cutoffs"] == {"1": "open"}
        assert not pair.truth()["cutoff_closed"]
        assert pair.truth()["current_A"] == 0.0
    finally:
        worker.stop()
        guard.process.stop()


BARE: list[dict[str, Any]] = [
    {
        "id": "1",
        "battery": CELL,
        "instruments": [
            {"kind": "delta-sm15k"},
            {"kind": "keysight-34970a", "options": {"channels": SCANNED}},
        ],
    }
]
"""A channel without a contactor."""


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[SimBench]:
    sim = SimBench(tmp_path, speed=2.0, channels=BARE)
    yield sim
    sim.process.stop()


def test_the_watchdog_of_the_instrument(bare: SimBench, tmp_path: Path) -> None:
    """No guard, no cut-off: an SM15K turns its output off by itself once nobody feeds it."""
    bench = bare.bench(cutoff=None) | {"guard": None}
    worker = start_worker(bench, None, tmp_path / "r", plan_of(LONG, timing="commanded"), speed=2.0)
    try:
        armed = worker.wait_for(lambda line: line.get("code") == "engine.energised")["params"]
        assert (armed["watchdog_s"], armed["unwatched"], armed["cutoff"]) == (1.0, [], False)
        worker.wait_for(lambda line: line.get("role") == "charge_pulse")
        wait_until(lambda: bare.truth()["current_A"] > 10, 5, "the pulse begins")
        since_s = time.monotonic()
        worker.child.send_signal(signal.SIGSTOP)
        # Fed at half its time, so at the latest after one and at the soonest after half of it.
        assert 0.4 < bare.zero_after_s(since_s) < 1.1
        assert bare.truth()["output_on"] == [False]
        worker.child.send_signal(signal.SIGCONT)
        assert worker.wait_for(ended, 10)["safe"]["verified"]
    finally:
        worker.stop()
