"""A hanging service, a full disk and a jumping wall clock under the whole station.

The whole set of faults goes through the workers in the campaign; here the service and the guard have them.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pyarrow.parquet as pq
import pytest

from station.engine.record.journal import read_journal
from station.errors import RecordError
from station.service.client import ServiceClient
from tests.scenarios.bench.profiles import LONG, PULSES, write_profile
from tests.scenarios.bench.stand import Stand, ended, marking, start, state_of, wait_until

pytestmark = [
    pytest.mark.timeout(200),
    pytest.mark.skipif(sys.platform != "linux", reason="stops processes and limits their files"),
]
SPEED = 20.0
HOUR_S = 3600.0

MOVABLE_CLOCK = """
import os, pathlib, time
_file = pathlib.Path(os.environ["PULSE_STATION_CLOCK_SHIFT"])
_time, _time_ns = time.time, time.time_ns

def _shift_s():
    try:
        return float(_file.read_text())
    except (OSError, ValueError):
        return 0.0

time.time = lambda: _time() + _shift_s()
time.time_ns = lambda: _time_ns() + int(_shift_s() * 1e9)
"""
"""Read by Python when it starts: the wall clock of a process then jumps by what stands in a file."""


@pytest.fixture(scope="module")
def shift(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the jump of the wall clocks is written, in s; none at first."""
    return tmp_path_factory.mktemp("clock") / "shift"


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory, shift: Path) -> Iterator[Stand]:
    """A bench whose service, guard and workers have a wall clock that can be moved."""
    folder = tmp_path_factory.mktemp("bench")
    (shift.parent / "sitecustomize.py").write_text(MOVABLE_CLOCK, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch, marking(), Stand(folder, speed=SPEED) as stand:
        patch.setenv("PULSE_STATION_CLOCK_SHIFT", str(shift))
        patch.setenv("PYTHONPATH", str(shift.parent), prepend=":")
        yield stand
        stand.stop()


@pytest.fixture
def client(stand: Stand) -> Iterator[ServiceClient]:
    stand.heal(speed=SPEED)
    client = stand.client()
    wait_until(lambda: client.state()["guard"]["connected"], "the guard answers")
    stand.acknowledge_all(client)
    yield client
    client.stop_all()
    wait_until(lambda: state_of(client)["state"] in ("idle", "verdict", "fault"), "channel 1 ends")
    stand.acknowledge_all(client)


def flows(stand: Stand) -> bool:
    return bool(stand.truth()["current_A"] > 30.0)


@contextmanager
def hung(process: psutil.Process) -> Iterator[None]:
    """SIGSTOP; SIGCONT at the end, whatever happened."""
    process.suspend()
    try:
        yield
    finally:
        process.resume()


@contextmanager
def no_space(process: psutil.Process, size: int = 0) -> Iterator[None]:
    """No file of ``process`` can grow beyond ``size`` bytes."""
    before = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        if process.is_running():
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, before)


def complete(stand: Stand, run_id: str) -> None:
    """Every sample of the journal is in the run's file."""
    folder = stand.data / "runs" / run_id
    journal = read_journal(folder / "journal.jsonl")
    assert pq.read_table(folder / "run.parquet").num_rows == len(journal.samples) > 100


def works(stand: Stand, client: ServiceClient, tmp_path: Path) -> None:
    """The next test measures, and stops when it is told to."""
    run_id = start(client, write_profile(tmp_path, "pulses", PULSES))
    wait_until(lambda: flows(stand), "a pulse flows")
    client.stop("1")
    assert ended(client, run_id, 100.0)["outcome"] == "stopped"


def test_a_test_needs_no_service_to_end_safely(stand: Stand, client: ServiceClient, tmp_path: Path) -> None:
    """Nobody listens from the middle of a pulse on: the worker ends by itself, nothing is lost."""
    run_id = start(client, write_profile(tmp_path, "pulses", PULSES))
    wait_until(lambda: flows(stand), "a pulse flows")
    journal = stand.data / "runs" / run_id / "journal.jsonl"
    with hung(stand.service()):
        wait_until(lambda: read_journal(journal).end is not None, "the worker ends the test")
        wait_until(stand.dead, "no current, cut-off open")
    row = ended(client, run_id, 100.0)
    assert row["outcome"] == "completed", row["error"]
    assert row["verdict"] in ("pass", "fail", "quarantine", "no_verdict")
    complete(stand, run_id)


def test_a_full_disk_ends_the_test_safely_and_the_next_one_works(
    stand: Stand, client: ServiceClient, tmp_path: Path
) -> None:
    run_id = start(client, write_profile(tmp_path, "long", LONG))
    wait_until(lambda: flows(stand), "a pulse flows")
    journal = stand.data / "runs" / run_id / "journal.jsonl"
    with no_space(stand.worker("1"), journal.stat().st_size):
        wait_until(lambda: not flows(stand), "no current")
        wait_until(stand.dead, "no current, cut-off open")
    row = ended(client, run_id, 100.0)
    assert (row["outcome"], row["error"]["code"]) == ("record_failed", "data.journal_write"), row["error"]
    assert row["error"]["remedy"]
    assert row["verdict"] not in ("pass", "fail", "quarantine")
    stand.acknowledge_all(client)
    works(stand, client, tmp_path)


def test_no_test_starts_when_the_records_cannot_grow(
    stand: Stand, client: ServiceClient, tmp_path: Path
) -> None:
    with no_space(stand.service()), pytest.raises(RecordError) as refused:
        start(client, write_profile(tmp_path, "pulses", PULSES))
    assert refused.value.code == "record.unavailable"
    assert "space" in refused.value.remedy
    stand.untouched()
    works(stand, client, tmp_path)


def test_a_disk_that_is_full_at_the_end_is_waited_for(
    stand: Stand, client: ServiceClient, tmp_path: Path
) -> None:
    """The records cannot be written while the test ends: it is safe at once, and on record afterwards."""
    run_id = start(client, write_profile(tmp_path, "pulses", PULSES))
    wait_until(lambda: flows(stand), "a pulse flows")
    journal = stand.data / "runs" / run_id / "journal.jsonl"
    with no_space(stand.service()):
        wait_until(lambda: read_journal(journal).end is not None, "the worker ends the test")
        wait_until(stand.dead, "no current, cut-off open")
        until = time.monotonic() + 3.0
        wait_until(lambda: time.monotonic() > until, "the service has tried to write")
    row = ended(client, run_id, 100.0)
    assert row["outcome"] == "completed", row["error"]
    complete(stand, run_id)


@pytest.mark.parametrize("jump_s", [HOUR_S, -HOUR_S])
def test_a_jump_of_the_wall_clock_changes_no_test(
    stand: Stand, client: ServiceClient, tmp_path: Path, shift: Path, jump_s: float
) -> None:
    """Service, guard and worker see the clock jump in a pulse: the pulse keeps its length, nobody trips."""
    run_id = start(client, write_profile(tmp_path, "pulses", PULSES))
    wait_until(lambda: flows(stand), "a pulse flows")
    shift.write_text(str(jump_s))
    try:
        row = ended(client, run_id, 100.0)
        seen = client.run(run_id)["events"]
    finally:
        shift.write_text("0")
    assert row["outcome"] == "completed", row["error"]
    journal = read_journal(stand.data / "runs" / run_id / "journal.jsonl")
    first, *_, last = journal.column("t_s")
    assert 0 < last - first < 0.5 * HOUR_S  # the time of the samples has not jumped with it
    complete(stand, run_id)
    walls = [sample[1] for sample in journal.samples]
    assert abs((walls[-1] - walls[0]) - jump_s) < 0.1 * HOUR_S, "the jump did not reach the worker"
    assert seen
