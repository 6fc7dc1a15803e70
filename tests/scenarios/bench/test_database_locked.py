"""Another program holds the records database: nothing starts unrecorded, nothing that runs is disturbed."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from station.engine.record.journal import read_journal
from station.errors import RecordError
from station.records.database import BUSY_TIMEOUT_S
from station.service.client import ServiceClient
from tests.scenarios.bench.profiles import PULSES, write_profile
from tests.scenarios.bench.stand import Stand, ended, start, state_of, wait_until

pytestmark = pytest.mark.timeout(200)
SPEED = 10.0


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


@contextmanager
def locked(stand: Stand) -> Iterator[None]:
    """The write lock of the database is somebody else's."""
    other = sqlite3.connect(stand.data / "station.sqlite", timeout=20, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def flows(stand: Stand) -> bool:
    return bool(stand.truth()["current_A"] > 30.0)


def test_no_test_starts_that_cannot_be_recorded(stand: Stand, client: ServiceClient, tmp_path: Path) -> None:
    with locked(stand), pytest.raises(RecordError) as refused:
        start(client, write_profile(tmp_path, "pulses", PULSES))
    assert refused.value.code == "record.busy"
    assert refused.value.remedy
    stand.untouched()
    run_id = start(client, write_profile(tmp_path, "pulses", PULSES))
    assert ended(client, run_id, 100.0)["outcome"] == "completed"


def test_a_lock_in_the_pulse_disturbs_nothing(stand: Stand, client: ServiceClient, tmp_path: Path) -> None:
    run_id = start(client, write_profile(tmp_path, "pulses", PULSES))
    wait_until(lambda: flows(stand), "a pulse flows")
    with locked(stand):
        wait_until(lambda: not flows(stand), "the pulse ends")
    row = ended(client, run_id, 100.0)
    assert row["outcome"] == "completed", row["error"]
    assert row["verdict"] in ("pass", "fail", "quarantine", "no_verdict")
    assert stand.dead()


def test_a_lock_that_lasts_beyond_the_end_loses_neither_safety_nor_data(
    stand: Stand, client: ServiceClient, tmp_path: Path
) -> None:
    run_id = start(client, write_profile(tmp_path, "pulses", PULSES))
    wait_until(lambda: flows(stand), "a pulse flows")
    journal = stand.data / "runs" / run_id / "journal.jsonl"
    with locked(stand):
        wait_until(lambda: read_journal(journal).end is not None, "the test ends")
        wait_until(stand.dead, "no current, cut-off open")
        until = time.monotonic() + BUSY_TIMEOUT_S + 2.0
        wait_until(lambda: time.monotonic() > until, "longer than anybody waits for the lock")
    end = read_journal(journal).end
    assert end is not None
    assert end["outcome"] == "completed"
    row = ended(client, run_id, 100.0)
    assert row["outcome"] == "completed", row["error"]
