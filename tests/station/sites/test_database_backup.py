"""Backups of records that lie on a database server, and of a site's; brought back into either kind."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from station.cli.main import invoke
from station.errors import RecordError, UsageError
from station.evidence import backup as backups
from station.evidence import trusted_keys, verify
from station.evidence.records_check import check_records
from station.records import DATABASE_NAME, copying, open_records
from station.sites.forward import Forwarder
from station.sites.store import SiteStore
from tests.station.evidence.a_run import RUN, add_run
from tests.station.sites.runs import ended_run


def test_a_station_on_a_server_comes_back_whole(
    new_postgres: Callable[[], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, data, file = new_postgres(), tmp_path / "data", tmp_path / "b.tar"
    with open_records(data, url=url) as records:
        add_run(records)
        before = records.all_events()
        real = copying.insert

        def meanwhile(table: Any) -> Any:  # a test writes while the backup is made
            if records.newest_event() == before[-1]:
                records.add_event("meanwhile")
            return real(table)

        monkeypatch.setattr(copying, "insert", meanwhile)
        told = backups.backup(data, file, url=url)
        monkeypatch.undo()
    assert verify(file, trusted_keys(data)).trusted
    other = new_postgres()
    back = backups.restore(file, tmp_path / "new", url=other)
    assert (back["files"], back["events"]) == (told["files"], len(before)), "as of one moment"
    assert not (tmp_path / "new" / DATABASE_NAME).exists()
    with open_records(tmp_path / "new", url=other) as records:
        assert records.all_events() == before
        assert check_records(records)["signed"] == 1
        assert records.show_run(RUN)["soh"] == 0.81
        records.add_event("goes.on")  # numbers count on from where they were
        assert records.verify_chain() == len(before) + 1
    with pytest.raises(UsageError) as taken:
        backups.restore(file, tmp_path / "again", url=other)
    assert taken.value.code == "backup.not_empty"
    assert [path.name for path in tmp_path.iterdir() if "again" in path.name] == []
    backups.restore(file, tmp_path / "as-file")
    with open_records(tmp_path / "as-file") as records:
        assert records.all_events() == before
        assert check_records(records)["signed"] == 1


def test_a_server_out_of_reach_leaves_no_half_backup(tmp_path: Path) -> None:
    with pytest.raises(RecordError) as gone:
        backups.backup(tmp_path, tmp_path / "b.tar", url="postgresql+psycopg://pulse@127.0.0.1:1/site")
    assert gone.value.code == "record.unavailable"
    assert list(tmp_path.glob("b.tar*")) == []


def test_the_commands_for_a_station_and_a_site(
    new_postgres: Callable[[], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    station, site, new = new_postgres(), new_postgres(), new_postgres()
    data = ["--data", str(tmp_path / "data")]
    with open_records(tmp_path / "data", url=station) as records:
        ended_run(records, "r1")
        Forwarder(records, "a", partial(SiteStore.open, site)).forward()
    monkeypatch.setenv("STATION_DATABASE_URL", station)
    assert invoke(["backup", "-o", str(tmp_path / "s.tar"), *data]) == 0
    monkeypatch.delenv("STATION_DATABASE_URL")
    assert invoke(["restore", str(tmp_path / "s.tar"), "--into", str(tmp_path / "s")]) == 0
    with open_records(tmp_path / "s") as records:
        assert [row["run_id"] for row in records.list_runs()] == ["r1"]
    assert invoke(["site", "backup", "-o", str(tmp_path / "t.tar"), "--url", site, *data]) == 0
    assert invoke(["restore", str(tmp_path / "t.tar"), "--into", str(tmp_path / "t"), "--url", new]) == 0
    capsys.readouterr()
    assert invoke(["site", "verify", "--url", new, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"checked": 1, "runs": {"a": 1}}
