"""One simulated Neware channel with its guard for all tests of this package's engine part."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.engine.harness import CELL, Guard, Process, SimBench, start_worker

SPEED = 20.0
INSTRUMENT = {"kind": "neware-bts8", "options": {"places": [{"devid": 21, "subdevid": 2, "chlid": 3}]}}


class NewareBench(SimBench):
    """The harness's bench with a Neware channel in the place of its source."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        channel = {
            "id": "1",
            "battery": CELL,
            "wiring": {"cutoff_coil": "k1", "feedback_input": "k1"},
            "instruments": [INSTRUMENT],
        }
        super().__init__(folder, speed=SPEED, channels=[channel])

    def bench(self, **channel: Any) -> dict[str, Any]:
        power = {
            "driver": "neware-bts8",
            "address": f"tcp://127.0.0.1:{self.port('neware-bts8')}",
            "expect": {"manufacturer": "NEWARE", "serial": "21-2-3"},
            "options": {
                "device": 21,
                "subdevice": 2,
                "channel": 3,
                "voltage_max_V": 5.0,
                "current_max_A": 100.0,
                "timeout_s": 1.0,
                "folder": str(self._folder / "steps"),
            },
        }
        return super().bench(**{"power": power, "sensors": [], **channel})

    def port(self, kind: str, channel: str = "1") -> int:
        # The harness writes its own source and scanner into the bench file first; both are replaced above.
        return super().port("neware-bts8", channel) if kind else 0


@pytest.fixture(scope="package")
def neware(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewareBench]:
    bench = NewareBench(tmp_path_factory.mktemp("neware"))
    yield bench
    bench.process.stop()


@pytest.fixture(scope="package")
def neware_guard(neware: NewareBench, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guard]:
    guard = Guard(neware.bench(), tmp_path_factory.mktemp("data"))
    yield guard
    guard.process.stop()


@pytest.fixture
def healthy(neware: NewareBench, neware_guard: Guard) -> NewareBench:
    neware.reset(speed=SPEED)
    neware_guard.wait_until_healthy()
    return neware


@pytest.fixture
def worker(healthy: NewareBench, neware_guard: Guard, tmp_path: Path) -> Iterator[Callable[..., Process]]:
    started: list[Process] = []

    def start(plan: dict[str, Any], **options: Any) -> Process:
        process = start_worker(
            healthy.bench(), neware_guard, tmp_path / f"r{len(started)}", plan, speed=SPEED, **options
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.stop()
