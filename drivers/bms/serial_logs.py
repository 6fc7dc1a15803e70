"""Reads recordings of serial lines: raw bytes, lines of hexadecimal text, or strings in a JSON file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drivers.bms.errors import BadLog
from drivers.bms.log_files import text_of

_TIME = re.compile(
    r"^\s*[\[(]?(?:\d{4}-\d\d-\d\d[T ])?(?:(?P<h>\d{1,2}):(?P<m>\d\d):)?"
    r"(?P<s>\d+\.\d+|(?<=:)\d\d)[\])]?[\s,;:]+"
)
_SAID = re.compile(r"^\s*(?:RX|TX|<<|>>|<-|->|<|>|recv|sent|received|send)\s*:?\s+", re.IGNORECASE)
_HEX = re.compile(r"^(?:0x)?[0-9A-Fa-f]{2}(?:[\s,.:-]*(?:0x)?[0-9A-Fa-f]{2})*$")


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
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise _bad(path, f"cannot be read: {error}") from error
    if raw.lstrip()[:1] in (b"{", b"["):
        try:
            chunks = list(_json(json.loads(text_of(raw)), family))
        except (ValueError, RecursionError) as error:
            raise _bad(path, f"is not valid JSON: {error}") from error
    else:
        chunks = _lines(text_of(raw)) or [Chunk(0.0, raw)]
    if not any(chunk.data for chunk in chunks):
        raise _bad(path, "holds no bytes of a serial line")
    return chunks


def _bad(path: Path, what: str) -> BadLog:
    return BadLog(
        f"{path}: {what}",
        remedy="Give raw bytes, lines of hexadecimal text, or a JSON file with such strings.",
        file=str(path),
        problem=what,
    )


def _bytes(text: str) -> bytes | None:
    """Bytes of hexadecimal text, or of an ASCII frame."""
    text = text.strip()
    if text.startswith("~") and text.isascii():
        return text.rstrip("\r\n").encode() + b"\r"
    if _HEX.match(text):
        digits = re.sub(r"0x|[\s,.:-]", "", text)
        return bytes.fromhex(digits) if len(digits) % 2 == 0 else None
    return None


def _lines(text: str) -> list[Chunk]:
    """Empty when the file is not text of this kind at all."""
    chunks, wrong = [], 0
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith(("#", "//", ";")):
            continue
        t_s, data = 0.0, _bytes(line)
        if data is None:
            timed = _TIME.match(line)
            if timed is not None:
                t_s = 3600.0 * int(timed["h"] or 0) + 60.0 * int(timed["m"] or 0) + float(timed["s"])
                line = line[timed.end() :]
            data = _bytes(_SAID.sub("", line))
        if data is None:
            wrong += 1
        else:
            chunks.append(Chunk(t_s, data))
    return chunks if len(chunks) >= wrong else []


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
