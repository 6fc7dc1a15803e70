"""An adaptive step through the wire: the worker asks on its live line and is answered on its input."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from station.engine.record.journal import Journal, read_journal
from tests.scenarios.engine.harness import Guard, Process, SimBench, ended, plan_of, start_worker, wait_until

SPEED = 20.0
STEPS: list[dict[str, Any]] = [
    {"step": "contact_check", "current_C": 0.1, "duration_s": 2.0, "rest_s": 2.0},
    {
        "step": "adaptive", "goal": {"inside_grade": True}, "budget_s": 600.0, "charge_max_C": 1.0,
        "discharge_max_C": 1.0, "rest_factor": 1.0, "answer_timeout_s": 5.0,
    },
    {"step": "pulse_pair", "current_C": 0.3, "duration_s": 4.0, "rest_s": 4.0},
]  # fmt: skip


class Bench:
    """A simulated channel with its guard, and workers on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sim = SimBench(folder, speed=SPEED)
        self.guard = Guard(self.sim.bench(), folder / "data")
        self.started: list[Process] = []
        self.number = 0

    def start(self, *, resume: bool = False, **adaptive: Any) -> Process:
        if not resume:
            self.number += 1
            self.sim.reset(speed=SPEED)
            self.guard.wait_until_healthy()
        steps = [STEPS[0], {**STEPS[1], **adaptive}, STEPS[2]]
        self.started.append(
            start_worker(
                self.sim.bench(), self.guard, self.run_dir, plan_of(steps), speed=SPEED, resume=resume
            )
        )
        return self.started[-1]

    @property
    def run_dir(self) -> Path:
        return self.folder / "runs" / f"r{self.number}"

    @property
    def journal(self) -> Journal:
        return read_journal(self.run_dir / "journal.jsonl")

    def flow(self) -> dict[str, Any]:
        return self.sim.ask("flow", channel="1")

    def await_current(self, least_A: float) -> None:
        wait_until(lambda: bool(abs(self.flow()["current_A"]) > least_A), 20, "a pulse")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = Bench(tmp_path_factory.mktemp("adaptive"))
    yield made
    for process in [*made.started, made.guard.process, made.sim.process]:
        process.stop()


def question(worker: Process) -> dict[str, Any]:
    return worker.wait_for(lambda line: line.get("type") == "ask_next")


def pair(asked: dict[str, Any], current_A: float) -> dict[str, Any]:
    parts = [
        {"role": "charge_pulse", "current_A": current_A, "duration_s": 6.0},
        {"role": "rest", "current_A": 0.0, "duration_s": 6.0},
        {"role": "discharge_pulse", "current_A": -current_A, "duration_s": 6.0},
        {"role": "rest", "current_A": 0.0, "duration_s": 6.0},
    ]
    return {"command": "next", "round": asked["round"], "segments": parts, "advice": {"soh": 0.85}}


def enough(asked: dict[str, Any]) -> dict[str, Any]:
    return {"command": "enough", "round": asked["round"], "advice": {"reason": "adaptive.inside_grade"}}


def largest_A(journal: Journal, segment_role: str) -> float:
    roles = {segment["index"]: segment["role"] for segment in journal.segments}
    rows = [row for row in journal.samples if roles[row[5]] == segment_role]
    return max((abs(float(row[3])) for row in rows), default=0.0)


def test_rounds_are_played_and_a_cut_one_is_played_again(bench: Bench) -> None:
    worker = bench.start()
    asked = question(worker)
    assert asked["round"] == 1
    assert bench.flow()["current_A"] == 0.0
    assert asked["charge_max_A"] == pytest.approx(20.0)
    worker.say(pair(asked, 15.0))
    bench.await_current(10.0)
    worker.say({"command": "pause"})
    worker.wait_for(lambda line: line.get("type") == "state" and line["state"] == "paused")
    assert not any(bench.flow()["output_on"])
    worker.say({"command": "resume"})
    asked = question(worker)
    assert asked["round"] == 2
    worker.say(enough(asked))
    end = worker.wait_for(ended, 40)
    assert end["outcome"] == "completed", end
    assert end["safe"]["verified"]
    journal = bench.journal
    assert [row["answer"] for row in journal.rounds] == ["next", "enough"]
    (group,) = {segment["group"] for segment in journal.rounds[0]["segments"]}
    assert [(r["attempt"], r["ended"]) for r in journal.groups if r["group"] == group] == [
        (1, False), (2, False), (2, True),
    ]  # fmt: skip
    assert {span["reason"] for span in journal.voids} == {"pause", "contact_again"}
    assert largest_A(journal, "charge_pulse") == pytest.approx(15.0, abs=0.3)


def test_a_killed_worker_does_not_redo_what_ended_and_voids_what_was_cut(bench: Bench) -> None:
    worker = bench.start()
    worker.say(pair(question(worker), 15.0))
    worker.say(pair(question(worker), 18.0))
    bench.await_current(17.0)
    # A killed worker loses what it has not handed over in the last quarter second.
    wait_until(lambda: len(bench.journal.rounds) == 2, 5, "the second round is on disk")
    worker.child.send_signal(signal.SIGKILL)
    worker.child.wait(10)
    wait_until(lambda: not bench.flow()["cutoff_closed"], 5, "cut-off open")
    again = bench.start(resume=True)
    asked = question(again)
    assert asked["round"] == 3
    again.say(enough(asked))
    end = again.wait_for(ended, 40)
    assert end["outcome"] == "completed", end
    journal = bench.journal
    first, second = (row["segments"][0]["group"] for row in journal.rounds[:2])
    ends = [row["group"] for row in journal.groups if row["ended"]]
    assert ends.count(first) == 1
    assert second not in ends
    crash = next(span for span in journal.voids if span["reason"] == "crash")
    assert all(row[0] <= crash["to_s"] for row in journal.samples if abs(row[3]) > 17.0)


def test_a_wrong_answer_and_silence_end_the_step_at_zero_current(bench: Bench) -> None:
    worker = bench.start()
    worker.say(pair(question(worker), 21.0))
    refused = worker.wait_for(lambda line: line.get("code") == "adaptive.refused")
    assert "21 A" in refused["params"]["why"]
    assert worker.wait_for(ended, 40)["outcome"] == "completed"
    assert largest_A(bench.journal, "charge_pulse") == pytest.approx(6.0, abs=0.2)
    worker = bench.start(answer_timeout_s=1.0)
    question(worker)
    worker.wait_for(lambda line: line.get("code") == "adaptive.no_answer", 10)
    assert worker.wait_for(ended, 40)["outcome"] == "completed"
    journal = bench.journal
    assert journal.rounds[0]["answer"] == "silence"
    assert journal.rounds[0]["waited_s"] >= 0.9 * SPEED
    from_s, to_s = journal.rounds[0]["t"] - journal.rounds[0]["waited_s"], journal.rounds[0]["t"]
    waiting = [row for row in journal.samples if from_s < row[0] < to_s]
    assert len(waiting) > 50
    assert max(abs(row[3]) for row in waiting) < 0.2
