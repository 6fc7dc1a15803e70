"""A worker that hangs for good is ended by the guard; nothing else ever is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from station.safety import guard_server
from station.safety.hung_process import WORKER_MODULE, end_worker
from tests.station.safety.fakes import FakeRelay
from tests.station.safety.guard_rig import Client, Running, closed, until

SLEEP = "import time; time.sleep(60)"


@pytest.fixture
def worker() -> Iterator[subprocess.Popen[bytes]]:
    """A process that looks like a worker."""
    with subprocess.Popen([sys.executable, "-c", SLEEP, WORKER_MODULE]) as child:
        yield child
        child.kill()


def test_ends_a_worker(worker: subprocess.Popen[bytes]) -> None:
    until(lambda: end_worker(worker.pid))
    assert worker.wait(30) != 0
    assert end_worker(worker.pid) is False


def test_ends_nothing_but_a_worker() -> None:
    with subprocess.Popen([sys.executable, "-c", SLEEP]) as child:
        assert end_worker(child.pid) is False
        assert child.poll() is None
        child.kill()
    for pid in (0, 1, -5, os.getpid()):
        assert end_worker(pid) is False


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGSTOP")
def test_the_guard_ends_a_worker_that_does_not_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, worker: subprocess.Popen[bytes]
) -> None:
    monkeypatch.setattr(guard_server, "HUNG_S", 0.3)
    guard = Running(tmp_path, FakeRelay())
    hung = Client(guard, hello="worker", channel="1", pid=worker.pid)
    hung.beat()
    closed(hung, guard)
    until(lambda: WORKER_MODULE in psutil.Process(worker.pid).cmdline())
    worker.send_signal(signal.SIGSTOP)
    hung.fall_silent()
    took_s = until(lambda: worker.poll() is not None, 3.0)
    assert took_s > 0.3
    until(lambda: any(line["done"] for line in guard.log("ended worker")))
    assert not guard.relay.coil_states[0]
    hung.close()
    guard.stop()
