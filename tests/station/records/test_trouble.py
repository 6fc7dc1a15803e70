"""A database that is moved away, half-written run files, wrong rights: named errors, nothing lost."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from station.errors import DataError, RecordError
from station.evidence import station_key
from station.rawfiles import read_record
from station.records import DATABASE_NAME, open_records
from station.service.keeper import Keeper
from tests.station.evidence.a_run import RUN, add_run


def test_what_is_written_while_the_database_is_gone_waits_for_it(tmp_path: Path) -> None:
    told: list[str] = []

    def tell(code: str, _level: str, _params: dict[str, Any]) -> None:
        told.append(code)

    async def work() -> int:
        with open_records(tmp_path) as records:
            records.add_event("before", {})
            keeper = Keeper(records, tell, retry_s=0.01)
            (tmp_path / DATABASE_NAME).rename(tmp_path / "away")
            with pytest.raises(RecordError) as gone:
                records.add_event("lost", {})
            assert gone.value.code == "record.unavailable"
            assert "put the file back" in gone.value.remedy
            keeper.event("meanwhile", {"n": 1})
            while not told:
                await asyncio.sleep(0.005)
            assert not (tmp_path / DATABASE_NAME).exists(), "no new, empty database took its place"
            (tmp_path / "away").rename(tmp_path / DATABASE_NAME)
            assert await keeper.close(5.0) == 0
            return records.verify_chain()

    assert asyncio.run(work()) == 2
    assert told == ["record.waiting", "record.written"]
    with closing(sqlite3.connect(tmp_path / DATABASE_NAME)) as database:
        codes = [row[0] for row in database.execute("SELECT code FROM events ORDER BY id")]
    assert codes == ["before", "meanwhile"]


def test_a_copy_that_is_put_in_its_place_is_opened_anew(tmp_path: Path) -> None:
    with open_records(tmp_path) as records:
        records.add_event("a", {})
    shutil.copy(tmp_path / DATABASE_NAME, tmp_path / "copy")
    with open_records(tmp_path) as records:
        records.add_event("b", {})
        for suffix in ("-wal", "-shm"):
            (tmp_path / f"{DATABASE_NAME}{suffix}").unlink(missing_ok=True)
        (tmp_path / "copy").replace(tmp_path / DATABASE_NAME)
        records.add_event("c", {})
        assert [event["code"] for event in records.events()] == ["a", "c"]
        assert records.verify_chain() == 2


def test_a_half_written_run_file_is_named_and_made_anew_from_the_journal(tmp_path: Path) -> None:
    with open_records(tmp_path) as records:
        folder = add_run(records)
    whole = (folder / "run.parquet").read_bytes()
    for length in (0, 1, 4, len(whole) // 2, len(whole) - 1):
        (folder / "run.parquet").write_bytes(whole[:length])
        with pytest.raises(DataError) as damaged:
            read_record(folder / "run.parquet", nominal_capacity_Ah=None)
        assert damaged.value.code == ("data.corrupt" if length else "data.empty")
        assert damaged.value.remedy
    from station.service.analysis import process_run

    header: dict[str, Any] = {
        "k": "header", "format": "pulse-station/journal/1", "run_id": RUN,
        "battery": {"nominal_capacity_Ah": 20.0},
    }  # fmt: skip
    rows = [["s", n * 0.1, 1.8e9 + n * 0.1, 3.3, 0.0, 0.0, 0, None, None, None] for n in range(50)]
    lines = [json.dumps(row) for row in [header, *rows]]
    (folder / "journal.jsonl").write_text("\n".join(lines) + '\n["s", 5.0, 1.8e', encoding="utf-8")
    answer = process_run(folder, diagnosis=False, nominal_capacity_Ah=None, chemistry=None)
    assert answer["error"] is None
    samples = read_record(folder / "run.parquet", nominal_capacity_Ah=20.0).samples
    assert samples is not None
    assert len(samples.time_s) == 50


def test_a_place_where_nothing_can_be_written_is_named(tmp_path: Path) -> None:
    """As with rights that are wrong, which root does not feel."""
    (tmp_path / "keys").write_text("a file where a folder must be")
    with pytest.raises(RecordError) as refused:
        station_key(tmp_path)
    assert refused.value.code == "evidence.key_unreadable", (
        "waiting would not help, so the test goes on unsigned"
    )
