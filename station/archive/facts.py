"""One row of plain figures for every judged run on record, as an Arrow table.

Read through the records, so that it is the same on SQLite and PostgreSQL; asked by DuckDB, in this process.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from station.records import Records

SCHEMA = pa.schema(
    [
        ("run_id", pa.string()),
        ("number", pa.int64()),
        ("started_utc", pa.string()),
        ("battery", pa.string()),
        ("bench", pa.string()),
        ("channel", pa.string()),
        ("profile", pa.string()),
        ("verdict", pa.string()),
        ("grade", pa.string()),
        ("level", pa.string()),
        ("chemistry", pa.string()),
        ("nominal_capacity_Ah", pa.float64()),
        ("series_cells", pa.int64()),
        ("maker", pa.string()),
        ("source", pa.string()),
        ("soh", pa.float64()),
        ("soh_half90", pa.float64()),
        ("ocv_V", pa.float64()),
        ("resistance_100ms_ohm", pa.float64()),
        ("resistance_1s_ohm", pa.float64()),
        ("temperature_degC", pa.float64()),
    ]
)
PAGE = 500


def facts_table(records: Records, *, since: str | None = None, until: str | None = None) -> pa.Table:
    """Judged runs begun in the span (ISO 8601 UTC, end exclusive), oldest first. Raises RecordError."""
    makers = {row["code"]: row.get("maker") for row in records.batteries()}
    rows = sorted(_rows(records, makers, since, until), key=lambda row: int(row["number"]))
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _rows(
    records: Records, makers: dict[str, str | None], since: str | None, until: str | None
) -> Iterator[dict[str, Any]]:
    before: int | None = None
    while True:
        page = records.search_runs(limit=PAGE, before=before, since=since, until=until, state="ended")
        results = records.results_of([run["run_id"] for run in page["runs"]])
        for run in page["runs"]:
            text = results.get(run["run_id"])
            if run["verdict"] is not None and text is not None:
                yield {**_of_run(run, makers.get(run["battery"])), **_of_result(json.loads(text))}
        before = page["next"]
        if before is None:
            return


def _of_run(run: dict[str, Any], maker: str | None) -> dict[str, Any]:
    names = ("run_id", "number", "started_utc", "battery", "bench", "channel", "profile", "verdict", "grade")
    return {name: run[name] for name in names} | {
        "chemistry": run["chemistry"],
        "nominal_capacity_Ah": run["nominal_capacity_Ah"],
        "maker": maker,
    }


def _of_result(result: dict[str, Any]) -> dict[str, Any]:
    soh = result.get("soh") or {}
    blocks = result.get("blocks") or []
    first = blocks[0] if blocks else {}
    known = (result.get("history") or {}).get("known") or {}
    chemistry = (result.get("chemistry") or {}).get("label")
    found = {
        "level": result.get("level"),
        "series_cells": result.get("series_cells"),
        "source": known.get("source"),
        "soh": soh.get("estimate"),
        "soh_half90": (soh["high90"] - soh["low90"]) / 2 if soh else None,
        "ocv_V": first.get("ocv_V"),
        "resistance_100ms_ohm": _resistance(blocks, "0.1"),
        "resistance_1s_ohm": _resistance(blocks, "1"),
        "temperature_degC": first.get("temperature_degC"),
    }
    return found | ({"chemistry": chemistry} if chemistry else {})


def _resistance(blocks: list[dict[str, Any]], at: str) -> float | None:
    """The median over all pulses that tell it."""
    values = [pulse["resistance_ohm"].get(at) for block in blocks for pulse in block.get("pulses", ())]
    told = [value for value in values if value is not None]
    return statistics.median(told) if told else None
