"""Backup, restore and retention: every byte checked, records never lost."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from station.errors import DataError, RecordError, StationError, UsageError
from station.evidence import backup as backups
from station.evidence import retention, trusted_keys, verify
from station.evidence.records_check import check_records
from station.records import open_records
from tests.station.evidence.a_run import RUN, add_run

LATER = datetime.now(UTC) + timedelta(days=400)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    with open_records(folder) as records:
        add_run(records)
        (folder / "rules").mkdir()
        (folder / "rules" / "own.yaml").write_text("x: 1\n")
        (folder / "benches" / "demo").mkdir(parents=True)
        (folder / "benches" / "demo" / "service.json").write_text("{}")
    return folder


def test_a_backup_comes_back_whole_and_verified(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "b.tar"
    with open_records(data) as records:  # a service holds the database meanwhile
        told = backups.backup(data, file)
        records.add_event("later", {})
    assert verify(file, trusted_keys(data)).trusted
    new = tmp_path / "new"
    back = backups.restore(file, new)
    assert (back["files"], back["events"]) == (told["files"], 2)
    names = {path.relative_to(new).as_posix() for path in new.rglob("*") if path.is_file()}
    assert {"rules/own.yaml", f"runs/{RUN}/run.parquet", "keys/station.pub.pem"} <= names
    assert not names & {"benches/demo/service.json", "keys/station.pem"}, "secrets stay at home"
    with open_records(new) as records:
        assert check_records(records)["signed"] == 1
        assert records.show_run(RUN)["grade"] == "A"
    with pytest.raises(UsageError) as taken:
        backups.restore(file, new)
    assert taken.value.code == "backup.not_empty"
    backups.backup(data, tmp_path / "k.tar", with_key=True)
    backups.restore(tmp_path / "k.tar", tmp_path / "twin")
    key = tmp_path / "twin" / "keys" / "station.pem"
    assert key.read_bytes() == (data / "keys" / "station.pem").read_bytes()
    assert key.stat().st_mode & 0o077 == 0


def test_a_damaged_backup_is_refused_and_leaves_nothing(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "b.tar"
    backups.backup(data, file)
    whole, source = file.read_bytes(), random.Random(5)
    used = [n for n in range(0, len(whole), 512) if any(whole[n : n + 512])]
    for place in (source.choice(used) + source.randrange(100) for _ in range(25)):
        changed = bytearray(whole)
        changed[place] ^= 0x04
        file.write_bytes(changed)
        try:
            backups.restore(file, tmp_path / "new")
        except StationError as error:
            assert error.code == "evidence.changed"  # noqa: PT017 - padding of a tar may change, contents never
            assert not (tmp_path / "new").exists()
        else:
            with open_records(tmp_path / "new") as records:
                check_records(records)
            (tmp_path / "new").rename(tmp_path / f"ok{place}")
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError):
        backups.restore(file, tmp_path / "new")
    assert not (tmp_path / "new").exists()
    with pytest.raises(RecordError) as full:
        backups.backup(data, tmp_path / "absent" / "b.tar")
    assert full.value.code == "record.unavailable"


def test_retention_takes_only_what_a_backup_holds(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "b.tar"
    backups.backup(data, file)
    with open_records(data) as records:
        assert retention.due(records, 3650) == []
        add_run(records, "20261128T110000-1-ffffff")
        with pytest.raises(UsageError):
            retention.apply(records, 365, file, who="", why="", now=LATER)
        told = retention.apply(records, 365, file, who="Li", why="older than a year", now=LATER)
        assert (told["removed"], told["kept"]) == (2, 2)
        left = {path.name for path in (data / "runs" / RUN).iterdir()}
        assert left == {"result.json", "result.signed.json"}
        assert check_records(records)["signed"] == 2, "what was taken away on purpose is no damage"
        shown = {file["kind"]: file["check"] for file in records.show_run(RUN)["files"]}
        assert (shown["run"], shown["result"]) == ("removed", "ok")
        assert [e["code"] for e in records.events()].count("retention.removed") == 2
        (data / "runs" / "20261128T110000-1-ffffff" / "run.parquet").unlink()
        with pytest.raises(RecordError) as missing:
            records.verify()
        assert missing.value.code == "record.file_missing"
