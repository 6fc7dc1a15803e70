"""Reads XLSX exports: Nebula by its layers, Arbin and others by their headers."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from station.errors import DataError
from station.rawfiles.assemble import assemble
from station.rawfiles.columns import HEADER_HELP, Column, missing_columns, recognise
from station.rawfiles.dialects import dialect_of
from station.rawfiles.nebula import is_nebula, read_nebula
from station.rawfiles.recording import Recording
from station.rawfiles.sheets import Row, sheets_of
from station.rawfiles.text_table import TextTable

#: Rows above the header that are looked through.
HEADER_ROWS = 60
#: Sheets with one row per cycle carry the same headers as the samples.
SUMMARIES = ("statistic", "统计", "cycle", "循环", "summary")


def read_workbook(path: Path, *, nominal_capacity_Ah: float | None) -> Recording:
    """Read an XLSX export. Raises DataError naming file, sheet, row and column."""
    sheets = sheets_of(path)
    if is_nebula(sheets):
        return read_nebula(path, sheets, nominal_capacity_Ah=nominal_capacity_Ah)
    table, columns = _table(path.name, sheets)
    dialect = dialect_of([], table.headers)
    return assemble(
        table,
        columns,
        path,
        format=f"{dialect}-xlsx" if dialect else "xlsx",
        nominal_capacity_Ah=nominal_capacity_Ah,
    )


def _table(source: str, sheets: list[tuple[str, list[Row]]]) -> tuple[TextTable, dict[str, Column]]:
    """The samples of all sheets that have the header of the first; a long test is split over sheets."""
    table: TextTable | None = None
    columns: dict[str, Column] = {}
    for title, rows in sheets:
        if title.lower().startswith(SUMMARIES):
            continue
        for number, row in enumerate(rows[:HEADER_ROWS]):
            headers = [_text(cell) for cell in row]
            found = recognise(headers)
            if missing_columns(found):
                continue
            if table is None:
                table, columns = TextTable(source, headers, [], []), found
            if headers == table.headers:
                _append(table, title, rows, number + 1)
            break
    if table is None:
        seen = ", ".join(title for title, _ in sheets[:6]) or "no sheet"
        raise DataError(
            f"{source}: no sheet has columns for time, current and voltage ({seen})",
            remedy=f"export the records, not only the summary; {HEADER_HELP}",
            code="data.columns",
            file=source,
        )
    return table, columns


def _append(table: TextTable, title: str, rows: list[Row], first: int) -> None:
    for number, row in enumerate(rows[first:], first + 1):
        cells = [_text(cell) for cell in row]
        if any(cells):
            table.rows.append(cells)
            table.where.append(f"sheet {title}, row {number}")


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, dt.timedelta):
        return repr(cell.total_seconds())
    return str(cell).strip()
