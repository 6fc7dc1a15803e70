"""A guard for the tests that speak with one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.station.safety.fakes import FakeRelay
from tests.station.safety.guard_rig import Client, Running


@pytest.fixture
def guard(tmp_path: Path) -> Iterator[Running]:
    running = Running(tmp_path, FakeRelay())
    yield running
    if running.thread.is_alive():
        running.relay.block.set()
        running.stop()


@pytest.fixture
def connect(guard: Running) -> Iterator[Callable[..., Client]]:
    clients: list[Client] = []

    def start(channel: str = "1") -> Client:
        client = Client(guard, hello="worker", channel=channel, pid=1)
        clients.append(client)
        client.beat()
        return client

    yield start
    for client in clients:
        client.close()
