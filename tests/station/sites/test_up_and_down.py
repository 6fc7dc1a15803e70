"""Migrations up and down on data, on SQLite and PostgreSQL: every revision, and nothing on record is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.exc import DBAPIError

from station.cli.main import invoke
from station.errors import UsageError
from station.records import open_records
from station.records.database import bring_back
from station.records.migrations import HEAD
from station.records.migrations.walk import known_revisions, walk
from station.records.models import Base
from tests.station.sites.runs import ended_run

_RUN = (
    'INSERT INTO runs (run_id, battery, bench, channel, profile, plan_digest, "nominal_capacity_Ah", speed,'
    " simulated, started_utc, ended_utc, state, latched)"
    " VALUES (:id, 'OLD', 'b', '1', 'rapid', 'd', 20.0, 1.0, :yes, :begun, :begun, 'ended', :no)"
)
_BATTERY = "INSERT INTO batteries (code, first_seen_utc, last_seen_utc) VALUES ('OLD', 'a', 'b')"


def old_program(engine: Engine, run_id: str, begun: str) -> None:
    """A run as the first version of the program wrote it."""
    with engine.begin() as connection:
        connection.execute(text(_RUN), {"id": run_id, "begun": begun, "yes": True, "no": False})


def everything(engine: Engine) -> dict[str, list[Any]]:
    with engine.connect() as connection:
        return {
            table.name: sorted(tuple(row) for row in connection.execute(select(table)))
            for table in Base.metadata.sorted_tables
        }


def test_every_revision_up_and_down_on_data(site_url: str, tmp_path: Path) -> None:
    engine, known = create_engine(site_url), known_revisions()
    assert (known[0], known[-1]) == ("0001", HEAD)
    with engine.begin() as connection:
        walk(connection, "0001")
        connection.execute(text(_BATTERY))
    old_program(engine, "r-first", "2025-01-01T00:00:00.000000Z")
    for revision in known[1:]:
        with engine.begin() as connection:
            walk(connection, revision)
    with open_records(tmp_path, url=site_url) as records:
        assert records.waiting(limit=9) == [("r-first", 1)]
        ended_run(records, "r-new")
        records.add_person("Ada", "admin", pin_hash="x", badge_hash=None, by="test")
        records.add_identity("OLD", kind="free", level="cell", raw="old", by="Li")
        records.correct("battery", "OLD", "chemistry", "LFP", who="Li", why="label")
        records.mark_sent("r-first", 1)
        events = records.verify_chain()
        assert events > 1
    before = everything(engine)
    for revision in known[-2::-1]:
        bring_back(site_url, revision)
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT version_num FROM alembic_version")) == revision
        assert everything(engine) == before, f"back at {revision}"
    old_program(engine, "r-meanwhile", "2099-01-01T00:00:00.000000Z")
    with engine.begin() as connection:  # and it ended one again that the site knows
        connection.execute(text("UPDATE runs SET ended_utc = '2099-01-02' WHERE run_id = 'r-first'"))
    with open_records(tmp_path, url=site_url) as records:  # forward again
        assert [row["run_id"] for row in records.list_runs()] == ["r-meanwhile", "r-new", "r-first"]
        assert {"r-meanwhile": 1, "r-first": 2}.items() <= dict(records.waiting(limit=9)).items()
        assert records.verify_chain() == events
        assert [row["name"] for row in records.persons()] == ["Ada"]
        assert len(records.changes()) == 1
    engine.dispose()


def test_below_the_floor_and_unknown_revisions_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_records(tmp_path) as records:
        records.add_event("a.b")
    for revision in ("base", "0000", "9999"):
        with pytest.raises(UsageError) as refused:
            bring_back(f"sqlite:///{tmp_path / 'station.sqlite'}", revision)
        assert refused.value.code == "record.revision"
    assert invoke(["records", "bring-back", "--to", "0005", "--data", str(tmp_path)]) == 0
    assert "0005" in capsys.readouterr().out
    with open_records(tmp_path) as records:
        assert records.verify_chain() == 1


@pytest.mark.parametrize(
    "deed", ["UPDATE events SET code = 'x'", "DELETE FROM events", "DELETE FROM changes"]
)
def test_the_database_itself_keeps_events_and_changes_append_only(
    site_url: str, tmp_path: Path, deed: str
) -> None:
    with open_records(tmp_path, url=site_url) as records:
        records.register_battery("B")
        records.correct("battery", "B", "chemistry", "LFP", who="Li", why="label")
        engine = create_engine(site_url)
        with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(text(deed))
        engine.dispose()
        assert records.verify_chain() == 1
        assert len(records.changes()) == 1
