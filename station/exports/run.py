"""A run as a file for others: BDF table (CSV, Parquet), workbook, JSON, passport fields."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal, get_args

from station.errors import DataError
from station.exports.passport import passport
from station.exports.tables import Cell, csv_bytes, json_bytes, xlsx_bytes
from station.records import Records

Format = Literal["bdf-csv", "bdf-parquet", "xlsx", "json", "passport"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)
_SUFFIX = {
    "bdf-csv": ".bdf.csv", "bdf-parquet": ".bdf.parquet", "xlsx": ".xlsx", "json": ".json",
    "passport": ".passport.json",
}  # fmt: skip
BDF = (
    "Test Time / s", "Voltage / V", "Current / A", "Unix Time / s", "Cycle Count / 1", "Step Count / 1",
    "Ambient Temperature / degC", "Surface Temperature / degC", "Record Index / 1",
)  # fmt: skip
"""Columns by the preferred labels of the Battery Data Format; positive current charges. Own columns stay
behind."""


def export_run(
    records: Records, run_id: str, form: Format, *, institution: str = "PulseStation"
) -> tuple[str, bytes]:
    """Name and content of the file. Nothing is exported from a raw file that is not as it was recorded.

    Raises UsageError (``record.no_run``), DataError (``export.data_changed``, ``export.no_samples``).
    """
    row = records.show_run(run_id)
    changed = [file["path"] for file in row["files"] if file["check"] not in ("ok", "removed")]
    if changed:
        raise DataError(
            f"run {run_id}: {', '.join(changed)} is not what was recorded",
            remedy="put the file back from a backup; nothing is exported from changed data",
            code="export.data_changed",
            run_id=run_id,
            file=changed[0],
        )
    name = file_name(row, form, institution)
    if form == "passport":
        return name, json_bytes(passport(row, records.battery(row["battery"])))
    columns = _samples(
        records.folder / "runs" / run_id / "run.parquet", run_id, needed=form.startswith("bdf")
    )
    if form == "bdf-csv":
        # BDF wants its labels as the very first bytes: no mark before them.
        content = csv_bytes(list(columns), zip(*columns.values(), strict=True)).removeprefix(b"\xef\xbb\xbf")
        return name, content
    if form == "bdf-parquet":
        return name, _parquet(columns, row)
    if form == "xlsx":
        return name, xlsx_bytes(_sheets(row, columns))
    return name, json_bytes({"format": "pulse-station/export/1", "run": row, "samples": columns})


def file_name(row: Mapping[str, Any], form: Format, institution: str) -> str:
    """``Institution__Cell__YYYYMMDD_XXX`` as BDF names files; XXX is the end of the run's id."""
    day = re.sub(r"\D", "", row["started_utc"])[:8]
    parts = (institution, row["battery"], f"{day}_{row['run_id'].rpartition('-')[2]}")
    return "__".join(re.sub(r"[^\w.-]+|__+", "-", part) for part in parts) + _SUFFIX[form]


def _samples(path: Path, run_id: str, *, needed: bool) -> dict[str, list[Cell]]:
    if not path.is_file():
        if not needed:
            return {}
        raise DataError(
            f"run {run_id} has no samples here",
            remedy="it ended before anything was measured, or retention took its raw file away",
            code="export.no_samples",
            run_id=run_id,
        )
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    return {label: table[label].to_pylist() for label in BDF if label in table.column_names}


def _parquet(columns: Mapping[str, list[Cell]], row: Mapping[str, Any]) -> bytes:
    import json

    import pyarrow as pa
    import pyarrow.parquet as pq

    about = {key: row[key] for key in ("run_id", "battery", "station", "profile", "started_utc", "simulated")}
    table = pa.table(dict(columns)).replace_schema_metadata({"pulse_station_export": json.dumps(about)})
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd")
    return out.getvalue()


def _sheets(row: Mapping[str, Any], columns: Mapping[str, list[Cell]]) -> dict[str, Any]:
    result = row["result"] or {}
    plain = [
        (key, value) for key, value in row.items() if isinstance(value, str | int | float) or value is None
    ]
    soh = [(f"soh_{key}", value) for key, value in (result.get("soh") or {}).items()]
    pulses = [
        (
            p.get("start_s"),
            p.get("duration_s"),
            p.get("current_A"),
            *(p["resistance_ohm"].get(t) for t in _AT),
        )
        for block in result.get("blocks") or []
        for p in block.get("pulses") or []
    ]
    budget = (result.get("uncertainty") or {}).get("quantities") or {}
    return {
        "summary": (("field", "value"), [*plain, *soh]),
        "samples": (list(columns), zip(*columns.values(), strict=True)),
        "pulses": (("Start / s", "Duration / s", "Current / A", *(f"R({t} s) / ohm" for t in _AT)), pulses),
        "uncertainty": (
            ("quantity", "value", "unit", "standard uncertainty", "expanded (k=2)"),
            [(name, q["value"], q["unit"], q["standard"], q["expanded"]) for name, q in budget.items()],
        ),
        "events": (
            ("time UTC", "bench time / s", "level", "code"),
            [(e["t_utc"], e["t_s"], e["level"], e["code"]) for e in row["events"]],
        ),
        "files": (
            ("path", "kind", "sha256", "bytes"),
            [(f["path"], f["kind"], f["sha256"], f["bytes"]) for f in row["files"]],
        ),
    }


_AT = ("0.01", "0.1", "1", "5", "10")
