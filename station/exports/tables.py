"""Tables as CSV, XLSX and JSON. Every file appears whole or not at all, and no text becomes a formula."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Cell = str | float | int | bool | None
Rows = Iterable[Sequence[Cell]]
ROWS_MOST = 1_000_000
"""Of one sheet; the format ends at 1 048 576."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_bytes(columns: Sequence[str], rows: Rows) -> bytes:
    """CSV (RFC 4180) in UTF-8 with a mark, so that spreadsheets read Chinese.

    Text that a spreadsheet would take for a formula (a label may say anything) is led by an apostrophe.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _plain(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def json_bytes(data: Any) -> bytes:
    """JSON for people: indented, Chinese as it is."""
    return (json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def xlsx_bytes(sheets: Mapping[str, tuple[Sequence[str], Rows]]) -> bytes:
    """A workbook; a sheet that would be too long goes on in the next one. Text is always text."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for title, (columns, rows) in sheets.items():
        sheet, number, count = _sheet(book, title, columns), 1, 0
        for row in rows:
            if count == ROWS_MOST:
                number, count = number + 1, 0
                sheet = _sheet(book, f"{title} {number}", columns)
            sheet.append([_typed(sheet, cell) for cell in row])
            count += 1
    out = io.BytesIO()
    book.save(out)
    book.close()
    return out.getvalue()


def _sheet(book: Any, title: str, columns: Sequence[str]) -> Any:
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    sheet.append(list(columns))
    return sheet


def _typed(sheet: Any, cell: Cell) -> Any:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, WriteOnlyCell

    if not isinstance(cell, str):
        return cell
    text = ILLEGAL_CHARACTERS_RE.sub("", cell)
    if not text.startswith(_FORMULA):
        return text
    made = WriteOnlyCell(sheet, text)
    made.data_type = "s"
    return made
