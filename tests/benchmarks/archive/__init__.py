"""A million results searched on SQLite and PostgreSQL, and results taken in by a site, beside plain ways.

``STATION_BENCH_ROWS`` makes it smaller (1,000,000 otherwise).
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from sqlalchemy import create_engine, text

from tests.benchmarks.archive.fill import fill
from tests.benchmarks.archive.ingest import ingest_rows
from tests.benchmarks.archive.queries import query_rows
from tests.benchmarks.table import Row
from tests.station.sites.postgres import postgresql


def rows() -> list[Row]:
    """Both databases in turn."""
    found: list[Row] = []
    with tempfile.TemporaryDirectory() as place, postgresql() as server:
        for name, url in (
            ("SQLite", f"sqlite:///{place}/station.sqlite"),
            ("PostgreSQL", _database(server, "archive")),
        ):
            count = fill(url)
            found += query_rows(Path(place), url, name, count)
        found += ingest_rows(_database(server, "ingest"))
    return found


def _database(server: str, name: str) -> str:
    engine = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return f"{server}/{name}"
