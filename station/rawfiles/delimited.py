"""Reads text tables: BDF, plain CSV, and the text exports of Arbin, Maccor, BioLogic and Neware."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from station.errors import DataError
from station.rawfiles.assemble import assemble
from station.rawfiles.columns import HEADER_HELP, Column, is_bdf, missing_columns, recognise
from station.rawfiles.dialects import dialect_of
from station.rawfiles.recording import Recording
from station.rawfiles.text_table import TextTable, read_text, split_rows

#: Lines above the header (comments, cycler banners) that are looked through.
HEADER_LINES = 2000
#: Longer lines are no headers, in characters.
HEADER_LENGTH = 20_000


def read_delimited(path: Path, *, nominal_capacity_Ah: float | None) -> Recording:
    """Read a text table. Raises DataError naming file, line and column."""
    lines = read_text(path).splitlines()
    head, delimiter, columns = _find_header(lines, path.name)
    headers = next(csv.reader([lines[head]], delimiter=delimiter))
    rows, where = split_rows(lines, head, delimiter)
    table = TextTable(path.name, headers, rows, where)
    dialect = dialect_of(lines[: head + 1], headers)
    return assemble(
        table,
        columns,
        path,
        format=f"{dialect}-text" if dialect else "bdf-csv" if is_bdf(columns) else "csv",
        nominal_capacity_Ah=nominal_capacity_Ah,
    )


def _find_header(lines: Sequence[str], source: str) -> tuple[int, str, dict[str, Column]]:
    """Line index, delimiter and columns of the header: the first line that names all required columns."""
    best: tuple[int, list[str]] | None = None
    for number, line in enumerate(lines[:HEADER_LINES]):
        if len(line) > HEADER_LENGTH:
            continue
        delimiter = max("\t,;|", key=line.count)
        try:
            cells = next(csv.reader([line], delimiter=delimiter), [])
        except csv.Error:
            continue
        columns = recognise(cells)
        missing = missing_columns(columns)
        if not missing:
            return number, delimiter, columns
        if best is None or len(missing) < len(best[1]):
            best = (number, missing)
    number, missing = best if best is not None else (0, ["time", "current", "voltage"])
    raise DataError(
        f"{source}, line {number + 1}: no column for {' and '.join(missing)}",
        remedy=f"{HEADER_HELP}; or describe the columns in a mapping file",
        code="data.columns",
        file=source,
        row=f"line {number + 1}",
        missing=missing,
    )
