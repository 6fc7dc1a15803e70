"""Batteries, runs, files, and the chain of events."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from station.errors import RecordError, UsageError
from station.records import DATABASE_NAME, Records, open_records
from station.records.chain import GENESIS, canonical_json


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    with open_records(tmp_path) as opened:
        yield opened


def add_run(records: Records, run_id: str, **more: Any) -> None:
    records.register_battery("CELL-1", level="cell", nominal_capacity_Ah=20.0)
    fields: dict[str, Any] = {
        "battery": "CELL-1",
        "bench": "demo",
        "channel": "1",
        "profile": "rapid",
        "plan_digest": "d",
        "nominal_capacity_Ah": 20.0,
        "speed": 1.0,
        "simulated": True,
    }
    records.start_run(run_id=run_id, **{**fields, **more})


def tamper(folder: Path, *statements: str) -> None:
    """Change the file behind the program's back, as somebody with the right tool could."""
    with closing(sqlite3.connect(folder / DATABASE_NAME)) as database, database:
        database.execute("DROP TRIGGER events_no_update")
        database.execute("DROP TRIGGER events_no_delete")
        for statement in statements:
            database.execute(statement)


def test_a_battery_keeps_what_is_known(records: Records) -> None:
    assert records.battery("CELL-1") is None
    first = records.register_battery("CELL-1", level="cell", chemistry="LFP", nominal_capacity_Ah=20.0)
    again = records.register_battery("CELL-1", chemistry=None, nominal_capacity_Ah=21.0)
    assert (again["chemistry"], again["nominal_capacity_Ah"], again["level"]) == ("LFP", 21.0, "cell")
    assert again["first_seen_utc"] == first["first_seen_utc"] < again["last_seen_utc"]
    with pytest.raises(TypeError):
        records.register_battery("CELL-1", color="red")


def test_runs_are_listed_newest_first(records: Records) -> None:
    for name in ("a", "b", "c"):
        add_run(records, name)
    assert [run["run_id"] for run in records.list_runs(limit=2)] == ["c", "b"]
    battery = records.battery("CELL-1")
    assert battery is not None
    assert [run["run_id"] for run in battery["runs"]] == ["c", "b", "a"]


def test_a_whole_run(records: Records, tmp_path: Path) -> None:
    add_run(records, "r1")
    assert [run["run_id"] for run in records.unfinished_runs("demo")] == ["r1"]
    assert records.unfinished_runs("other") == []
    raw = tmp_path / "runs" / "r1" / "run.parquet"
    raw.parent.mkdir(parents=True)
    raw.write_bytes(b"data")
    file = records.add_file("r1", raw, "run")
    assert (file["path"], file["bytes"]) == ("runs/r1/run.parquet", 4)
    records.save_result("r1", {"verdict": "pass"}, version="1")
    records.add_event("run.started", {"x": 1.5}, run_id="r1", t_s=0.25)
    records.update_run("r1", state="ended", outcome="completed", verdict="pass", soh=0.8)
    shown = records.show_run("r1")
    assert shown["result"] == {"verdict": "pass"}
    assert [(event["code"], event["params"], event["t_s"]) for event in shown["events"]] == [
        ("run.started", {"x": 1.5}, 0.25)
    ]
    assert shown["files"][0]["check"] == "ok"
    assert (shown["soh"], shown["error"]) == (0.8, None)
    assert records.unfinished_runs() == []
    assert records.verify() == {"events": 1, "files": 1}
    raw.write_bytes(b"Data")
    assert records.show_run("r1")["files"][0]["check"] == "changed"
    with pytest.raises(RecordError) as changed:
        records.verify()
    assert changed.value.code == "record.file_changed"
    raw.unlink()
    with pytest.raises(RecordError) as missing:
        records.verify()
    assert missing.value.code == "record.file_missing"


def test_a_fault_stays_latched_until_acknowledged(records: Records) -> None:
    add_run(records, "r1", channel="2")
    error = {"code": "safety.contact", "message": "bad", "remedy": "mend", "params": {"value": 0.1}}
    row = records.update_run("r1", state="ended", error=error, latched=True)
    assert row["error"] == error
    assert set(records.latched_runs("demo")) == {"2"}
    assert records.latched_runs("other") == {}
    records.acknowledge("demo", "1")
    assert set(records.latched_runs("demo")) == {"2"}
    records.acknowledge("demo", "2")
    assert records.latched_runs("demo") == {}
    assert records.show_run("r1")["error"] == error
    assert records.show_run("r1")["acknowledged_utc"]


def test_unknown_run_and_field_and_place_are_refused(records: Records, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as unknown:
        records.show_run("nothing")
    assert unknown.value.code == "record.no_run"
    add_run(records, "r1")
    with pytest.raises(TypeError):
        records.update_run("r1", colour="red")
    with pytest.raises(RecordError) as outside:
        records.add_file("r1", tmp_path.parent / "x", "run")
    assert outside.value.code == "record.file_outside"
    with pytest.raises(RecordError) as event:
        records.add_event("a.b", {"value": float("nan")})
    assert event.value.code == "record.event"


def test_events_can_be_neither_changed_nor_removed(records: Records, tmp_path: Path) -> None:
    records.add_event("a.b")
    with closing(sqlite3.connect(tmp_path / DATABASE_NAME)) as database:
        for statement in ("UPDATE events SET code = 'x'", "DELETE FROM events"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                database.execute(statement)


@pytest.mark.parametrize(
    ("statement", "event_id"),
    [
        ("UPDATE events SET code = 'safety.fine' WHERE id = 3", 3),
        ("UPDATE events SET params = '{\"n\":9}' WHERE id = 2", 2),
        ("UPDATE events SET params = 'nonsense' WHERE id = 2", 2),
        ("UPDATE events SET t_utc = '2020' WHERE id = 4", 4),
        ("UPDATE events SET run_id = 'other' WHERE id = 5", 5),
        ("DELETE FROM events WHERE id = 3", 4),
        ("DELETE FROM events WHERE id = 1", 2),
    ],
)
def test_tampering_is_found_where_it_happened(
    records: Records, tmp_path: Path, statement: str, event_id: int
) -> None:
    for number in range(5):
        records.add_event("a.b", {"n": number})
    assert records.verify_chain() == 5
    tamper(tmp_path, statement)
    with pytest.raises(RecordError) as broken:
        records.verify_chain()
    assert broken.value.code == "record.chain_broken"
    assert broken.value.params["event_id"] == event_id


def test_the_chain_begins_at_its_genesis_and_links(records: Records) -> None:
    first, second = records.add_event("a.b"), records.add_event("a.c")
    assert first["previous_hash"] == GENESIS
    assert second["previous_hash"] == first["hash"]


def test_many_writers_make_one_chain(records: Records, tmp_path: Path) -> None:
    def write(name: str) -> None:
        with open_records(tmp_path) as own:
            for number in range(15):
                own.add_event("a.b", {"from": name, "n": number})

    threads = [threading.Thread(target=write, args=(name,)) for name in "xyz"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert records.verify_chain() == 45


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(params=st.dictionaries(st.text(max_size=8), values, max_size=4), t_s=st.none() | st.floats(0, 1e6))
def test_any_params_survive_and_verify(records: Records, params: dict[str, Any], t_s: float | None) -> None:
    try:
        row = records.add_event("a.b", params, t_s=t_s)
    except RecordError:
        with pytest.raises(UnicodeEncodeError):
            canonical_json(params).encode()
        return
    assert row["params"] == params
    assert records.verify_chain() == row["id"]


def test_the_order_of_runs_does_not_depend_on_the_clock(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, clock in (("a", "2026-11-27"), ("b", "2031-01-01"), ("c", "1970-01-01")):
        monkeypatch.setattr("station.records.run_store.utc_now", lambda clock=clock: f"{clock}T00:00:00Z")
        add_run(records, name, channel="2")
        records.update_run(name, latched=True)
    assert [run["run_id"] for run in records.list_runs()] == ["c", "b", "a"]
    assert records.newest_run_of("CELL-1") == "c"
    assert [run["run_id"] for run in records.unfinished_runs()] == ["a", "b", "c"]
    assert records.latched_runs("demo")["2"]["run_id"] == "c"


def test_an_interrupted_run_goes_on_with_a_clean_sheet_once(records: Records, tmp_path: Path) -> None:
    add_run(records, "r1")
    journal = tmp_path / "runs" / "r1" / "journal.jsonl"
    journal.parent.mkdir(parents=True)
    journal.write_text("first\n")
    error = {"code": "worker.lost", "message": "gone", "remedy": "look", "params": {}}
    records.add_file("r1", journal, "journal")
    records.save_result("r1", {"verdict": "no_verdict"}, version="1")
    records.update_run(
        "r1", state="interrupted", outcome="supervision_lost", error=error, latched=True,
        verdict="no_verdict", interrupted_utc="2026", ended_utc="2026", worker_pid=7,
        worker_started=1.0, exit_code=5,
    )  # fmt: skip
    assert [run["run_id"] for run in records.list_runs(state="interrupted")] == ["r1"]
    row = records.resume_run("r1")
    kept = {
        key: row[key] for key in ("state", "resumes", "latched", "error", "outcome", "verdict", "ended_utc")
    }
    assert kept == {
        "state": "running", "resumes": 1, "latched": False, "error": None, "outcome": None, "verdict": None,
        "ended_utc": None,
    }  # fmt: skip
    assert row["interrupted_utc"] == "2026", "that it was interrupted stays on record"
    assert records.find_run("r1")["worker_pid"] is None
    journal.write_text("first\nsecond\n")
    assert records.verify()["files"] == 0, "the journal may grow: its checksum comes with the next end"
    assert records.show_run("r1")["result"] is None
    with pytest.raises(UsageError) as again:
        records.resume_run("r1")
    assert again.value.code == "run.not_interrupted"
