"""Which column of a table of frames holds what, and how its numbers are written."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_ID = (
    "arbitration_id", "arbitration id", "arb id", "arbid", "can id", "canid", "can_id", "frame id", "frameid",
    "帧id", "id号", "id", "identifier", "message id", "messageid", "msg id", "addr", "address",
)  # fmt: skip
_TIME = (
    "timestamp", "time stamp", "时间标识", "时间戳", "系统时间", "时间", "time", "abs time", "abs. time",
    "absolute time", "time offset", "timestampepoch", "t",
)  # fmt: skip
_DATA = ("data", "数据", "帧数据", "payload", "data bytes", "databytes", "data field", "message", "bytes")
_BUS = (
    "bus",
    "channel",
    "通道",
    "通道号",
    "can通道",
    "源通道",
    "can channel",
    "buschannel",
    "bus channel",
    "network",
    "ch",
    "chn",
    "busno",
)
_LENGTH = ("len", "dlc", "length", "长度", "数据长度", "data length", "datalength", "bytes count")
_KIND = (
    "extended", "ext", "xtd", "ide", "is_extended_id", "extended id", "type", "id type", "frame type",
    "format", "帧格式", "帧类型", "类型", "格式", "flags", "flg",
)  # fmt: skip
_REMOTE = ("remote", "rtr", "is_remote_frame", "remote frame")
_ERROR = ("error", "er", "is_error_frame", "error frame")
_DIRECTION = ("dir", "direction", "传输方向", "方向", "t/r", "rx/tx", "tx/rx")
_UNITS = {
    "s": 1.0,
    "sec": 1.0,
    "ms": 1e-3,
    "us": 1e-6,
    "µs": 1e-6,
    "μs": 1e-6,
    "ns": 1e-9,
    "秒": 1.0,
    "毫秒": 1e-3,
}
_BYTE = re.compile(r"(?:d|b|byte|data|data byte|data_byte|db)[ _]?[\[(]?\d+[\])]?")


@dataclass(frozen=True)
class Columns:
    """Places of the columns; None where there is none. ``tick_s``: the unit that the header names."""

    id: int
    time: int | None
    times: tuple[int, ...]
    """All columns that may hold a time, ``time`` first."""
    data: int | None
    bytes: tuple[int, ...]
    bus: int | None
    length: int | None
    kinds: tuple[int, ...]
    remote: int | None
    error: int | None
    direction: int | None
    width: int
    base64: bool
    tick_s: float | None
    whole_ticks_s: float | None
    hexadecimal: bool | None
    """What the header says of identifiers; None when it says nothing."""


def rows_of(lines: Iterable[str], separator: str) -> Iterator[list[str]]:
    """Each line's cells. A quotation mark that is never closed spoils its own line, not all that follow."""
    for line in lines:
        if '"' not in line:
            yield line.split(separator)
            continue
        try:
            yield next(csv.reader([line], delimiter=separator), [])
        except csv.Error:
            yield [line[:80]]


def _split(name: str) -> tuple[str, str]:
    """A header's name and what stands in brackets behind it."""
    name = name.strip().strip('"').strip().lower().lstrip("#").strip()
    match = re.fullmatch(r"(.*?)\s*[\[(（]\s*([^\])）]*)\s*[\])）]", name)
    return (match[1], match[2].strip()) if match and match[1] else (name, "")


def columns_of(header: Sequence[str]) -> Columns | None:
    """The columns of a header row; None when it is none."""
    named = [_split(cell) for cell in header]
    names = [name for name, _ in named]
    whole = [cell.strip().strip('"').lower() for cell in header]

    def find(known: Sequence[str]) -> int | None:
        return next((names.index(name) for name in known if name in names), None)

    where, data = find(_ID), find(_DATA)
    single = tuple(at for at, name in enumerate(whole) if _BYTE.fullmatch(name))
    if where is None or (data is None and not single):
        return None
    time = find(_TIME)
    unit = _UNITS.get(named[time][1].rstrip(".")) if time is not None else None
    if time is not None and unit is None:
        unit = _UNITS.get(names[time].rsplit("_", 1)[-1]) if "_" in names[time] else None
    if unit is None and time is None:
        time, unit = _time_with_unit(names)
    hexadecimal = {"hex": True, "dec": False}.get(named[where][1])
    return Columns(
        id=where,
        time=time,
        times=() if time is None else tuple(dict.fromkeys((time, *_all(names, _TIME)))),
        data=data if data not in single else None,
        bytes=single,
        bus=find(_BUS),
        length=find(_LENGTH),
        kinds=tuple(at for at, name in enumerate(names) if name in _KIND),
        remote=find(_REMOTE),
        error=find(_ERROR),
        direction=find(_DIRECTION),
        width=len(header),
        base64="arbitration_id" in names and "remote" in names,
        tick_s=unit,
        whole_ticks_s=1e-6 if "time stamp" in names else None,
        hexadecimal=hexadecimal,
    )


def _all(names: Sequence[str], known: Sequence[str]) -> list[int]:
    return [names.index(name) for name in known if name in names]


def _time_with_unit(names: Sequence[str]) -> tuple[int | None, float | None]:
    """``time_ms``, ``timestamp_us`` and the like."""
    for at, name in enumerate(names):
        head, _, tail = name.rpartition("_")
        if head in _TIME and tail in _UNITS:
            return at, _UNITS[tail]
    return None, None
