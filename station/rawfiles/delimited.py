"""Reads text tables: BDF CSV and plain CSV with time, current and voltage, gzip allowed."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from station.errors import DataError
from station.rawfiles.checks import check_samples
from station.rawfiles.clock_text import clock_seconds
from station.rawfiles.columns import HEADER_HELP, Column, is_bdf, missing_columns, recognise
from station.rawfiles.recording import Floats, Recording, SampleTable

#: Lines above the header (comments, cycler banners) that are looked through.
HEADER_LINES = 60


def read_delimited(path: Path, *, nominal_capacity_Ah: float | None) -> Recording:
    """Read a CSV file. Raises DataError naming file, line and column."""
    source = path.name
    text = _text(path)
    if not text.strip():
        raise DataError(
            f"{source} is empty", remedy="export the test again", code="data.empty", file=str(path)
        )
    lines = text.splitlines()
    head, delimiter, columns = _find_header(lines, source)
    rows = list(csv.reader(lines[head + 1 :], delimiter=delimiter))
    # A blank line is not a row; line numbers count from 1 as editors do.
    numbered = [(head + 2 + n, row) for n, row in enumerate(rows) if any(cell.strip() for cell in row)]
    line_of = [line for line, _ in numbered]
    table = {
        quantity: _numbers(numbered, column, source, optional=quantity in ("temperature", "step"))
        for quantity, column in columns.items()
    }
    step = table.get("step")
    samples = SampleTable(
        time_s=table["time"],
        current_A=table["current"],
        voltage_V=table["voltage"],
        temperature_degC=table.get("temperature"),
        step=step.astype(np.int64) if step is not None and bool(np.all(np.isfinite(step))) else None,
    )
    check_samples(
        samples,
        source=source,
        nominal_capacity_Ah=nominal_capacity_Ah,
        where=lambda row: f"line {line_of[row]}",
        headers={quantity: column.header for quantity, column in columns.items()},
    )
    return Recording(
        samples=samples,
        steps=None,
        source=str(path),
        format="bdf-csv" if is_bdf(columns) else "csv",
        nominal_capacity_Ah=nominal_capacity_Ah,
        notes=unit_notes(columns),
    )


def unit_notes(columns: dict[str, Column]) -> tuple[str, ...]:
    """A note per required column whose header gives no unit."""
    return tuple(
        f"column {columns[quantity].header!r} gives no unit; taken as {unit}"
        for quantity, unit in (("time", "s"), ("current", "A"), ("voltage", "V"))
        if not columns[quantity].unit_given
    )


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(
            f"{path.name} cannot be unpacked: {error}",
            remedy="the file is damaged or cut off; copy or export it again",
            code="data.corrupt",
            file=str(path),
        ) from error
    if b"\x00" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DataError(
            f"{path.name} is not a text file",
            remedy="give a CSV, Parquet or XLSX export",
            code="data.corrupt",
            file=str(path),
        )
    encodings = ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DataError(
        f"{path.name} is neither UTF-8 nor GB 18030 text",
        remedy="save the file as UTF-8",
        code="data.corrupt",
        file=str(path),
    )


def _find_header(lines: Sequence[str], source: str) -> tuple[int, str, dict[str, Column]]:
    """Line index, delimiter and columns of the header: the first line that names all required columns."""
    best: tuple[int, list[str]] | None = None
    for number, line in enumerate(lines[:HEADER_LINES]):
        delimiter = max(",;\t|", key=line.count)
        cells = next(csv.reader([line], delimiter=delimiter), [])
        columns = recognise(cells)
        missing = missing_columns(columns)
        if not missing:
            return number, delimiter, columns
        if best is None or len(missing) < len(best[1]):
            best = (number, missing)
    number, missing = best if best is not None else (0, ["time", "current", "voltage"])
    raise DataError(
        f"{source}, line {number + 1}: no column for {' and '.join(missing)}",
        remedy=HEADER_HELP,
        code="data.columns",
        file=source,
        row=f"line {number + 1}",
        missing=missing,
    )


def _numbers(
    numbered: Sequence[tuple[int, list[str]]], column: Column, source: str, *, optional: bool
) -> Floats:
    """One column as numbers in SI; empty cells and NaN words are NaN. Raises DataError for any other text."""
    values = np.empty(len(numbered))
    for n, (line, row) in enumerate(numbered):
        if column.index >= len(row):
            raise DataError(
                f"{source}, line {line}: the row ends before column {column.header!r}",
                remedy="the file is cut off or the line damaged; export it again",
                code="data.row",
                file=source,
                row=f"line {line}",
                column=column.header,
            )
        cell = row[column.index].strip()
        try:
            values[n] = float(cell) if cell else np.nan
        except ValueError:
            seconds = clock_seconds(cell) if ":" in cell else None
            number = _decimal_comma(cell)
            if seconds is not None:
                values[n] = seconds / column.factor
            elif number is not None:
                values[n] = number
            elif optional:
                values[n] = np.nan
            else:
                raise DataError(
                    f"{source}, line {line}, column {column.header!r}: {cell!r} is not a number",
                    remedy="replace the text by a number or leave the cell empty",
                    code="data.not_a_number",
                    file=source,
                    row=f"line {line}",
                    column=column.header,
                    value=cell,
                ) from None
    values[~np.isfinite(values)] = np.nan
    return values * column.factor


def _decimal_comma(cell: str) -> float | None:
    if cell.count(",") != 1 or "." in cell:
        return None
    try:
        return float(cell.replace(",", "."))
    except ValueError:
        return None
