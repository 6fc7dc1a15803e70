"""Opens the records database: SQLite in WAL mode by default, any other by URL; brings it up to date."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, NoSuchModuleError, OperationalError

from station.errors import RecordError, UsageError
from station.records.migrations import HEAD

DATABASE_NAME = "station.sqlite"
BUSY_TIMEOUT_S = 3.0
"""How long a call waits for another program's write; who must not lose anything asks again (the service)."""
# Of libpq: a server behind a dead network must not hold anybody up for minutes (seconds; milliseconds).
_PATIENCE = {"connect_timeout": 5, "tcp_user_timeout": 10_000, "options": "-c statement_timeout=60000"}
_IMMEDIATE = "pulse_immediate"


def sqlite_url(path: Path) -> str:
    """The URL of a SQLite file."""
    return f"sqlite:///{path.as_posix()}"


def open_database(url: str) -> tuple[Engine, Engine]:
    """The database at ``url``, checked and migrated: an engine to read, and one to write.

    The writing one takes SQLite's write lock at the start of each transaction, so that two
    processes that append events wait for each other instead of failing half-way.
    Raises RecordError: damaged, newer than this program, not ours, or out of reach.
    """
    name = name_of(url)
    try:
        engine = _engine(url)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise RecordError(
            f"the records database {name} cannot be used: {error}",
            remedy="give a database URL such as sqlite:///station.sqlite, and install that database's driver",
            code="record.url",
            file=name,
        ) from error
    writer = engine.execution_options(**{_IMMEDIATE: True})
    try:
        with explained(name):
            _check(engine, name)
            _migrate(writer, name)
    except RecordError:
        engine.dispose()
        raise
    return engine, writer


def bring_back(url: str, revision: str) -> None:
    """Take the database at ``url`` back to ``revision``, for an older program; nothing on record is lost.

    Opening it with this program brings it forward again. Raises UsageError (``record.revision``) for one that
    is not among those known, RecordError.
    """
    from station.records.migrations.walk import known_revisions, walk

    known = known_revisions()
    if revision not in known:
        raise UsageError(
            f"there is no revision {revision!r} of the records",
            remedy=f"give one of {', '.join(known)}",
            code="record.revision",
            revision=revision,
        )
    engine, writer = open_database(url)
    try:
        with explained(name_of(url)), writer.begin() as connection:
            walk(connection, revision)
    finally:
        engine.dispose()


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Database errors inside become RecordError naming the database and the remedy."""
    try:
        yield
    except OperationalError as error:
        busy = "locked" in str(error.orig)
        raise RecordError(
            f"the records database {name} does not answer: {error.orig}",
            remedy="close other programs that hold it and try again"
            if busy
            else "check that the folder exists, can be written, and has free space",
            code="record.busy" if busy else "record.unavailable",
            file=name,
            reason=str(error.orig),
        ) from error
    except DatabaseError as error:
        if _is_damage(error):
            raise _damaged(name, str(error.orig)) from error
        raise RecordError(
            f"the records database {name} refuses: {error.orig}",
            remedy="the record was not written; see the message",
            code="record.refused",
            file=name,
            reason=str(error.orig),
        ) from error


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        return create_engine(parsed, pool_pre_ping=True, connect_args=_PATIENCE)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True)
    engine = create_engine(parsed, connect_args={"timeout": BUSY_TIMEOUT_S})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy says BEGIN itself, below
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get(_IMMEDIATE)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _check(engine: Engine, name: str) -> None:
    """A damaged SQLite file is found before anything is written to it."""
    if engine.dialect.name != "sqlite":
        return
    with engine.connect() as connection:
        found = connection.execute(text("PRAGMA quick_check(1)")).scalar()
    if found != "ok":
        raise _damaged(name, str(found))


def _migrate(writer: Engine, name: str) -> None:
    with writer.begin() as connection:
        tables = set(inspect(connection).get_table_names())
        revision = None
        if "alembic_version" in tables:
            revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        elif tables:
            raise RecordError(
                f"{name} is a database of something else (tables: {', '.join(sorted(tables)[:5])})",
                remedy="give another data folder or database",
                code="record.foreign",
                file=name,
            )
        if revision != HEAD:
            _upgrade(connection, revision, name)


def _upgrade(connection: Connection, revision: str | None, name: str) -> None:
    """Imported here: it takes longer than opening a database that is up to date."""
    from station.records.migrations.walk import known_revisions, walk

    if revision is not None and revision not in known_revisions():
        raise RecordError(
            f"the records database {name} was written by a newer program"
            f" (revision {revision}, this one knows {HEAD})",
            remedy="update this program, or give another data folder",
            code="record.newer",
            file=name,
            revision=revision,
        )
    walk(connection, "head")


def _is_damage(error: DBAPIError) -> bool:
    return any(word in str(error.orig) for word in ("malformed", "not a database", "encrypted"))


def _damaged(name: str, reason: str) -> RecordError:
    return RecordError(
        f"the records database {name} is damaged: {reason}",
        remedy="put back a backup, or move the file away to start a new one; the runs folder stays as it is",
        code="record.damaged",
        file=name,
        reason=reason,
    )


def name_of(url: str) -> str:
    """What people are told: the file, or the URL without its password."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        return url
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        return parsed.database
    return parsed.render_as_string(hide_password=True)
