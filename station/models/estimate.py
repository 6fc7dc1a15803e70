"""A table of pulse blocks in, a table of SOH, interval and chemistry out: one row each, in order."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from station.diagnosis.soh.model import ModelSet
from station.diagnosis.soh.rows import RowInputs, RowResults, estimate_rows
from station.diagnosis.tables import COLUMNS
from station.errors import DataError
from station.models.in_use import load_in_use
from station.models.reading import Table, read_table

OUT_KINDS = (".csv", ".parquet", ".json")

OUT_SCHEMA = pa.schema(
    [
        ("cell_id", pa.string()),
        ("soh", pa.float64()),
        ("soh_low90", pa.float64()),
        ("soh_high90", pa.float64()),
        ("chemistry", pa.string()),
        ("chemistry_confidence", pa.float64()),
        ("abstained", pa.bool_()),
        ("reason", pa.string()),
        ("row", pa.int64()),
        ("pulse_width_s", pa.float64()),
    ]
)


@dataclass(frozen=True)
class EstimateSummary:
    """How many rows were read, how many of them abstained, and how often for which reason (by code)."""

    rows: int
    abstained: int
    reasons: dict[str, int]
    out: Path


def estimate_table(table_path: Path, out_path: Path, models: ModelSet | None = None) -> EstimateSummary:
    """Estimate every row of a table on its own and write the answers.

    Read: ``U1`` … ``U41`` (V; as many as there are), ``pulse_width_s``, and if there ``nominal_capacity_Ah``,
    ``third_amplitude_C``, ``cell_id``. Columns with capacity, SOC, chemistry or history are not looked at.
    Written (.csv, .parquet, .json): ``OUT_SCHEMA``; SOH is a fraction, empty where abstained.
    Raises DataError for a table that cannot be read as such, before anything is written.
    """
    table_path, out_path = Path(table_path), Path(out_path)
    if out_path.suffix.lower() not in OUT_KINDS:
        raise DataError(
            f"{out_path}: results are written as {', '.join(OUT_KINDS)}",
            remedy="Give the output one of these endings.",
            code="data.table_out",
            file=str(out_path),
        )
    table = read_table(table_path)
    inputs = _inputs(table)
    results = estimate_rows(models or load_in_use(), inputs)
    _write(_rows(table, inputs, results), out_path)
    codes = [reason.code for reason in results.reasons if reason is not None]
    return EstimateSummary(
        table.rows, len(codes), {code: codes.count(code) for code in sorted(set(codes))}, out_path
    )


def _inputs(table: Table) -> RowInputs:
    if "pulse_width_s" not in table.names:
        raise _lacks(table, "pulse_width_s", "Add the width of the pulses in seconds.")
    if "U1" not in table.names and "U33" not in table.names:
        raise _lacks(table, "U1", "Add the rest voltage before the pulses.")
    if sum(name in table.names for name in COLUMNS) < 2:
        raise _lacks(table, "U2 … U41", "Add the pulse voltages.")
    voltages = np.column_stack([table.numbers(name) for name in COLUMNS])
    voltages[~np.isfinite(voltages)] = np.nan
    return RowInputs(
        voltages_V=voltages,
        width_s=table.numbers("pulse_width_s"),
        third_amplitude_C=table.numbers("third_amplitude_C"),
        nominal_capacity_Ah=table.numbers("nominal_capacity_Ah"),
    )


def _lacks(table: Table, column: str, remedy: str) -> DataError:
    return DataError(
        f"{table.path} has no column {column}",
        remedy=remedy,
        code="data.table_column",
        file=str(table.path),
        column=column,
    )


def _rows(table: Table, inputs: RowInputs, results: RowResults) -> pa.Table:
    abstained = [reason is not None for reason in results.reasons]
    return pa.table(
        {
            "cell_id": table.texts("cell_id"),
            "soh": _numbers(results.soh),
            "soh_low90": _numbers(results.low90),
            "soh_high90": _numbers(results.high90),
            "chemistry": results.chemistry,
            "chemistry_confidence": _numbers(results.confidence),
            "abstained": abstained,
            "reason": [
                None if reason is None else f"{reason.code}: {reason.text}" for reason in results.reasons
            ],
            "row": range(1, table.rows + 1),
            "pulse_width_s": _numbers(inputs.width_s),
        },
        schema=OUT_SCHEMA,
    )


def _numbers(values: Sequence[float] | np.ndarray[Any, np.dtype[np.float64]]) -> pa.Array:
    """Six decimals, null instead of NaN."""
    rounded = np.round(np.asarray(values, dtype=float), 6)
    return pa.array(rounded, mask=~np.isfinite(rounded))


def _write(rows: pa.Table, out_path: Path) -> None:
    kind = out_path.suffix.lower()
    try:
        if kind == ".parquet":
            pa.parquet.write_table(rows, out_path)
        elif kind == ".csv":
            pa.csv.write_csv(rows, out_path)
        else:
            out_path.write_text(
                json.dumps(rows.to_pylist(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
            )
    except OSError as error:
        raise DataError(
            f"{out_path} cannot be written: {error}",
            remedy="Check the folder and its rights.",
            file=str(out_path),
        ) from error
