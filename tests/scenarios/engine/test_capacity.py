"""A capacity test on a simulated instrument: the cell of the simulation says how much really left it."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from simulators.bench import running
from simulators.config import BenchSimulation
from station.engine.base.job import parse_job
from station.engine.base.live import LiveWriter
from station.engine.base.stop import StopFlags
from station.engine.record.journal import Journal, read_journal
from station.engine.run import Ended, Run
from tests.scenarios.engine.harness import CELL, plan_of

SPEED = 150.0
UNTIL: dict[str, Any] = {
    "step": "constant_current_until", "direction": "charge", "current_C": 2.0, "cell_voltage_V": "charge_max",
    "duration_max_s": 7200, "charge_max_of_capacity": 1.2,
}  # fmt: skip
CYCLE: list[dict[str, Any]] = [
    {"step": "contact_check", "current_C": 0.1, "duration_s": 5.0, "rest_s": 60.0},
    UNTIL,
    {"step": "rest", "duration_s": 120},
    {**UNTIL, "direction": "discharge", "cell_voltage_V": "discharge_min"},
    {"step": "rest", "duration_s": 60},
]


class Stand:
    """One SM15K on loopback and an engine in this process; the instrument's own watchdog is the dead man."""

    def __init__(self, info: dict[str, Any], folder: Path) -> None:
        self.info, self.folder = info, folder

    def ask(self, op: str, **request: Any) -> dict[str, Any]:
        host, _, port = str(self.info["control"]).rpartition(":")
        with socket.create_connection((host, int(port)), timeout=20) as link:
            link.sendall(json.dumps({"op": op, "channel": "1", **request}).encode() + b"\n")
            with link.makefile("rb") as stream:
                answer: dict[str, Any] = json.loads(stream.readline())
        assert answer["ok"], answer
        return answer

    def run(self, stop: StopFlags | None = None, on_role: Any = None) -> Ended:
        title = {"zh": "试", "en": "test"}
        (port,) = (unit["port"] for unit in self.info["instruments"])
        channel = {
            "id": "1", "name": title, "level": "cell",
            "power": {"driver": "delta-sm15k", "address": f"tcp://127.0.0.1:{port}"},
            "limits": {"voltage_min_V": 1.9, "voltage_max_V": 4.3, "charge_current_max_A": 200,
                       "discharge_current_max_A": 200, "power_max_W": 1000},
        }  # fmt: skip
        bench = {
            "schema": "pulse-station/bench/1", "name": "capacity", "title": title, "channels": [channel],
            "calibration": "warn", "simulation": {"control": self.info["control"]},
        }  # fmt: skip
        job = {
            "run_id": "r1", "run_dir": str(self.folder), "bench": bench, "channel": "1", "speed": SPEED,
            "battery": {"code": "T1", "nominal_capacity_Ah": 20.0, "chemistry": "NMC", "level": "cell"},
            "plan": plan_of(CYCLE, timing="commanded", sampling_Hz=1.0), "guard": None,
        }  # fmt: skip
        self.ask("speed", value=SPEED)
        descriptor = os.open(os.devnull, os.O_WRONLY)
        live = LiveWriter(descriptor)
        run = Run(parse_job({"job": job}), live, stop or StopFlags(), speed=SPEED)
        if on_role is not None:
            told = run.on_segment

            def on_segment(segment: Any) -> None:
                told(segment)
                on_role(segment.role.value)

            run.on_segment = on_segment  # type: ignore[method-assign]
        try:
            return run.run()
        finally:
            live.close()
            os.close(descriptor)

    @property
    def journal(self) -> Journal:
        return read_journal(self.folder / "journal.jsonl")

    def ends(self) -> list[dict[str, Any]]:
        return [e for e in self.journal.events if e["code"].startswith("engine.end_voltage_")]


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    channel = {
        "id": "1",
        "battery": {**CELL, "soc": 0.9},
        "wiring": {},
        "instruments": [{"kind": "delta-sm15k"}],
    }
    settings = {"name": "capacity", "speed": SPEED, "channels": [channel]}
    with running(BenchSimulation.model_validate(settings)) as info:
        yield Stand(info, tmp_path / "run")


def test_full_and_empty(stand: Stand) -> None:
    ended = stand.run()
    assert (ended.outcome.outcome, ended.safe.verified) == ("completed", True), ended
    full, empty = stand.ends()
    assert full["params"]["ended_by"] == empty["params"]["ended_by"] == "voltage"
    assert (full["params"]["end_V"], empty["params"]["end_V"]) == (4.2, 2.7)
    # What was counted is what the cell itself says has left it.
    moved_Ah = full["params"]["moved_Ah"] - empty["params"]["moved_Ah"]
    assert stand.ask("truth")["charge_Ah"] == pytest.approx(moved_Ah, abs=0.02 * 20)


def test_a_stop_in_the_middle(stand: Stand) -> None:
    stop = StopFlags()
    ended = stand.run(stop, lambda role: stop.request("command") if role == "constant_current" else None)
    assert (ended.outcome.outcome, ended.safe.verified) == ("stopped", True)
    assert stand.ask("truth")["current_A"] == 0.0
    assert stand.ends() == []


def test_a_sentinel_ends_the_run_and_not_the_step(stand: Stand) -> None:
    def fail(role: str) -> None:
        if role == "constant_current":
            stand.ask("fault", instrument="delta-sm15k", name="sentinel_reading", value="9.9E+37")

    ended = stand.run(on_role=fail)
    assert ended.outcome.outcome == "limit_tripped", ended
    assert stand.ask("truth")["output_on"] == [False]
    assert stand.ends() == []
