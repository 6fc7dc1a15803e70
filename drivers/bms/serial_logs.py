"""Reads recordings of serial lines: raw bytes, hexadecimal text of any make, or strings in a JSON file.

Text: a frame or a part of one in a line, with or without a time and a direction in front; dumps of hexdump
and xxd; what logging firmware prints between other lines; one byte in a row, as logic analysers export it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drivers.bms.errors import BadLog, NoBytes
from drivers.bms.log_asc import looks_like_asc
from drivers.bms.log_bytes import bytes_of, first_line, text_of
from drivers.bms.log_columns import rows_of
from drivers.bms.log_tables import table_header
from drivers.bms.log_times import clock_s, unrolled
from drivers.bms.log_trc import looks_like_trc
from drivers.bms.serial_words import bytes_within

_TIME = re.compile(
    r"^\s*[\[(]?\s*(?P<t>(?:\d{4}[-/.]\d\d[-/.]\d\d[T ])?\d{1,2}:\d\d(?::\d\d(?:[.,:]\d+)?)?Z?|\d+\.\d+)"
    r"\s*(?:[\])]|[\s,;:|])[\s,;:|]*"
)
_MARKS = re.compile(
    r"^(?:\s*(?:\[[^\]]*\]:?|\([^)]*\)|RX|TX|<-+|-+>|<+|>+|[←→◆◇]|收|发|recv|received|sent|send|receive"
    r"|read|write|request|response|reply|(?!(?:0x)?[0-9A-Fa-f]{2}:)[A-Za-z]\w*:)\s*:?)+\s*",
    re.IGNORECASE,
)
_COLONS = re.compile(r"^\s*[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){4,}\s*$")
_BYTE = r"(?:0x)?[0-9A-Fa-f]{2}"
_HEX = re.compile(rf"^{_BYTE}(?:[\s,.:;-]*{_BYTE})*[,;]?\s*$")
_DUMP = re.compile(
    r"^(?P<at>[0-9A-Fa-f]{4,8}):?\s+(?P<hex>(?:[0-9A-Fa-f]{2,4}\s{1,2}){1,16})\s*(?:[|].*[|]|.{0,16})\s*$"
)
_TRAILING = re.compile(r"\s*\(\d+\)\s*$|\s{2,}\|.*\|\s*$")
_VALUES = ("data", "value", "bytes", "hex", "数据")
_ASCII = re.compile(r"~[0-9A-Fa-f]{12,}")


@dataclass(frozen=True)
class Chunk:
    """Bytes that arrived together. ``label``: the name they had in a JSON file; such bytes stand alone."""

    t_s: float
    data: bytes
    label: str = ""


def read_serial_log(path: Path, family: str) -> list[Chunk]:
    """Read a recording. In a JSON file parts whose names begin with the family's are taken, if there are any.

    Raises BadLog.
    """
    raw = bytes_of(path)
    if raw.lstrip()[:1] in (b"{", b"["):
        try:
            chunks = list(_json(json.loads(text_of(raw)), family))
        except (ValueError, RecursionError) as error:
            chunks = _lines(text_of(raw))  # a line may begin with its time in brackets, or be an array in C
            if not chunks and raw.lstrip()[:1] == b"{":
                raise _bad(path, f"is not valid JSON: {error}") from error
    elif _is_text(raw):
        text = text_of(raw)
        chunks = _rows(text) or _lines(text)
    else:
        chunks = [Chunk(0.0, raw)]
    if not any(chunk.data for chunk in chunks):
        raise _bad(path, "holds no bytes of a serial line", NoBytes, line=first_line(raw))
    return chunks


def _bad(path: Path, what: str, kind: type[BadLog] = BadLog, **more: str) -> BadLog:
    return kind(
        f"{path}: {what}",
        remedy="Give raw bytes, lines of hexadecimal text, or a JSON file with such strings.",
        file=str(path),
        problem=what,
        **more,
    )


def _is_text(raw: bytes) -> bool:
    """Bytes of a board are seldom all printable; text may be in any language."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return True
    return not any(byte < 9 or 13 < byte < 27 or 27 < byte < 32 for byte in raw[:65536])


def _bytes(text: str) -> bytes | None:
    """Bytes of hexadecimal text, or of an ASCII frame."""
    text = text.strip().rstrip("□").rstrip()  # some terminals mark the end of what they sent
    if (ascii_frame := _ASCII.search(text)) is not None:
        return ascii_frame[0].encode() + b"\r"
    text = _TRAILING.sub("", text)
    if _HEX.match(text):
        digits = re.sub(r"0x|[^0-9A-Fa-f]", "", text)
        return bytes.fromhex(digits) if len(digits) % 2 == 0 else None
    return None


def _lines(text: str) -> list[Chunk]:
    """What the lines hold; empty where none holds bytes."""
    found: list[tuple[float, bytes]] = []
    clocks, dump = False, _is_dump(text)
    anywhere = not _is_of_can(text)
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith(("#", "//", ";")):
            continue
        if dump:
            match = _DUMP.match(line.strip() + "  ")
            if match is not None and len(digits := "".join(match["hex"].split())) % 2 == 0:
                found.append((0.0, bytes.fromhex(digits)))
            continue
        t_s, timed = 0.0, None if _COLONS.match(line) else _TIME.match(line)
        data = None
        if timed is not None and (data := _said(line[timed.end() :])) is not None:
            t_s, clocks = _seconds(timed["t"]), clocks or ":" in timed["t"]
        if data is None:
            data = _said(line)
        if data is None and anywhere and (data := bytes_within(line)) is not None and timed is not None:
            t_s, clocks = _seconds(timed["t"]), clocks or ":" in timed["t"]
        if data is not None:
            found.append((t_s, data))
    times_s = unrolled([t_s for t_s, _ in found]) if clocks else [t_s for t_s, _ in found]
    return [Chunk(t_s, data) for t_s, (_, data) in zip(times_s, found, strict=True)]


def _said(line: str) -> bytes | None:
    """Bytes of a line behind whatever says who sent them."""
    data = _bytes(line)
    return data if data is not None else _bytes(_MARKS.sub("", line))


def _is_of_can(text: str) -> bool:
    """Whether it is a recording of a CAN bus, whose bytes are none of a serial line."""
    head = text[:4000]
    return looks_like_asc(head) or looks_like_trc(head) or table_header(text) is not None


def _seconds(text: str) -> float:
    try:
        return clock_s(text)
    except ValueError:
        return 0.0


def _is_dump(text: str) -> bool:
    """Whether lines begin with addresses that grow by as many bytes as a line holds."""
    lines = [line.strip() for line in text.splitlines()[:3] if line.strip()]
    found = [_DUMP.match(line + "  ") for line in lines]
    if not found or found[0] is None or int(found[0]["at"], 16) != 0:
        return False
    return len(found) < 2 or found[1] is None or int(found[1]["at"], 16) == 16


def _rows(text: str) -> list[Chunk]:
    """A table with a column of bytes: one byte, or a frame, in a row."""
    lines = text.splitlines()
    if len(lines) < 2:
        return []
    separator = max(",;\t", key=lines[0].count)
    header = [cell.strip().strip('"').lower() for cell in next(rows_of([lines[0]], separator))]
    value = next(
        (at for at, name in enumerate(header) if name in ("data", "value", "bytes", "hex", "数据")), None
    )
    if value is None or len(header) < 2:
        return []
    time = next((at for at, name in enumerate(header) if name.startswith(("time", "start", "时间"))), None)
    chunks = []
    for row in rows_of(lines[1:], separator):
        data = _bytes(row[value].strip().removeprefix("0x")) if value < len(row) else None
        if data is not None:
            chunks.append(Chunk(0.0 if time is None or time >= len(row) else _number(row[time]), data))
    return chunks


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        return _seconds(text)
    return number if math.isfinite(number) else 0.0


def _json(data: Any, family: str) -> Iterator[Chunk]:
    if isinstance(data, dict) and any(str(key).lower().startswith(family) for key in data):
        data = {key: value for key, value in data.items() if str(key).lower().startswith(family)}
    yield from _strings(data, "")


def _strings(data: Any, label: str) -> Iterator[Chunk]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _strings(value, str(key))
    elif isinstance(data, list):
        for value in data:
            yield from _strings(value, label)
    elif isinstance(data, str):
        found = _bytes(data)
        if found is not None and len(found) > 2:
            yield Chunk(0.0, found, label or "frame")
