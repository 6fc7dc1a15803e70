"""Two channels at one scanner that accepts a single client: real workers, a real guard, one wire."""

from __future__ import annotations

import copy
import json
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from station.bench import Bench, load_bench
from station.engine.record.journal import read_journal
from station.simulation import simulation_config, with_free_ports
from tests.scenarios.engine.harness import Guard, Process, SimBench, ended, plan_of, start_worker

SPEED = 8.0
STEPS = [
    {"step": "contact_check", "current_C": 0.1, "duration_s": 5.0, "rest_s": 2.0},
    {"step": "pulse_pair", "current_C": 1.0, "duration_s": 4.0, "rest_s": 6.0},
]
SOC = {"1": 0.35, "2": 0.75}
"""Far enough apart that another channel's voltage would be noticed at once."""


def battery(channel: str) -> dict[str, Any]:
    return {
        "kind": "model", "chemistry": "NMC", "nominal_capacity_Ah": 20.0, "soh": 0.9, "soc": SOC[channel],
    }  # fmt: skip


def two_channels() -> Bench:
    """The demo bench's first channel twice, its scanner shared: other inputs, the ambient one in common."""
    data = load_bench("demo").model_dump(mode="json", by_alias=True)
    one = next(channel for channel in data["channels"] if channel["id"] == "1")
    two = copy.deepcopy(one)
    two |= {"id": "2", "cutoff": {"coil": 1, "feedback_input": 3}}
    two["power"]["address"] = "tcp://127.0.0.1:18463"
    two["sensors"][0]["address"] = "tcp://localhost:18501"  # the same socket, written in another way
    for item, number in zip(two["sensors"][0]["inputs"], (201, 102, 211), strict=True):
        item["number"] = number
    data |= {"name": "scenario", "channels": [one, two]}
    data["simulation"] |= {"batteries": {channel: battery(channel) for channel in SOC}}
    return with_free_ports(Bench.model_validate(data))


class TwoChannels(SimBench):
    """``python -m simulators`` with both, and a scanner that refuses a second client."""

    def __init__(self, folder: Path) -> None:
        self._bench = two_channels()
        config = simulation_config(self._bench, speed=SPEED)
        scanners = [
            item for c in config["channels"] for item in c["instruments"] if item["kind"] == "keysight-34970a"
        ]
        assert len(scanners) == 1
        scanners[0]["options"]["max_clients"] = 1
        file = folder / "sim.json"
        file.write_text(json.dumps(config))
        self.process = Process(["simulators", "--config", str(file), "--until-stdin-closes"])
        self.info = self.process.wait_for(lambda line: "ready" in line)

    def bench(self, **channel: Any) -> dict[str, Any]:
        data: dict[str, Any] = self._bench.model_dump(mode="json", by_alias=True)
        data["channels"][0] |= channel
        return data


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoChannels]:
    bench = TwoChannels(tmp_path_factory.mktemp("two"))
    yield bench
    bench.process.stop()


@pytest.fixture(scope="module")
def two_guard(two: TwoChannels, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guard]:
    guard = Guard(two.bench(), tmp_path_factory.mktemp("data"))
    yield guard
    guard.process.stop()


def start(two: TwoChannels, guard: Guard, folder: Path, channel: str) -> Process:
    return start_worker(two.bench(), guard, folder / channel, plan_of(STEPS), speed=SPEED, channel=channel)


def test_each_channel_reads_its_own_inputs(two: TwoChannels, two_guard: Guard, tmp_path: Path) -> None:
    two_guard.wait_until_healthy()
    workers = {channel: start(two, two_guard, tmp_path, channel) for channel in SOC}
    try:
        for channel, worker in workers.items():
            end = worker.wait_for(ended, 30)
            assert (end["outcome"], end["exit_code"]) == ("completed", 0), (channel, end)
    finally:
        for worker in workers.values():
            worker.stop()
    seen = {}
    for channel in SOC:
        journal = read_journal(tmp_path / channel / "journal.jsonl")
        assert journal.end is not None
        seen[channel] = journal.samples[0][2]
    assert seen["2"] - seen["1"] > 0.1


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGSTOP and SIGKILL")
@pytest.mark.parametrize("hit", ["SIGKILL", "SIGSTOP"])
def test_a_neighbour_that_dies_or_hangs(two: TwoChannels, two_guard: Guard, tmp_path: Path, hit: str) -> None:
    """It may have been in its turn; the other channel goes on, or ends safely because its values grow old."""
    two_guard.wait_until_healthy()
    one, other = (start(two, two_guard, tmp_path, channel) for channel in SOC)
    try:
        one.wait_for(lambda line: line.get("role") == "contact_pulse")
        one.child.send_signal(getattr(signal, hit))
        end = other.wait_for(ended, 40)
        assert end["safe"]["verified"]
        allowed = {("completed", 0)} if hit == "SIGKILL" else {("completed", 0), ("limit_tripped", 5)}
        assert (end["outcome"], end["exit_code"]) in allowed, end
        assert two.ask("flow", channel="1")["current_A"] == 0.0
    finally:
        one.stop()
        other.stop()
    two_guard.wait_until_healthy()
    again = start(two, two_guard, tmp_path / "again", "2")
    try:
        assert again.wait_for(ended, 30)["outcome"] == "completed"
    finally:
        again.stop()
