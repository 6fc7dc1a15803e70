"""A mapping file: which column of a text table is what, in which unit, with which sign, in which clock."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from station.errors import DataError
from station.rawfiles.assemble import assemble
from station.rawfiles.columns import UNITS, Column
from station.rawfiles.recording import Floats, Recording
from station.rawfiles.signs import Told
from station.rawfiles.text_table import TextTable, read_text, split_rows

SIZE_MAX_BYTES = 100_000


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Named(_Part):
    """A column by its header, or by its number from 1 where there is no header, and its unit."""

    column: str | int
    unit: str


class Current(Named):
    """``positive`` says what a positive value does; ``unsigned`` needs ``kind``."""

    positive: Literal["charge", "discharge", "unsigned"]


class Time(Named):
    """``unit`` s, ms, min, h; ``clock`` (h:m:s, d-h:m:s); ``datetime`` with ``format`` or ISO 8601."""

    format: str | None = None


class Kind(_Part):
    """The column that says what a step does, and its words."""

    column: str | int
    charge: tuple[str, ...]
    discharge: tuple[str, ...]
    rest: tuple[str, ...] = ()


class Columns(_Part):
    """Time, current and voltage must be there."""

    time: Time
    current: Current
    voltage: Named
    temperature: Named | None = None
    step: Named | None = None
    kind: Kind | None = None


class Mapping(_Part):
    """``header_line`` counts from 1; 0 where there is none and columns are numbers."""

    format: Literal["pulse-station/columns/1"]
    delimiter: str = Field(default=",", pattern=r"^[^\n\r\"]$")
    decimal: Literal[".", ","] = "."
    encoding: str | None = None
    header_line: int = Field(default=1, ge=0, le=10_000)
    columns: Columns
    nominal_capacity_Ah: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _makes_sense(self) -> Mapping:
        if self.columns.current.positive == "unsigned" and self.columns.kind is None:
            raise ValueError("columns.kind: an unsigned current needs the column that says which way")
        for quantity in ("time", "current", "voltage", "temperature", "step"):
            named = getattr(self.columns, quantity)
            if named is None:
                continue
            known = [*UNITS[quantity], *(("clock", "datetime") if quantity == "time" else ())]
            if named.unit.lower() not in known:
                raise ValueError(f"columns.{quantity}.unit: {named.unit!r} is none of {', '.join(known)}")
            if self.header_line == 0 and isinstance(named.column, str):
                raise ValueError(f"columns.{quantity}.column: without a header, columns are numbers from 1")
        return self


def load_mapping(path: Path) -> Mapping:
    """Read a mapping file. Raises DataError (``data.mapping``) with file, line where known, field, remedy."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    line = 0
    try:
        if path.stat().st_size > SIZE_MAX_BYTES:
            raise ValueError("is larger than 100 kB")
        data: Any = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
        return Mapping.model_validate(data)
    except ValidationError as error:
        # A misspelt field shows as one too many and one missing: the first says more.
        first = min(error.errors(), key=lambda problem: problem["type"] != "extra_forbidden")
        field = ".".join(str(part) for part in first["loc"]) or "(whole file)"
        raise DataError(
            f"{path}: {field}: {first['msg']}",
            remedy="correct the mapping file",
            code="data.mapping",
            file=str(path),
            field=field,
        ) from error
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        what = str(error.problem)
    except (OSError, YAMLError, ValueError, RecursionError, TypeError) as error:
        what = str(error)
    raise DataError(
        f"{path}{f':{line}' if line else ''}: {what}",
        remedy="correct the mapping file",
        code="data.mapping",
        file=str(path),
        line=line or None,
    )


def read_mapped(path: Path, mapping: Mapping, *, nominal_capacity_Ah: float | None) -> Recording:
    """Read a text table as ``mapping`` says. Raises DataError naming file, line and column."""
    lines = read_text(path, mapping.encoding).splitlines()
    head = mapping.header_line - 1
    rows, where = split_rows(lines, head, mapping.delimiter)
    if mapping.header_line == 0:
        headers = [str(n + 1) for n in range(max((len(row) for row in rows), default=0))]
    elif head < len(lines):
        headers = split_rows([lines[head]], -1, mapping.delimiter)[0][0] if lines[head].strip() else []
    else:
        headers = []
    headers = [header.strip().strip('"').strip() for header in headers]
    if mapping.decimal == ",":
        rows = [[cell.replace(",", ".") for cell in row] for row in rows]
    table = TextTable(path.name, headers, rows, where)
    wanted = mapping.columns
    columns = {
        quantity: _column(table, named, quantity)
        for quantity in ("time", "current", "voltage", "temperature", "step")
        if (named := getattr(wanted, quantity)) is not None
    }
    if wanted.current.positive == "discharge":
        plain = columns["current"]
        columns["current"] = Column(plain.index, plain.header, -plain.factor, True)
    return assemble(
        table,
        columns,
        path,
        format="csv-mapped",
        nominal_capacity_Ah=nominal_capacity_Ah or mapping.nominal_capacity_Ah,
        told=_told(table, wanted.kind) if wanted.kind else None,
        times=_times(table, columns["time"], wanted.time),
    )


def _column(table: TextTable, named: Named, quantity: str) -> Column:
    unit = named.unit.lower()
    factor = UNITS[quantity].get(unit, 1.0)
    return Column(_index(table, named.column), str(named.column), factor, True)


def _index(table: TextTable, column: str | int) -> int:
    if isinstance(column, int):
        if 1 <= column <= len(table.headers):
            return column - 1
    elif column.strip() in table.headers:
        return table.headers.index(column.strip())
    raise DataError(
        f"{table.source}: there is no column {column!r} among {', '.join(table.headers[:12])}",
        remedy="name the column as the header of the file does, or correct header_line and delimiter",
        code="data.columns",
        file=table.source,
        column=str(column),
    )


def _told(table: TextTable, kind: Kind) -> Told:
    words = (
        dict.fromkeys(kind.charge, 1.0) | dict.fromkeys(kind.discharge, -1.0) | dict.fromkeys(kind.rest, 0.0)
    )
    cells = table.cells(_index(table, kind.column))
    return Told(np.array([words.get(cell, np.nan) for cell in cells], dtype=np.float64), str(kind.column))


def _times(table: TextTable, column: Column, time: Time) -> Floats | None:
    """Seconds from the first row where time is a date; else None: the common way reads it."""
    if time.unit.lower() != "datetime":
        return None
    moments: list[dt.datetime] = []
    for n, cell in enumerate(table.cells(column.index)):
        try:
            moment = (
                dt.datetime.strptime(cell, time.format) if time.format else dt.datetime.fromisoformat(cell)
            )
            moments.append(moment)
            (moments[-1] - moments[0]).total_seconds()
        except (ValueError, TypeError, OverflowError):
            form = time.format or "ISO 8601"
            raise DataError(
                f"{table.source}, {table.where[n]}, column {column.header!r}: {cell!r} is not {form}",
                remedy="correct columns.time.format in the mapping file",
                code="data.not_a_time",
                file=table.source,
                row=table.where[n],
                column=column.header,
            ) from None
    return np.array([(moment - moments[0]).total_seconds() for moment in moments], dtype=np.float64)
