"""Recordings as tables: CSV of python-can, of SavvyCAN and of analysers that put a frame into a row."""

from __future__ import annotations

import ast
import base64
import binascii
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import can

from drivers.bms.log_columns import Columns, columns_of, rows_of
from drivers.bms.log_frames import frame_of
from drivers.bms.log_times import clock_s, tick_s, unrolled

_TOKENS = re.compile(r"^(?:0x)?[0-9A-Fa-f]{1,3}(?:[\s.:,-]+(?:0x)?[0-9A-Fa-f]{1,3})*$")
_RUN = re.compile(r"^(?:0x)?(?:[0-9A-Fa-f]{2}){2,64}$")
_YES = ("1", "true", "yes", "x", "ext", "extended", "29", "29-bit", "e", "扩展帧", "扩展", "extended frame")
_NO = ("0", "false", "no", "s", "std", "standard", "11", "11-bit", "标准帧", "标准", "standard frame")
_REMOTE = ("remote", "rtr", "r", "远程帧", "远程", "remote frame")
_ERROR = ("error", "err", "错误帧", "error frame", "errorframe")
_HEAD_LINES = 80
_SAMPLE = 2000


@dataclass(frozen=True)
class _Form:
    """How numbers of this table are written."""

    columns: Columns
    id_base: int
    byte_base: int
    decimal_comma: bool


def table_header(text: str) -> tuple[int, str, Columns] | None:
    """Line, separator and columns of a table's header; None when there is none near the beginning."""
    for at, line in enumerate(text.splitlines()[:_HEAD_LINES]):
        for separator in sorted(",;\t", key=lambda one: -line.count(one)):
            if line.count(separator) < 2:
                break
            columns = columns_of(next(rows_of([line], separator)))
            if columns is not None:
                return at, separator, columns
    return None


def read_table(text: str) -> tuple[list[can.Message], list[can.Message], int]:
    """Frames of a table, the same with decimal identifiers where either could be meant, and how many rows
    were none.
    """
    head = table_header(text)
    if head is None:
        return [], [], len(text.splitlines())
    at, separator, columns = head
    rows = [row for row in rows_of(_lines(text)[at + 1 :], separator) if any(row)]
    columns = _with_clock(rows, columns)
    id_base, unsure = _id_base(rows, columns)
    form = _Form(columns, id_base, _byte_base(rows, columns), separator != ",")
    frames, left_out = _read(rows, form)
    other: list[can.Message] = []
    if unsure:
        other, _ = _read(rows, _Form(columns, 26 - id_base, form.byte_base, form.decimal_comma))
    return frames, other, left_out


def _with_clock(rows: Sequence[Sequence[str]], columns: Columns) -> Columns:
    """Counts in hexadecimal have an unknown step: another column of times is taken, where there is one."""
    first = rows[0] if rows else []
    plain = [at for at in columns.times if at < len(first) and not first[at].strip().lower().startswith("0x")]
    return replace(columns, time=plain[0], tick_s=None) if plain and plain[0] != columns.time else columns


def _lines(text: str) -> list[str]:
    return [line.replace("\0", "") for line in text.splitlines()]


def _read(rows: Sequence[Sequence[str]], form: _Form) -> tuple[list[can.Message], int]:
    frames: list[can.Message] = []
    times: list[float] = []
    left_out, clocks, whole = 0, False, True
    for row in rows:
        try:
            time, kind = _time(row, form)
            frame = _frame(row, form)
        except (ValueError, IndexError, binascii.Error, SyntaxError):
            frame = None
        if frame is None:
            left_out += 1
            continue
        clocks = clocks or kind == "clock"
        whole = whole and kind == "whole"
        frames.append(frame)
        times.append(time)
    columns = form.columns
    if clocks:
        times = unrolled(times)
    else:
        step_s = columns.tick_s or 1.0
        if whole and columns.tick_s is None:
            step_s = columns.whole_ticks_s or tick_s(times)
        times = [time * step_s for time in times]
    for frame, time in zip(frames, times, strict=True):
        frame.timestamp = time
    return frames, left_out


def _time(row: Sequence[str], form: _Form) -> tuple[float, Literal["clock", "whole", "fraction"]]:
    """The number in the time's cell, and how it was written."""
    at = form.columns.time
    if at is None:
        return 0.0, "fraction"
    text = row[at].strip().strip("\"'")
    if ":" in text or re.fullmatch(r"\d+T\d{9}", text):
        return clock_s(text), "clock"
    if text[:2].lower() == "0x":
        return float(int(text, 16)), "whole"
    time = float(text.replace(",", ".") if form.decimal_comma else text)
    if not math.isfinite(time):
        raise ValueError("no time")
    return time, "whole" if text.lstrip("+-").isdigit() else "fraction"


def _frame(row: Sequence[str], form: _Form) -> can.Message | None:
    columns = form.columns
    text = row[columns.id].strip().strip("\"'").lower()
    marked = text.endswith("x")
    plain = text.removeprefix("0x").rstrip("xh")
    number = int(plain, 16 if text.startswith("0x") or text.endswith("h") else form.id_base)
    remote, error = _flag(row, columns.remote), _flag(row, columns.error)
    extended: bool | None = True if marked else None
    for at in columns.kinds:
        told = row[at].strip().lower()
        for word in (told, *re.split(r"[\s/|]+", told)):
            extended = True if word in _YES else (extended or False) if word in _NO else extended
            remote = remote or word in _REMOTE
            error = error or word in _ERROR
    data = b"" if remote else _data(row, form)
    if data is None:
        return None
    if number > 0x7FF:
        extended = True
    direction = row[columns.direction].strip().lower() if columns.direction is not None else ""
    channel = row[columns.bus].strip() if columns.bus is not None and columns.bus < len(row) else None
    return frame_of(
        0.0, number, data, extended=extended, channel=channel, remote=remote, error=error,
        received=not direction.startswith(("t", "发")),
    )  # fmt: skip


def _flag(row: Sequence[str], at: int | None) -> bool:
    return at is not None and at < len(row) and row[at].strip().lower() in ("1", "true", "yes", "t")


def _data(row: Sequence[str], form: _Form) -> bytes | None:
    columns = form.columns
    count = _count(row, columns)
    if columns.bytes:
        cells = [row[at].strip() for at in columns.bytes if at < len(row)]
        if count is not None and count > len(columns.bytes) and columns.bytes[-1] == columns.width - 1:
            cells = [
                cell.strip() for cell in row[columns.bytes[0] :]
            ]  # the header names eight of a long frame's
        if count is not None:
            cells = cells[:count]
        data = bytes(int(cell.removeprefix("0x"), form.byte_base) for cell in cells if cell)
        return data if count is None or len(data) == count else None
    at = columns.data
    assert at is not None
    named = row[at].strip().strip('"') if at < len(row) else ""
    if columns.base64:
        return base64.b64decode(named, validate=True)
    if at == columns.width - 1 and len([cell for cell in row[at:] if cell.strip()]) > 1:
        named = " ".join(row[at:])  # the bytes stand in cells of their own
    found = _cell(named, form.byte_base)
    if found is None:
        # Some tables have commas inside a cell, which moves the bytes to the end of the row.
        found = _cell(row[-1].strip(), form.byte_base)
    if found is None:
        return b"" if not named else None
    return found if count is None or count > 64 or len(found) >= count else None


def _count(row: Sequence[str], columns: Columns) -> int | None:
    """The length that the row tells, where it is a number."""
    if columns.length is None or columns.length >= len(row):
        return None
    text = row[columns.length].strip().lower()
    return int(text, 16) if re.fullmatch(r"(?:0x)?[0-9a-f]{1,2}", text) and not text.isdigit() else (
        int(text) if text.isdigit() else None
    )  # fmt: skip


def _cell(text: str, base: int) -> bytes | None:
    """The bytes of one cell; a byte below 16 may be one digit."""
    text = text.strip().removeprefix("x|").strip("|[](){}").strip()
    if text[:2] in ("b'", 'b"'):
        literal = ast.literal_eval(text)
        return literal if isinstance(literal, bytes) else None
    if _RUN.match(text):
        return bytes.fromhex(text.removeprefix("0x"))
    if not _TOKENS.match(text):
        return None
    words = [word.removeprefix("0x") for word in re.split(r"[\s.:,-]+", text)]
    return bytes(int(word, base) for word in words)


def _id_base(rows: Sequence[Sequence[str]], columns: Columns) -> tuple[int, bool]:
    """Base of the identifiers, and whether it may as well be the other one."""
    if columns.hexadecimal is not None:
        return (16 if columns.hexadecimal else 10), False
    if columns.base64:
        return 16, False
    told = {row[columns.id].strip().lower() for row in rows[:_SAMPLE] if columns.id < len(row)}
    told = {text for text in told if re.fullmatch(r"(?:0x)?[0-9a-f]{1,10}[xh]?", text)}
    if any(re.search(r"[a-fxh]", text) or (text.startswith("0") and len(text) > 1) for text in told):
        return 16, False
    if any(int(text, 16) > 0x1FFFFFFF or len(text) in (4, 5, 6) for text in told):
        return 10, False  # no identifier of 11 bits has four hexadecimal digits
    return 16, bool(told)


def _byte_base(rows: Sequence[Sequence[str]], columns: Columns) -> int:
    """10 where a byte of three digits, and none with a letter, is found."""
    three = False
    for row in rows[:_SAMPLE]:
        cells = [row[at] for at in columns.bytes if at < len(row)]
        if columns.data is not None:
            cells += re.split(r"[\s.:,\-\[\]]+", " ".join(row[columns.data :]))
        for cell in cells:
            plain = cell.strip().lower()
            if re.fullmatch(r"0x[0-9a-f]{1,2}|[0-9a-f]?[a-f][0-9a-f]?|0\d", plain):
                return 16
            three = three or bool(re.fullmatch(r"[12]\d\d", plain))
    return 10 if three else 16
