"""Opening: from nothing, from damage, from a newer program, from something else."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from station.errors import ExitCode, RecordError
from station.records import DATABASE_NAME, open_records
from station.records import migrations as migrations_package
from station.records.migrations import HEAD
from station.records.models import Base


def columns_of(path: Path) -> dict[str, set[tuple[str, bool]]]:
    """Columns of every table, with whether they must be there."""
    with closing(sqlite3.connect(path)) as database:
        tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            table: {(row[1], bool(row[3])) for row in database.execute(f"PRAGMA table_info({table})")}
            for table in tables
            if table not in ("alembic_version", "sqlite_sequence")
        }


def test_migrations_from_nothing_give_the_models_tables(tmp_path: Path) -> None:
    open_records(tmp_path / "new" / "folder").close()
    migrated = columns_of(tmp_path / "new" / "folder" / DATABASE_NAME)
    words = {table for table in migrated if table.startswith("run_words")}
    assert words, "the index of words is no model"
    migrated = {table: columns for table, columns in migrated.items() if table not in words}
    engine = create_engine(f"sqlite:///{tmp_path / 'models.sqlite'}")
    Base.metadata.create_all(engine)
    engine.dispose()
    assert migrated == columns_of(tmp_path / "models.sqlite")


def test_head_is_the_newest_revision() -> None:
    scripts = ScriptDirectory(str(Path(migrations_package.__file__).parent))
    assert scripts.get_current_head() == HEAD


def test_reopening_keeps_everything(tmp_path: Path) -> None:
    with open_records(tmp_path) as records:
        records.add_event("a.b", {"n": 1})
    with open_records(tmp_path) as records:
        records.add_event("a.c")
        assert [event["code"] for event in records.events()] == ["a.b", "a.c"]
        assert records.verify_chain() == 2


def test_wal_and_foreign_keys_are_on(tmp_path: Path) -> None:
    with open_records(tmp_path) as records:
        assert (tmp_path / f"{DATABASE_NAME}-wal").exists()
        with pytest.raises(RecordError) as unknown_battery:
            records.start_run(
                run_id="r", battery="nobody", bench="b", channel="1", profile="p", plan_digest="d",
                nominal_capacity_Ah=1.0, speed=1.0, simulated=False,
            )  # fmt: skip
    assert unknown_battery.value.code == "record.refused"


@pytest.mark.parametrize(
    "content", [b"not a database at all, only text " * 50, b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_a_damaged_file_is_named_with_a_remedy(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / DATABASE_NAME
    path.write_bytes(content)
    with pytest.raises(RecordError) as damaged:
        open_records(tmp_path)
    assert damaged.value.code == "record.damaged"
    assert damaged.value.exit_code == ExitCode.DATA
    assert str(path) in damaged.value.message
    assert "backup" in damaged.value.remedy
    assert path.read_bytes() == content, "nothing was written to it"


def test_damage_in_the_middle_is_found(tmp_path: Path) -> None:
    with open_records(tmp_path) as records:
        for number in range(300):
            records.add_event("a.b", {"text": "x" * 200, "n": number})
    path = tmp_path / DATABASE_NAME
    data = bytearray(path.read_bytes())
    for page in range(3, len(data) // 4096 - 1, 2):
        data[page * 4096 : page * 4096 + 200] = b"\xa5" * 200
    path.write_bytes(data)
    with pytest.raises(RecordError) as damaged:
        open_records(tmp_path)
    assert damaged.value.code == "record.damaged"


def test_a_newer_database_is_left_alone(tmp_path: Path) -> None:
    open_records(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / DATABASE_NAME)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(RecordError) as newer:
        open_records(tmp_path)
    assert newer.value.code == "record.newer"
    assert "update this program" in newer.value.remedy


def test_somebody_elses_database_is_left_alone(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / DATABASE_NAME)) as database, database:
        database.execute("CREATE TABLE recipes (cake TEXT)")
    with pytest.raises(RecordError) as foreign:
        open_records(tmp_path)
    assert foreign.value.code == "record.foreign"
    assert "recipes" in foreign.value.message


def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(RecordError) as wrong:
        open_records(tmp_path / "data")
    assert wrong.value.code == "record.unavailable"


def test_any_url_and_a_wrong_one(tmp_path: Path) -> None:
    with open_records(tmp_path, url=f"sqlite:///{tmp_path / 'elsewhere.db'}") as records:
        records.add_event("a.b")
    assert (tmp_path / "elsewhere.db").is_file()
    assert not (tmp_path / DATABASE_NAME).exists()
    for url in ("nonsense", "nosuchdatabase://u:secret@h/d"):
        with pytest.raises(RecordError) as wrong:
            open_records(tmp_path, url=url)
        assert wrong.value.code == "record.url"
        assert "secret" not in wrong.value.message


def test_two_programs_open_a_new_database_at_once(tmp_path: Path) -> None:
    failures: list[BaseException] = []
    gate = threading.Barrier(4)

    def open_one() -> None:
        gate.wait()
        try:
            with open_records(tmp_path) as records:
                records.add_event("a.b")
        except RecordError as error:
            failures.append(error)

    threads = [threading.Thread(target=open_one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []
    with open_records(tmp_path) as records:
        assert records.verify_chain() == 4


def test_migrations_go_back_and_forth_with_data(tmp_path: Path) -> None:
    """Back to what an older program knows, which works on; nothing that the newer one wrote is lost."""
    from alembic import command
    from alembic.config import Config

    def go(revision: str, up: bool) -> None:
        config = Config()
        config.set_main_option("script_location", str(Path(migrations_package.__file__).parent))
        engine = create_engine(f"sqlite:///{tmp_path / DATABASE_NAME}")
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            (command.upgrade if up else command.downgrade)(config, revision)
        engine.dispose()

    go("0004", up=True)
    with closing(sqlite3.connect(tmp_path / DATABASE_NAME)) as old, old:
        old.execute("INSERT INTO batteries (code, first_seen_utc, last_seen_utc) VALUES ('OLD', 'a', 'b')")
    with open_records(tmp_path) as records:  # brings it forward
        records.add_identity("OLD", kind="free", level="cell", raw="old", by="Li")
        records.correct("battery", "OLD", "chemistry", "LFP", who="Li", why="label")
        events = records.verify_chain()
    go("0004", up=False)
    with closing(sqlite3.connect(tmp_path / DATABASE_NAME)) as old, old:
        assert old.execute("SELECT version_num FROM alembic_version").fetchone() == ("0004",)
        assert old.execute("SELECT chemistry FROM batteries").fetchall() == [("LFP",)]
        old.execute("INSERT INTO batteries (code, first_seen_utc, last_seen_utc) VALUES ('MID', 'a', 'b')")
    with open_records(tmp_path) as records:
        assert [row["code"] for row in records.identities()] == ["OLD"]
        assert [row["code"] for row in records.batteries()] == ["MID", "OLD"]
        assert len(records.changes()) == 1
        assert records.verify_chain() == events
        file = sqlite3.connect(tmp_path / DATABASE_NAME)
        with closing(file), pytest.raises(sqlite3.IntegrityError):
            file.execute("UPDATE changes SET who = 'nobody'")
