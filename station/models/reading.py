"""Pulse tables from Parquet and CSV files, column by column, with errors that name file, row and column."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from station.diagnosis.tables import Bools, Floats
from station.errors import DataError

MISSING_TEXTS = ("", "nan", "na", "n/a", "null", "none", "-")


class Table:
    """Columns of one file; numbers are NaN where the file has nothing."""

    def __init__(self, path: Path, data: pa.Table) -> None:
        self.path = path
        self._data = data
        self.names: tuple[str, ...] = tuple(data.column_names)
        self.rows: int = data.num_rows

    def numbers(self, name: str, default: float = float("nan")) -> Floats:
        """A column as float64; ``default`` where the column or a value is missing. Raises DataError for
        text."""
        if name not in self.names:
            return np.full(self.rows, default)
        column = self._data.column(name)
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            return self._numbers_from_text(name, column, default)
        if not (
            pa.types.is_floating(column.type)
            or pa.types.is_integer(column.type)
            or pa.types.is_null(column.type)
            or pa.types.is_decimal(column.type)
        ):
            raise self._not_numbers(name, str(column.type))
        floats = column.cast(pa.float64())
        values: Floats = pc.fill_null(floats, float("nan")).to_numpy().astype(float)
        if np.isfinite(default):
            values = np.where(np.isnan(values), default, values)
        return values

    def _numbers_from_text(self, name: str, column: pa.ChunkedArray, default: float) -> Floats:
        try:
            quick = pc.fill_null(column.cast(pa.float64()), default)
            return np.asarray(quick.to_numpy(), dtype=float)
        except pa.ArrowInvalid:
            values = np.full(self.rows, default)
        for row, text in enumerate(column.to_pylist()):
            if text is None or text.strip().lower() in MISSING_TEXTS:
                continue
            try:
                values[row] = float(text)
            except ValueError:
                raise DataError(
                    f"{self.path} row {row + 1}, column {name}: {text!r} is not a number",
                    remedy="Write numbers with a decimal point; leave empty what was not measured.",
                    code="data.not_a_number",
                    file=str(self.path),
                    row=row + 1,
                    column=name,
                ) from None
        return values

    def _not_numbers(self, name: str, kind: str) -> DataError:
        return DataError(
            f"{self.path}, column {name}: {kind} where numbers are needed",
            remedy="Store the column as numbers.",
            code="data.not_a_number",
            file=str(self.path),
            column=name,
        )

    def texts(self, name: str) -> list[str | None]:
        """A column as texts; None where the column or a value is missing."""
        if name not in self.names:
            return [None] * self.rows
        return [None if value is None else str(value) for value in self._data.column(name).to_pylist()]

    def flags(self, name: str) -> Bools:
        """A column of true and false, also as 0/1 or text; False where missing. Raises DataError
        otherwise."""
        known = {
            "true": True,
            "1": True,
            "1.0": True,
            "false": False,
            "0": False,
            "0.0": False,
            "none": False,
            "": False,
        }
        result = np.zeros(self.rows, dtype=bool)
        for row, text in enumerate(self.texts(name)):
            try:
                result[row] = known[str(text).strip().lower()]
            except KeyError:
                raise DataError(
                    f"{self.path} row {row + 1}, column {name}: {text!r} is neither true nor false",
                    remedy="Use true or false.",
                    file=str(self.path),
                    row=row + 1,
                    column=name,
                ) from None
        return result


def read_table(path: Path) -> Table:
    """Read a ``.parquet`` or ``.csv`` file. Raises DataError when it is absent, empty, damaged or of
    another kind."""
    if not path.is_file():
        raise DataError(
            f"{path} does not exist or is no file",
            remedy="Check the path.",
            code="data.missing",
            file=str(path),
        )
    kind = path.suffix.lower()
    if kind not in (".parquet", ".csv"):
        raise DataError(
            f"{path}: tables of kind {kind or '(none)'} are not read",
            remedy="Give a .parquet or .csv file.",
            code="data.table_kind",
            file=str(path),
        )
    try:
        data = pa.parquet.read_table(path) if kind == ".parquet" else _read_csv(path)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"{path} cannot be read as {kind[1:]}: {error}",
            remedy="Export the table again; text in UTF-8.",
            code="data.corrupt",
            file=str(path),
        ) from error
    data = data.rename_columns([_usual(name) for name in data.column_names])
    repeated = sorted({name for name in data.column_names if data.column_names.count(name) > 1})
    if repeated:
        raise DataError(
            f"{path} has several columns named {', '.join(repeated)}",
            remedy="Keep one of each.",
            code="data.table_twice",
            columns=", ".join(repeated),
            file=str(path),
        )
    if data.num_rows == 0:
        raise DataError(
            f"{path} has no rows",
            remedy="Give a table with at least one pulse block.",
            code="data.empty",
            file=str(path),
        )
    return Table(path, data)


def _usual(name: str) -> str:
    """Voltages are U1 … U41 also where a table has them as u1 or with spaces around."""
    plain = name.strip()
    return plain.upper() if plain[:1] == "u" and plain[1:].isdigit() else plain


def _read_csv(path: Path) -> pa.Table:
    """All columns as text first: one stray word must be named by row and column, not fail somewhere in a
    type guess.

    Columns part at commas; at semicolons or tabs where the header has no comma, and a number may then have a
    decimal comma.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        header = file.readline().strip()
        if not header or not file.readline().strip():
            return pa.table({name: pa.array([], pa.string()) for name in ("U1", "pulse_width_s")})
    delimiter = next((mark for mark in ",;\t" if mark in header), ",")
    names = [name.strip().strip('"').strip() for name in header.split(delimiter)]
    data = pa.csv.read_csv(
        path,
        read_options=pa.csv.ReadOptions(column_names=names, skip_rows=1),
        parse_options=pa.csv.ParseOptions(delimiter=delimiter),
        convert_options=pa.csv.ConvertOptions(
            column_types={name: pa.string() for name in names}, strings_can_be_null=True, null_values=[""]
        ),
    )
    if delimiter == ",":
        return data
    columns = [
        pc.replace_substring_regex(column, r"^\s*(-?\d*),(\d+(?:[eE][-+]?\d+)?)\s*$", r"\1.\2")
        for column in data.columns
    ]
    return pa.table(columns, names=data.column_names)
