"""Pause and resume, and going on after a crash, through the wire on each kind of channel."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from station.engine.record.journal import Journal, read_journal
from tests.scenarios.engine.harness import Guard, Process, SimBench, ended, plan_of, start_worker, wait_until
from tests.scenarios.engine.pack_bench import PackBench
from tests.scenarios.engine.pair_bench import PairBench

Start = Callable[..., Process]
STEPS: list[dict[str, Any]] = [
    {"step": "contact_check", "current_C": 0.1, "duration_s": 4.0, "rest_s": 2.0},
    {"step": "pulse_pair", "current_C": 0.5, "duration_s": 20.0, "rest_s": 20.0},
]
MAKERS: dict[str, tuple[type[SimBench], float, float, str]] = {
    "sequenced": (SimBench, 10.0, 20.0, "sequenced"),
    "commanded": (SimBench, 10.0, 20.0, "commanded"),
    "pair": (PairBench, 10.0, 10.0, "best"),
    "pack": (PackBench, 5.0, 40.0, "best"),
}


class Bench:
    """One kind of channel with its guard, and workers on it."""

    def __init__(self, kind: str, folder: Path) -> None:
        make, self.speed, self.capacity_Ah, timing = MAKERS[kind]
        self.sim = make(folder, speed=self.speed)
        self.guard = Guard(self.sim.bench(), folder / "data")
        self.plan = plan_of(STEPS, capacity_Ah=self.capacity_Ah, timing=timing)
        self.run_dir = folder / "runs" / "r"
        self.started: list[Process] = []

    def start(self, **more: Any) -> Process:
        self.started.append(
            start_worker(
                self.sim.bench(), self.guard, self.run_dir, self.plan,
                speed=self.speed, capacity_Ah=self.capacity_Ah, **more,
            )
        )  # fmt: skip
        return self.started[-1]

    def flow(self) -> dict[str, Any]:
        return self.sim.ask("flow", channel="1")

    def await_pulse(self, current_A: float) -> None:
        def flows() -> bool:
            assert self.started[-1].child.poll() is None, self.started[-1].seen()
            return bool(abs(self.flow()["current_A"]) > current_A)

        wait_until(flows, 40, "a pulse")

    @property
    def journal(self) -> Journal:
        return read_journal(self.run_dir / "journal.jsonl")

    def close(self) -> None:
        for process in self.started:
            process.stop()
        self.guard.process.stop()
        self.sim.process.stop()


@pytest.fixture(params=list(MAKERS))
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(request.param, tmp_path)
    yield made
    made.close()


def state(wanted: str) -> Callable[[dict[str, Any]], bool]:
    return lambda line: line.get("type") == "state" and line["state"] == wanted


def is_off_and_open(bench: Bench) -> bool:
    flow = bench.flow()
    return flow["current_A"] == 0.0 and not any(flow["output_on"]) and not flow["cutoff_closed"]


def judged_A(journal: Journal) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The currents of all rows that are not void."""
    t, current = journal.column("t_s"), journal.column("current_A")
    keep = np.ones(t.size, dtype=bool)
    for span in journal.voids:
        keep &= (t < span["from_s"]) | (t > span["to_s"])
    return current[keep]


@pytest.mark.timeout(120)
def test_pause_is_off_and_open_and_resume_passes_the_checks_again(bench: Bench) -> None:
    worker = bench.start()
    pulse_A = 0.4 * bench.capacity_Ah
    bench.await_pulse(pulse_A)
    worker.say({"command": "pause"})
    worker.wait_for(state("paused"))
    assert is_off_and_open(bench), bench.flow()
    told = worker.wait_for(lambda line: line.get("code") == "run.paused")  # it follows the state
    assert told["params"]["verified"]
    # It stays so while it is watched on.
    seen = len(worker.lines)
    wait_until(lambda: sum(state("paused")(line) for line in worker.lines[seen:]) >= 3, 20, "three looks")
    assert is_off_and_open(bench)
    worker.say({"command": "resume"})
    worker.wait_for(state("running"))
    end = worker.wait_for(ended, 60)
    assert end["outcome"] == "completed", end
    journal = bench.journal
    codes = [event["code"] for event in journal.events]
    assert codes.index("run.paused") < codes.index("run.resuming") < codes.index("run.resumed")
    assert codes[codes.index("run.resumed") :].count("engine.contact") == 1
    current = judged_A(journal)
    assert current.max() > pulse_A
    assert current.min() < -pulse_A
    assert is_off_and_open(bench)


@pytest.mark.timeout(120)
def test_a_killed_run_goes_on_after_the_checks(bench: Bench) -> None:
    worker = bench.start()
    pulse_A = 0.4 * bench.capacity_Ah
    bench.await_pulse(pulse_A)
    worker.child.send_signal(signal.SIGKILL)
    wait_until(lambda: is_off_and_open(bench) or bench.flow()["current_A"] == 0.0, 5, "no current")
    worker.child.wait(10)
    assert bench.journal.end is None
    wait_until(lambda: not bench.flow()["cutoff_closed"], 5, "cut-off open")
    again = bench.start(resume=True)
    # Nothing is on before all checks have passed anew.
    end = again.wait_for(ended, 60)
    assert end["outcome"] == "completed", end
    told = [line["code"] for line in again.lines if line.get("type") == "event"]
    assert told.index("run.gap") < told.index("engine.energised")
    assert "engine.check" in told[: told.index("run.gap")]
    journal = bench.journal
    assert len(journal.gaps) == 1
    assert journal.gaps[0]["known"]
    t = journal.column("t_s")
    assert (np.diff(t) > 0).all()
    assert judged_A(journal).max() > pulse_A
    assert judged_A(journal).min() < -pulse_A
    assert is_off_and_open(bench)
