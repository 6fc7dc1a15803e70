"""A table of texts, from a delimited file or from a sheet, whose rows can be named as people see them."""

from __future__ import annotations

import csv
import gzip
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from station.errors import DataError
from station.rawfiles.clock_text import clock_seconds
from station.rawfiles.columns import Column
from station.rawfiles.recording import Floats

#: A packed text that unpacks to more than this is no measurement, in bytes.
UNPACKED_MAX = 2_000_000_000
#: ``1,234.5``; without a point a comma is taken as the decimal comma.
THOUSANDS = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+\.[0-9]*")


@dataclass(frozen=True)
class TextTable:
    """``source`` names the file in messages; ``where`` is the place of each row in its own terms."""

    source: str
    headers: list[str]
    rows: list[list[str]]
    where: list[str]

    def cells(self, index: int) -> list[str]:
        """One column as texts without outer spaces; "" where a row is too short."""
        return [row[index].strip() if index < len(row) else "" for row in self.rows]

    def numbers(self, column: Column, *, optional: bool = False) -> Floats:
        """One column as numbers in SI; empty cells and NaN words are NaN.

        Clock texts are seconds. Raises DataError for any other text, unless ``optional``.
        """
        values = np.empty(len(self.rows))
        for n, row in enumerate(self.rows):
            if column.index >= len(row):
                if optional:
                    values[n] = np.nan
                    continue
                raise self._wrong("data.row", n, column, f"the row ends before column {column.header!r}")
            cell = row[column.index].strip()
            value = _number(cell, column.factor)
            if value is None and not optional:
                raise self._wrong(
                    "data.not_a_number", n, column, f"column {column.header!r}: {cell!r} is not a number"
                )
            values[n] = np.nan if value is None else value
        values[~np.isfinite(values)] = np.nan
        return values * column.factor

    def _wrong(self, code: str, n: int, column: Column, what: str) -> DataError:
        joint = ": " if code == "data.row" else ", "
        remedy = (
            "the file is cut off or the line damaged; export it again"
            if code == "data.row"
            else "replace the text by a number or leave the cell empty"
        )
        return DataError(
            f"{self.source}, {self.where[n]}{joint}{what}",
            remedy=remedy,
            code=code,
            file=self.source,
            row=self.where[n],
            column=column.header,
        )


def _number(cell: str, factor: float) -> float | None:
    if not cell:
        return float("nan")
    try:
        return float(cell)
    except ValueError:
        pass
    if ":" in cell:
        seconds = clock_seconds(cell)
        if seconds is not None:
            return seconds / factor
    if THOUSANDS.fullmatch(cell):
        return float(cell.replace(",", ""))
    if cell.count(",") == 1 and "." not in cell:
        try:
            return float(cell.replace(",", "."))
        except ValueError:
            return None
    return None


def split_rows(lines: list[str], first: int, delimiter: str) -> tuple[list[list[str]], list[str]]:
    """Rows after line ``first`` (0-based) and their names; blank lines are no rows. Lines count from 1."""
    rows: list[list[str]] = []
    where: list[str] = []
    reader = csv.reader(lines[first + 1 :], delimiter=delimiter)
    try:
        for n, row in enumerate(reader):
            if any(cell.strip() for cell in row):
                rows.append(row)
                where.append(f"line {first + 2 + n}")
    except csv.Error:  # a field larger than any measurement
        raise DataError(
            f"line {first + 2 + len(rows)} cannot be split into columns",
            remedy="the file is damaged; export it again",
            code="data.corrupt",
        ) from None
    return rows, where


def read_text(path: Path, encoding: str | None = None) -> str:
    """The text of a file, gzip allowed. Raises DataError (``data.corrupt``, ``data.empty``)."""
    try:
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            with gzip.open(path) as packed:
                data = packed.read(UNPACKED_MAX)
    except (OSError, EOFError, zlib.error) as error:
        raise _corrupt(path, f"cannot be unpacked: {error}", "the file is damaged or cut off") from error
    utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    if b"\x00" in data[:4096] and not utf16 and encoding is None:
        raise _corrupt(path, "is not a text file", "give a CSV, Parquet or XLSX export")
    western = data.startswith((b"EC-Lab", b"BT-Lab")) or b"\xb0C" in data[:4096] or b"\xb5A" in data[:4096]
    tried = (
        (encoding,)
        if encoding
        else ("utf-16",)
        if utf16
        else ("utf-8-sig", "cp1252" if western else "gb18030")
    )
    for name in tried:
        try:
            text = data.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
        if not text.strip():
            raise DataError(
                f"{path.name} is empty", remedy="export the test again", code="data.empty", file=str(path)
            )
        return text
    known = encoding or "UTF-8 nor GB 18030"
    raise _corrupt(path, f"is neither {known} text", "save the file as UTF-8")


def _corrupt(path: Path, what: str, remedy: str) -> DataError:
    return DataError(
        f"{path.name} {what}",
        remedy=f"{remedy}; copy or export it again",
        code="data.corrupt",
        file=str(path),
    )
