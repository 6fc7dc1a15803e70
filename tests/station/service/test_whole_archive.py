"""What is asked of all results, of identities and of the traceability queue, through a running service."""

from __future__ import annotations

import asyncio
import csv
import io
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from station.archive.facts import facts_table
from station.archive.questions import yields
from station.errors import StationError
from station.records import open_records
from station.service.client import ServiceClient
from station.service.stats_work import Archive
from tests.station.archive.planted import CELLS, DRIFTING, HIGH, MODULE, NEW_CODE, PACK, VIN, planted
from tests.station.service import fakes
from tests.station.service.recorded import ENGINEER, people
from tests.station.service.running import running_service


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceClient]:
    data = tmp_path_factory.mktemp("archive")
    with open_records(data) as records:
        people(records)
        planted(records)
    with running_service(fakes.config(data)) as served:
        served.login(name=ENGINEER[0], pin=ENGINEER[1])
        yield served


def test_all_answers_come_at_once_and_name_the_planted_channels(client: ServiceClient) -> None:
    told = client.get("/api/stats", timeout_s=60.0)
    named = {(row["channel"], row["quantity"]) for row in told["channels"] if row["named"]}
    drifting = {(row["channel"], row["quantity"]) for row in told["channels"] if row["drifts"]}
    assert named == {(HIGH, "resistance_100ms_ohm"), (DRIFTING, "temperature_degC")}
    assert drifting == {(DRIFTING, "temperature_degC")}
    course = next(
        one["points"]
        for one in told["courses"]
        if (one["channel"], one["quantity"]) == (DRIFTING, "temperature_degC")
    )
    assert course[-1]["median"] - course[0]["median"] > 2
    assert course[0]["reading"] >= 1
    assert client._data is not None
    with open_records(client._data) as records:
        assert told["yield"]["source"] == yields(facts_table(records), "source"), "as the command says"
    # The file holds what was shown, without asking the archive again.
    before = time.monotonic()
    text = client.content("/api/stats/yield.csv", by="source").decode("utf-8-sig")
    assert time.monotonic() - before < 1.0
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["group"], int(row["tests"])) for row in rows] == [
        (row["group"], row["tests"]) for row in told["yield"]["source"]
    ]


def hangs(_data: Path, _since: str | None, _until: str | None) -> dict[str, Any]:
    time.sleep(600)
    return {}


def dies(_data: Path, _since: str | None, _until: str | None) -> dict[str, Any]:
    os._exit(1)


@pytest.mark.parametrize(
    ("ask", "patience_s", "reason"), [(dies, 60.0, "abruptly"), (hangs, 0.2, "no answer within 0.2 s")]
)
def test_a_question_that_fails_says_why(tmp_path: Path, ask: Any, patience_s: float, reason: str) -> None:
    archive = Archive(tmp_path, ask, patience_s)
    with pytest.raises(StationError) as refused:
        asyncio.run(archive.answers(None, None, again=True))
    assert refused.value.code == "stats.failed"
    assert reason in refused.value.params["reason"]


def test_codes_are_found_parts_come_out_and_corrections_are_told(client: ServiceClient) -> None:
    found = client.get("/api/identities", text="old-cell")
    assert [row["code"] for row in found["codes"]] == ["OLD-CELL-17", "OLD-CELL-I7"]
    assert client.get("/api/identities", text="%")["codes"] == []
    told = client.get(f"/api/identities/{NEW_CODE}")
    assert told["codes"] == [CELLS[0], NEW_CODE]
    assert [row["code"] for row in told["holders"]] == [MODULE, PACK, VIN]
    assert [(row["field"], row["old"], row["new"], row["who"]) for row in told["changes"]] == [
        ("nominal_capacity_Ah", 68.0, 65.0, "Ada Admin")
    ]
    client.post("/api/identities/unlink", {"part": CELLS[2], "why": "defect"})
    [link] = client.get(f"/api/identities/{CELLS[2]}")["links"]
    assert (link["parent"], link["ended_by"], link["ended_why"]) == (MODULE, ENGINEER[0], "defect")
    client.post(
        "/api/changes",
        {"record": "run", "key": "real-1", "field": "battery", "value": CELLS[1], "why": "labels swapped"},
    )
    for code in (CELLS[0], CELLS[1]):  # told of the battery that lost the test, and of the one that got it
        assert [row["why"] for row in client.get(f"/api/identities/{code}")["changes"]][-1:] == [
            "labels swapped"
        ]


def test_a_cut_off_batch_goes_on_and_a_refused_one_waits_again(client: ServiceClient) -> None:
    def states(template: str) -> list[tuple[str, str | None]]:
        items = client.get("/api/trace", all=True)["items"]
        return sorted((row["state"], row["batch"]) for row in items if row["template"] == template)

    cut_off = "departure-20261121T101500-0a1b2c"
    assert [state for state, _ in states("departure")] == ["exporting", "waiting"]
    told = client.post("/api/trace/export", {"template": "departure", "format": "csv"})["batch"]
    assert (told["batch"], told["count"]) == (cut_off, 1)
    content = client.content(f"/api/trace/batches/{cut_off}/file")
    assert CELLS[1].encode() in content
    assert Path(told["file"]).read_bytes() == content
    client.post("/api/trace/answer", {"batch": cut_off, "taken": False, "receipt": "wrong unit code"})
    assert states("departure") == [("waiting", None), ("waiting", None)]
    again = client.post("/api/trace/export", {"template": "departure", "format": "json"})["batch"]
    assert again["count"] == 2
    Path(again["file"]).write_bytes(b"{}")
    with pytest.raises(StationError) as lost:
        client.content(f"/api/trace/batches/{again['batch']}/file")
    assert lost.value.code == "trace.file_lost"
    assert client.post("/api/trace/collect") == {"queued": 1, "there": 0, "incomplete": 0}
    assert client.post("/api/trace/export", {"template": "test", "format": "csv"})["batch"]["count"] == 1
    assert client.post("/api/trace/export", {"template": "test", "format": "csv"}) == {"batch": None}
