"""Reads TRC files of the versions 1.0 to 2.1."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import can

from drivers.bms.log_frames import FD_LENGTHS, frame_of

_DAYS_TO_1970 = 25569
_VERSION = re.compile(r"^;\$FILEVERSION\s*=\s*(\d+)\.(\d+)", re.IGNORECASE)
_START = re.compile(r"^;\$STARTTIME\s*=\s*(\d+(?:[.,]\d+)?)", re.IGNORECASE)
_COLUMNS = re.compile(r"^;\$COLUMNS\s*=\s*(\S+)", re.IGNORECASE)
_NUMBERED = re.compile(
    r"^\s*\d+(?:\)\s+\d+(?:\.\d+)?|\s+\d+\.\d+\s+(?:DT|FD|FB|FE|BI|RR|ST))\s", re.MULTILINE
)
_DATA_TYPES = ("DT", "FD", "FB", "FE", "BI", "RR")
#: places of bus, direction, identifier, length and first byte behind number and time; None: not told
_OLD = {
    (1, 0): (None, None, 2, 3, 4),
    (1, 1): (None, 2, 3, 4, 5),
    (1, 2): (2, 3, 4, 5, 6),
    (1, 3): (2, 3, 4, 6, 7),
}


@dataclass
class _Head:
    version: tuple[int, int] = (1, 0)
    start_s: float = 0.0
    columns: list[str] = field(default_factory=list)


def looks_like_trc(head: str) -> bool:
    """Whether the beginning of a file says so."""
    return ";$fileversion" in head.lower() or _NUMBERED.search(head) is not None


def read_trc(text: str) -> tuple[list[can.Message], int]:
    """The frames, and how many lines were none."""
    frames: list[can.Message] = []
    head, left_out, guessed = _Head(), 0, False
    for line in text.splitlines():
        line = line.strip()
        if line.startswith(";"):
            _head(line, head)
            guessed = guessed or line.lower().startswith(";$fileversion")
        elif line:
            if not guessed:
                head.version, guessed = _guess(line), True
            try:
                new = head.version >= (2, 0)
                frame = _new(line, head) if new else _old(line, head)
            except (ValueError, IndexError, KeyError):
                frame = None
            if frame is not None:
                frames.append(frame)
            elif not _told_otherwise(line):
                left_out += 1
    return frames, left_out


def _head(line: str, head: _Head) -> None:
    if (found := _VERSION.match(line)) is not None:
        head.version = (int(found[1]), int(found[2]))
    elif (found := _START.match(line)) is not None:
        head.start_s = (float(found[1].replace(",", ".")) - _DAYS_TO_1970) * 86400.0
    elif (found := _COLUMNS.match(line)) is not None:
        head.columns = found[1].split(",")


def _guess(line: str) -> tuple[int, int]:
    """The version of a file whose head is lost."""
    words = line.split()
    if len(words) > 2 and words[2] in _DATA_TYPES:
        return 2, 1
    if len(words) > 3 and words[3] in ("Rx", "Tx"):
        return 1, 3 if len(words) > 5 and words[5] == "-" else 2
    return 1, 1 if len(words) > 2 and words[2] in ("Rx", "Tx") else 0


def _told_otherwise(line: str) -> bool:
    """Whether it is a line about the bus, not a frame."""
    return bool(re.search(r"\s(?:Warng|ST|EC|EV|FFFFFFFF)\s", line))


def _old(line: str, head: _Head) -> can.Message | None:
    words = line.split()
    bus, direction, identifier, length, data = _OLD.get(head.version, _OLD[1, 1])
    time_s = float(words[1]) / 1000.0 + head.start_s
    channel = words[bus] if bus is not None else "1"
    kind = words[direction] if direction is not None else "Rx"
    if kind == "Error":
        return frame_of(time_s, 0, b"", error=True, channel=channel)
    if kind not in ("Rx", "Tx") or words[identifier] == "FFFFFFFF":
        return None
    number, count = int(words[identifier], 16), int(words[length])
    extended = len(words[identifier]) > 4
    remote = words[data : data + 1] == ["RTR"]
    body = b"" if remote else _bytes(words[data:], min(count, 8))
    return frame_of(
        time_s, number, body, extended=extended, channel=channel, remote=remote, received=kind == "Rx"
    )


def _new(line: str, head: _Head) -> can.Message | None:
    columns = head.columns or list("NOTBIdRLD")
    words = line.split(maxsplit=len(columns) - 1)
    cells = dict(zip(columns, words, strict=False))
    kind = cells["T"]
    time_s = float(cells["O"]) / 1000.0 + head.start_s
    channel = cells.get("B", "1")
    if kind == "ER":
        return frame_of(time_s, 0, b"", error=True, channel=channel)
    if kind not in _DATA_TYPES:
        return None
    count = int(cells["l"]) if "l" in cells else FD_LENGTHS[int(cells["L"])]
    remote = kind == "RR"
    data = b"" if remote else _bytes(cells.get("D", "").split(), count)
    return frame_of(
        time_s,
        int(cells["I"], 16),
        data,
        extended=len(cells["I"]) > 4,
        channel=channel,
        fd=kind in ("FD", "FB", "FE", "BI"),
        remote=remote,
        received=cells.get("d", "Rx") == "Rx",
    )


def _bytes(words: list[str], count: int) -> bytes:
    """Exactly ``count`` bytes: a line that broke off is no frame."""
    if len(words) < count:
        raise ValueError("the line broke off")
    return bytes(int(word, 16) for word in words[:count])
