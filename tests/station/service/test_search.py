"""Runs and events are found, page by page; the chain's mark says where it breaks."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from station.errors import UsageError
from station.records import DATABASE_NAME, open_records
from station.service.client import ServiceClient
from tests.station.service import fakes
from tests.station.service.recorded import ENGINEER, filled, people
from tests.station.service.running import running_service


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("search")
    filled(data)
    return data


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[ServiceClient]:
    with running_service(fakes.config(folder)) as served:
        served.login(name=ENGINEER[0], pin=ENGINEER[1])
        yield served


def found(client: ServiceClient, **conditions: Any) -> str:
    """The numbers at the ends of the run ids found."""
    return "".join(row["run_id"][-1] for row in client.get("/api/history", **conditions)["runs"])


@pytest.mark.parametrize(
    ("conditions", "numbers"),
    [
        ({}, "4321"),
        ({"battery": "1jd1a"}, "421"),
        ({"battery": "0018"}, "2"),
        ({"battery": "%"}, ""),
        ({"channel": "1"}, "41"),
        ({"profile": "screen"}, "4"),
        ({"text": "VOLTAGE_MAX"}, "4"),
        ({"text": "voltageXmax"}, ""),
        ({"outcome": "limit_tripped", "battery": "0017"}, "4"),
        ({"since": "2099-01-01"}, ""),
        ({"until": "2020-01-01"}, ""),
    ],
)
def test_runs_are_found(client: ServiceClient, conditions: dict[str, Any], numbers: str) -> None:
    assert found(client, **conditions) == numbers


def test_pages_meet_without_gap(client: ServiceClient) -> None:
    first = client.get("/api/history", limit=3)
    assert (first["count"], first["more"], first["next"]) == (4, False, 2)
    rest = client.get("/api/history", limit=3, before=first["next"])
    assert [row["run_id"][-1] for row in first["runs"] + rest["runs"]] == list("4321")
    assert rest["next"] is None


def test_what_is_no_search_is_refused(client: ServiceClient) -> None:
    for path, query in (
        ("/api/history", {"since": "yesterday"}),
        ("/api/history", {"limit": 0}),
        ("/api/history/compare", {"run": ["x"] * 9}),
    ):
        with pytest.raises(UsageError):
            client.get(path, **query)


def test_runs_side_by_side_come_in_the_order_asked(client: ServiceClient) -> None:
    ids = [row["run_id"] for row in client.get("/api/history", profile="rapid")["runs"]]
    rows = client.get("/api/history/compare", run=ids[::-1])["runs"]
    assert [row["run_id"] for row in rows] == ids[::-1]
    assert [row["result"]["verdict"] for row in rows] == ["pass", "pass", "no_verdict"]
    assert "worker_pid" not in rows[0]


@pytest.mark.parametrize(
    ("conditions", "codes"),
    [
        ({"code": "safety."}, {"safety.voltage_max"}),
        ({"level": "alarm"}, {"safety.voltage_max"}),
        ({"channel": "2"}, {"run.started", "run.ended"}),
        ({"text": "4.312"}, {"safety.voltage_max"}),
        ({"code": "safety.", "since": "2099-01-01"}, set()),
    ],
)
def test_events_are_found(client: ServiceClient, conditions: dict[str, Any], codes: set[str]) -> None:
    assert {event["code"] for event in client.get("/api/events", **conditions)["events"]} == codes


def test_the_mark_of_the_chain(client: ServiceClient) -> None:
    mark = client.get("/api/events/chain")
    assert mark["broken_at"] is None
    assert mark["events"] == mark["verified_to"] > 5
    newest = client.get("/api/events", limit=1)["events"][0]["id"]
    assert client.get("/api/events/chain")["verified_to"] >= newest


def test_a_broken_chain_is_found_and_named(tmp_path: Path) -> None:
    with open_records(tmp_path) as records:
        for number in range(4):
            records.add_event("run.started", {"channel": str(number)})
    with sqlite3.connect(tmp_path / DATABASE_NAME) as database:
        database.execute("DROP TRIGGER events_no_update")
        database.execute("UPDATE events SET params = '{}' WHERE id = 3")
    database.close()
    with open_records(tmp_path) as records:
        people(records)
    with running_service(fakes.config(tmp_path)) as client:
        client.login(name=ENGINEER[0], pin=ENGINEER[1])
        mark = client.get("/api/events/chain", again=True)
    assert (mark["broken_at"], mark["verified_to"]) == (3, 2)
