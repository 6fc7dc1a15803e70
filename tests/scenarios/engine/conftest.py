"""One simulated bench and one guard for all scenarios of a module; every test starts from a healthy state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.engine.harness import Guard, Process, SimBench, start_worker


@pytest.fixture(scope="package")
def sim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimBench]:
    bench = SimBench(tmp_path_factory.mktemp("sim"))
    yield bench
    bench.process.stop()


@pytest.fixture(scope="package")
def shared_guard(sim: SimBench, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guard]:
    guard = Guard(sim.bench(), tmp_path_factory.mktemp("data"))
    yield guard
    guard.process.stop()


@pytest.fixture
def healthy(sim: SimBench, shared_guard: Guard) -> SimBench:
    sim.reset()
    shared_guard.wait_until_healthy()
    return sim


@pytest.fixture(scope="package")
def spare_sim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimBench]:
    """A second bench: one relay board belongs to one guard."""
    bench = SimBench(tmp_path_factory.mktemp("spare"))
    yield bench
    bench.process.stop()


@pytest.fixture
def spare(spare_sim: SimBench) -> SimBench:
    spare_sim.reset()
    return spare_sim


@pytest.fixture
def guard(healthy: SimBench, shared_guard: Guard) -> Guard:  # noqa: ARG001 - a healthy bench comes first
    shared_guard.forget()
    return shared_guard


@pytest.fixture
def own_guard(spare: SimBench, tmp_path: Path) -> Iterator[Guard]:
    guard = Guard(spare.bench(), tmp_path / "data")
    yield guard
    guard.process.stop()


@pytest.fixture
def worker(healthy: SimBench, tmp_path: Path) -> Iterator[Callable[..., Process]]:
    started: list[Process] = []

    def start(guard: Guard | None, plan: dict[str, Any], **options: Any) -> Process:
        bench = options.pop("bench", None) or healthy.bench()
        process = start_worker(bench, guard, tmp_path / "runs" / f"r{len(started)}", plan, **options)
        started.append(process)
        return process

    yield start
    for process in started:
        process.stop()
