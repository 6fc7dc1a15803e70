"""All tables of one database into another that is empty: from a server into a file, and back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, Integer, func, insert, select, text

from station.errors import UsageError
from station.records.database import explained, name_of, open_database
from station.records.models import Base

CHUNK = 2000
"""Rows on their way at a time."""


def copy_database(source: str, target: str) -> int:
    """Every row of the database at URL ``source`` into the one at ``target``, as of one moment.

    Others may write meanwhile. All rows arrive or none. Returns how many. Raises RecordError, and UsageError
    (``backup.not_empty``) where the target holds records already.
    """
    given, _ = open_database(source)
    taking, writer = open_database(target)
    try:
        _empty(taking, target)
        with explained(name_of(source)), explained(name_of(target)):
            return _copy(given, writer)
    finally:
        given.dispose()
        taking.dispose()


def _copy(given: Engine, writer: Engine) -> int:
    moment: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    if given.dialect.name != "postgresql":
        moment = {}  # SQLite's reading transaction is one moment by itself
    count = 0
    with given.connect().execution_options(**moment) as reader, writer.begin() as connection:
        for table in Base.metadata.sorted_tables:
            rows = reader.execution_options(stream_results=True, yield_per=CHUNK).execute(select(table))
            for part in rows.mappings().partitions():
                connection.execute(insert(table), [dict(row) for row in part])
                count += len(part)
            (key, *more) = table.primary_key.columns
            if writer.dialect.name == "postgresql" and not more and isinstance(key.type, Integer):
                # The server counts on by itself: from where the copied numbers end.
                connection.execute(
                    text(
                        f"SELECT setval(pg_get_serial_sequence('{table.name}', '{key.name}'), "
                        f"(SELECT max({key.name}) FROM {table.name}))"
                    )
                )
    return count


def _empty(engine: Engine, url: str) -> None:
    with explained(name_of(url)), engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            if connection.scalar(select(func.count()).select_from(table.select().limit(1).subquery())):
                raise UsageError(
                    f"{name_of(url)} is not empty: table {table.name} holds records",
                    remedy="give a new, empty database",
                    code="backup.not_empty",
                    file=name_of(url),
                )
