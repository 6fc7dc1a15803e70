"""Recordings as tables: CSV of python-can, of SavvyCAN and of analysers that put a frame into a row."""

from __future__ import annotations

import base64
import binascii
import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass

import can

_TOKENS = re.compile(r"^(?:0x)?[0-9A-Fa-f]{1,2}(?:[\s.:-]+(?:0x)?[0-9A-Fa-f]{1,2})*$")
_RUN = re.compile(r"^(?:[0-9A-Fa-f]{2}){2,64}$")
_ID = ("arbitration_id", "can id", "canid", "frame id", "帧id", "id", "identifier", "message id")
_TIME = ("timestamp", "time stamp", "时间标识", "时间", "time", "abs. time", "time [s]")
_DATA = ("data", "数据", "数据(hex)", "data(hex)", "payload", "data bytes")
_BUS = ("bus", "channel", "通道")
_EXTENDED = ("extended", "ext")
_LENGTH = ("len", "dlc", "length", "长度")


@dataclass(frozen=True)
class _Columns:
    id: int
    time: int | None
    data: int | None
    bytes: tuple[int, ...]
    bus: int | None
    extended: int | None
    length: int | None
    base64: bool
    microseconds: bool


def read_table(text: str) -> tuple[list[can.Message], int]:
    """Frames of a table, and how many rows were none."""
    lines = text.splitlines()
    if not lines:
        return [], 0
    separator = max(",;\t", key=lines[0].count)
    rows = list(csv.reader(lines, delimiter=separator))
    columns = _columns(rows[0])
    if columns is None:
        return [], len(rows)
    frames: list[can.Message] = []
    left_out, before_s, added_s = 0, 0.0, 0.0
    for row in rows[1:]:
        frame = _frame(row, columns)
        if frame is None:
            left_out += 1
            continue
        if frame.timestamp + 1800 < before_s:  # the minutes of a clock began anew
            added_s += 3600.0
        before_s = frame.timestamp
        frame.timestamp += added_s
        frames.append(frame)
    return frames, left_out


def _columns(header: Sequence[str]) -> _Columns | None:
    names = [cell.strip().strip('"').lower() for cell in header]

    def find(known: Sequence[str]) -> int | None:
        return next((names.index(name) for name in known if name in names), None)

    where = find(_ID)
    if where is None:
        return None
    single = tuple(at for at, name in enumerate(names) if re.fullmatch(r"(d|b|byte|data)\s*\[?\d+\]?", name))
    return _Columns(
        where,
        find(_TIME),
        find(_DATA),
        single,
        find(_BUS),
        find(_EXTENDED),
        find(_LENGTH),
        "arbitration_id" in names and "remote" in names,
        "time stamp" in names,
    )


def _frame(row: Sequence[str], columns: _Columns) -> can.Message | None:
    try:
        text = row[columns.id].strip()
        number = int(text, 16)
        data = _data(row, columns)
        time_s = 0.0 if columns.time is None else _time(row[columns.time], columns.microseconds)
    except (ValueError, IndexError, binascii.Error):
        return None
    if data is None or len(data) > 64 or not 0 <= number < 1 << 32:
        return None
    number &= 0x1FFFFFFF
    extended = number > 0x7FF
    if columns.extended is not None:
        extended = extended or row[columns.extended].strip().lower() in ("1", "true", "x")
    else:
        extended = extended or len(text.lower().removeprefix("0x")) > 4
    channel = row[columns.bus].strip() if columns.bus is not None and columns.bus < len(row) else None
    return can.Message(
        timestamp=time_s,
        arbitration_id=number,
        is_extended_id=extended,
        is_fd=len(data) > 8,
        data=data,
        channel=channel,
    )


def _data(row: Sequence[str], columns: _Columns) -> bytes | None:
    if columns.base64 and columns.data is not None:
        return base64.b64decode(row[columns.data], validate=True)
    if columns.bytes:
        cells = [row[at].strip() for at in columns.bytes if at < len(row)]
        if columns.length is not None:
            cells = cells[: int(row[columns.length])]
        return bytes(int(cell, 16) for cell in cells if cell)
    named = row[columns.data].strip() if columns.data is not None and columns.data < len(row) else ""
    found = _cell(named)
    if found is None:
        # Some tables have commas inside a cell, which moves the bytes to the end of the row.
        found = _cell(row[-1].strip())
    return b"" if found is None and not named else found


def _cell(text: str) -> bytes | None:
    """The bytes of one cell; a byte below 16 may be one digit."""
    if _RUN.match(text):
        return bytes.fromhex(text)
    if not _TOKENS.match(text):
        return None
    return bytes(int(token, 16) for token in re.split(r"[\s.:-]+", text))


def _time(text: str, microseconds: bool) -> float:
    text = text.strip()
    if ":" in text:
        total = 0.0
        for part in text.split()[-1].split(":"):
            total = total * 60 + float(part)
        return total
    return float(text) / 1e6 if microseconds and "." not in text else float(text)
