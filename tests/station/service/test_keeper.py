"""Writes that must not be lost: in order, from memory, whatever holds the database."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from station.errors import RecordError
from station.records import DATABASE_NAME, database, open_records
from station.service.keeper import Keeper
from station.service.run import run_to_end
from tests.station.service import fakes
from tests.station.service.running import channel_in, request, running_service, until


@contextmanager
def locked(data: Path) -> Iterator[None]:
    """Another program holds the database's write lock."""
    with closing(sqlite3.connect(data / DATABASE_NAME, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")


@pytest.fixture(autouse=True)
def no_long_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_S", 0.1)


async def _until(question: Any) -> None:
    for _ in range(2000):
        if question():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("did not happen")


def test_what_waits_is_written_in_order_with_its_own_time(tmp_path: Path) -> None:
    told: list[tuple[str, dict[str, Any]]] = []

    async def scene() -> None:
        with open_records(tmp_path) as records:
            keeper = Keeper(records, lambda code, _level, params: told.append((code, params)), retry_s=0.01)
            with locked(tmp_path):
                begin = asyncio.get_running_loop().time()
                for number in range(5):
                    keeper.event("a.b", {"n": number})
                asked = asyncio.create_task(keeper.do(records.add_event, "a.c"))
                assert asyncio.get_running_loop().time() - begin < 0.05, "nobody waits"
                await _until(lambda: keeper.waiting is not None)
                assert not asked.done()
            row = await asked
            assert row["code"] == "a.c"
            assert await keeper.close(5.0) == 0
            events = records.events()
            assert [event["params"].get("n") for event in events] == [0, 1, 2, 3, 4, None]
            assert events[0]["t_utc"] < events[-1]["t_utc"]
            records.verify_chain()

    asyncio.run(scene())
    assert [code for code, _ in told] == ["record.waiting", "record.written"]
    assert told[0][1]["code"] == "record.busy"


def test_too_much_is_lost_oldest_first_and_told(tmp_path: Path) -> None:
    async def scene() -> list[dict[str, Any]]:
        with open_records(tmp_path) as records:
            keeper = Keeper(records, lambda *_: None, retry_s=0.01, capacity=4)
            with locked(tmp_path):
                for number in range(10):
                    keeper.event("a.b", {"n": number})
                    await asyncio.sleep(0)
            await keeper.close(5.0)
            return records.events()

    events = asyncio.run(scene())
    kept = [event["params"]["n"] for event in events if event["code"] == "a.b"]
    assert kept == [0, 7, 8, 9]
    assert [event["params"] for event in events if event["code"] == "record.lost"] == [{"count": 6}]


def test_what_is_refused_for_good_does_not_hold_up_the_rest(tmp_path: Path) -> None:
    told: list[str] = []

    async def scene() -> None:
        with open_records(tmp_path) as records:
            keeper = Keeper(records, lambda code, *_: told.append(code), retry_s=0.01)
            keeper.event("a.b", {"value": float("nan")})
            with pytest.raises(RecordError):
                await keeper.do(records.add_event, "a.b", {"value": float("nan")})
            keeper.event("a.c", {})
            await keeper.close(5.0)
            assert [event["code"] for event in records.events()] == ["a.c", "record.lost"]

    asyncio.run(scene())
    assert told == ["record.lost"]


def test_a_full_disk_is_waited_for(tmp_path: Path) -> None:
    room = threading.Event()

    async def scene() -> int:
        with open_records(tmp_path) as records:
            keeper = Keeper(records, lambda *_: None, retry_s=0.01)

            def write() -> int:
                if not room.is_set():
                    raise RecordError("no space left on device", code="record.unavailable")
                return 7

            asked = asyncio.create_task(keeper.do(write))
            await _until(lambda: keeper.waiting is not None)
            room.set()
            return await asked

    assert asyncio.run(scene()) == 7


def test_a_locked_database_neither_ends_nor_falsifies_a_running_test(tmp_path: Path) -> None:
    with running_service(fakes.config(tmp_path)) as client:
        run_id = client.start_run(request("SLOW-LOCK"))
        channel_in(client, "1", "running")
        with locked(tmp_path):
            client.pause("1")
            channel_in(client, "1", "paused")
            client.resume("1")
            channel_in(client, "1", "running")
            client.stop("1")  # no stop waits for the records
            channel_in(client, "1", "analysis")
            until(lambda: client.state()["service"]["records_wait"])
            assert client.run(run_id)["state"] == "running", "nothing is made up"
        tile = channel_in(client, "1", "verdict")
        assert (tile["verdict"], tile["fault"]) == ("no_verdict", None)
        row = until(lambda: (r := client.run(run_id))["state"] == "ended" and r)
        assert row["outcome"] == "stopped"
        codes = [event["code"] for event in row["events"]]
        wanted = ["run.started", "operator.pause", "operator.resume", "operator.stop", "run.ended"]
        assert [code for code in codes if code in wanted] == wanted
        assert client.state()["service"]["records_wait"] is None
        client.acknowledge("1")
        assert run_to_end(client, request("GOOD-1"))["exit_code"] == 0
    with open_records(tmp_path) as records:
        records.verify()


def test_a_good_test_whose_end_could_not_be_recorded_is_judged_at_the_next_start(tmp_path: Path) -> None:
    with running_service(fakes.config(tmp_path)) as client:
        run_id = client.start_run(request("GOOD-LATE"))
        # The database stays locked over the end of the test and of the service.
        channel_in(client, "1", "verdict")
    with open_records(tmp_path) as records:
        records.update_run(run_id, state="running", outcome=None, verdict=None, worker_pid=None)
    with running_service(fakes.config(tmp_path)) as client:
        row = until(lambda: (r := client.run(run_id))["state"] == "ended" and r)
        assert (row["verdict"], row["error"]) == ("pass", None), "the journal holds its own end"
        assert client.state()["channels"]["1"]["state"] == "idle"
