"""A million runs on record, spread like those of a busy region, by the fastest way of each database."""

from __future__ import annotations

import io
import os
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, insert, text

from station.records.database import open_database
from station.records.models import Battery, Run

RUNS = int(os.environ.get("STATION_BENCH_ROWS", "1000000"))
BATTERIES = RUNS // 4
CHUNK = 20_000
_VERDICTS = (
    ("pass", "A"),
    ("pass", "B"),
    ("pass", "C"),
    ("fail", None),
    ("quarantine", None),
    ("no_verdict", None),
)
_ERRORS = ("safety.voltage_max", "safety.temperature_max", "instrument.link_silent", "worker.died")


def battery_code(number: int) -> str:
    """A code of 24 characters; four batteries in five are of one of ten makers."""
    return f"{number % 10:03d}PB{number % 7:01d}{number:010d}JD{number % 97:02d}{number % 1000:03d}"[:24]


def fill(url: str) -> int:
    """Make the database at ``url`` and fill it. Returns the number of runs."""
    engine, writer = open_database(url)
    now = "2026-01-01T00:00:00.000000Z"
    batteries = (
        {"code": battery_code(n), "first_seen_utc": now, "last_seen_utc": now} for n in range(BATTERIES)
    )
    _store(writer, Battery, batteries)
    _store(writer, Run, _runs())
    with writer.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("ANALYZE"))
    engine.dispose()
    return RUNS


def _runs() -> Iterator[dict[str, Any]]:
    chance, start = random.Random(1), datetime(2023, 1, 1, tzinfo=UTC)
    for number in range(1, RUNS + 1):
        begun = (start + timedelta(seconds=90 * number)).isoformat(timespec="microseconds")[:-6] + "Z"
        verdict, grade = chance.choice(_VERDICTS)
        faulty = chance.random() < 0.03
        yield {
            "run_id": f"20260101T000000-{number % 16}-{number:06x}",
            "battery": battery_code(chance.randrange(BATTERIES)),
            "bench": f"bench{number % 4}",
            "channel": str(number % 16),
            "profile": ("rapid", "screen", "reference", "adaptive")[number % 4],
            "plan_digest": "0" * 64,
            "nominal_capacity_Ah": 35.0,
            "chemistry": "lfp",
            "speed": 1.0,
            "simulated": False,
            "started_utc": begun,
            "ended_utc": begun,
            "state": "ended",
            "outcome": "limit_tripped" if faulty else "completed",
            "exit_code": 0,
            "verdict": verdict,
            "grade": grade,
            "soh": chance.uniform(0.5, 1.0),
            "error_code": chance.choice(_ERRORS) if faulty else None,
            "latched": False,
            "number": number,
            "duration_s": 170.0,
            "resumes": 0,
        }


def _store(writer: Engine, table: type[Any], rows: Iterator[dict[str, Any]]) -> None:
    copy = writer.dialect.name == "postgresql"
    chunk: list[dict[str, Any]] = []
    with writer.begin() as connection:
        for row in rows:
            chunk.append(row)
            if len(chunk) == CHUNK:
                _write(connection, table, chunk, copy)
                chunk = []
        if chunk:
            _write(connection, table, chunk, copy)


def _write(connection: Any, table: type[Any], chunk: list[dict[str, Any]], copy: bool) -> None:
    if not copy:
        connection.execute(insert(table.__table__), chunk)
        return
    columns = list(chunk[0])
    lines = io.StringIO()
    for row in chunk:
        lines.write("\t".join("\\N" if row[c] is None else str(row[c]) for c in columns) + "\n")
    cursor = connection.connection.cursor()
    with cursor.copy(f"COPY {table.__tablename__} ({_quoted(columns)}) FROM STDIN") as target:
        target.write(lines.getvalue())


def _quoted(columns: list[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)
