"""Reads BDF and other Parquet tables and writes the station's own run files (Parquet with BDF columns)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from station.errors import DataError
from station.rawfiles.checks import check_samples
from station.rawfiles.columns import HEADER_HELP, Column, is_bdf, missing_columns, recognise, unit_notes
from station.rawfiles.recording import RUN_FORMAT, Floats, Recording, SampleTable
from station.rawfiles.signs import check_answer

#: Key of the run's description in the Parquet file metadata; its value is JSON.
METADATA_KEY = b"pulse_station"
REQUIRED_LABELS = ("Test Time / s", "Current / A", "Voltage / V")


def read_parquet(path: Path, *, nominal_capacity_Ah: float | None) -> Recording:
    """Read a Parquet table. Raises DataError naming file, row and column."""
    source = path.name
    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise DataError(
            f"{source} is not a readable Parquet file: {error}",
            remedy="the file is damaged or cut off; copy or export it again",
            code="data.corrupt",
            file=str(path),
        ) from error
    metadata = _metadata(table.schema.metadata or {}, source)
    columns = recognise(table.column_names)
    missing = missing_columns(columns)
    if missing:
        raise DataError(
            f"{source}: no column for {' and '.join(missing)} among {', '.join(table.column_names[:12])}",
            remedy=HEADER_HELP,
            code="data.columns",
            file=source,
            missing=missing,
        )
    values = {quantity: _numbers(table, column, source) for quantity, column in columns.items()}
    step = values.get("step")
    samples = SampleTable(
        values["time"],
        values["current"],
        values["voltage"],
        values.get("temperature"),
        step.astype(np.int64) if step is not None and bool(np.all(np.isfinite(step))) else None,
    )
    nominal = nominal_capacity_Ah if nominal_capacity_Ah is not None else _nominal(metadata)
    check_samples(
        samples,
        source=source,
        nominal_capacity_Ah=nominal,
        where=lambda row: f"row {row + 1}",
        headers={quantity: column.header for quantity, column in columns.items()},
    )
    own = METADATA_KEY in (table.schema.metadata or {})
    if not own:  # in own files positive charges by design, and a noisy reading must not refuse a run
        check_answer(
            samples.current_A,
            samples.voltage_V,
            proved=False,
            source=source,
            header=columns["current"].header,
        )
    return Recording(
        samples=samples,
        steps=None,
        source=str(path),
        format=RUN_FORMAT if own else "bdf-parquet" if is_bdf(columns) else "parquet",
        nominal_capacity_Ah=nominal,
        metadata=metadata,
        notes=unit_notes(columns),
    )


def write_run_parquet(
    path: Path | str, columns: Mapping[str, Sequence[Any] | NDArray[Any]], metadata: Mapping[str, Any]
) -> None:
    """Write a run file: columns by BDF label (``Test Time / s``, ``Current / A`` …), zstd, metadata as JSON.

    Missing values (NaN or None) are written as nulls. The file appears whole or not at all. Raises ValueError
    for a missing required label or columns of different length, OSError when the file cannot be written.
    """
    lacking = [label for label in REQUIRED_LABELS if label not in columns]
    if lacking:
        raise ValueError(f"a run file needs the columns {', '.join(lacking)}")
    lengths = {label: len(values) for label, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"columns of a run file must have the same length: {lengths}")
    arrays = [
        pa.array(values, from_pandas=True) if isinstance(values, np.ndarray) else _array(values)
        for values in columns.values()
    ]
    note = json.dumps(dict(metadata), ensure_ascii=False, sort_keys=True).encode()
    table = pa.Table.from_arrays(arrays, names=list(columns)).replace_schema_metadata({METADATA_KEY: note})
    target = Path(path)
    part = target.with_name(target.name + ".part")
    try:
        pq.write_table(table, part, compression="zstd")
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _array(values: Sequence[Any]) -> Any:
    """A column from plain values; NaN becomes null."""
    return pa.array([None if isinstance(value, float) and value != value else value for value in values])


def _numbers(table: Any, column: Column, source: str) -> Floats:
    data = table.column(column.index).combine_chunks()
    if pa.types.is_dictionary(data.type):
        data = data.dictionary_decode()
    if pa.types.is_duration(data.type):
        data = pc.divide(pc.cast(pc.cast(data, pa.duration("ns")), pa.int64()).cast(pa.float64()), 1e9)
    try:
        numbers = pc.cast(data, pa.float64(), safe=False)
    except pa.ArrowException:
        row, value = _first_bad(data)
        raise DataError(
            f"{source}, row {row + 1}, column {column.header!r}: {value!r} is not a number",
            remedy="replace the text by a number or leave the cell empty",
            code="data.not_a_number",
            file=source,
            row=f"row {row + 1}",
            column=column.header,
            value=str(value),
        ) from None
    values = np.array(numbers.to_numpy(zero_copy_only=False), dtype=np.float64)
    values[~np.isfinite(values)] = np.nan
    return values * column.factor


def _first_bad(data: Any) -> tuple[int, object]:
    for row, value in enumerate(data.to_pylist()):
        try:
            if value is not None:
                float(value)
        except (TypeError, ValueError):
            return row, value
    return 0, str(data.type)


def _metadata(raw: Mapping[bytes, bytes], source: str) -> dict[str, Any]:
    if METADATA_KEY not in raw:
        return {}
    try:
        value = json.loads(raw[METADATA_KEY])
    except ValueError as error:
        raise DataError(
            f"{source}: the run description inside the file is not valid JSON: {error}",
            remedy="restore the file from the backup or from its journal",
            code="data.corrupt",
            file=source,
        ) from error
    return value if isinstance(value, dict) else {}


def _nominal(metadata: Mapping[str, Any]) -> float | None:
    """Nominal capacity in Ah from a run description, at its top or under ``battery``."""
    battery = metadata.get("battery")
    value = metadata.get("nominal_capacity_Ah")
    if value is None and isinstance(battery, Mapping):
        value = battery.get("nominal_capacity_Ah")
    return (
        float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value > 0 else None
    )
