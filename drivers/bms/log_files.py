"""Reads and writes recordings of CAN buses: candump, ASC, BLF, CSV and TRC by python-can.

Recordings from the field are rarely clean. A line that is no frame is counted and left out, never the end of
the file; what programs print on a screen (``candump -t a``, loggers of hobbyists, CSV tables of SavvyCAN and
of Chinese analysers) is brought into a known form first.
"""

from __future__ import annotations

import gzip
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import can
from can.io.asc import ASCReader
from can.io.trc import TRCReader

from drivers.bms.errors import BadLog
from drivers.bms.log_tables import read_table

_CANDUMP = re.compile(
    r"^\((?P<t>\d+(?:\.\d*)?)\)\s+(?P<ch>\S+)\s+(?P<id>[0-9A-Fa-f]{3,8})#"
    r"(?P<fd>#[0-9A-Fa-f])?(?P<data>(?:[0-9A-Fa-f]{2})*|[Rr]\d*)(?:\s+(?P<dir>[RTrt]))?\s*$"
)
_PRINTED = (
    # (1.234) can0 1DB [8] 01 02 … and the same without a time
    re.compile(
        r"^\s*(?:\(\s*(?P<t>[-0-9: .]+)\)\s+)?(?P<ch>[A-Za-z]\w*)\s+(?:[TR]X\s+)?(?P<id>[0-9A-Fa-f]{3,8})"
        r"\s+\[\s*\d+\]\s*(?P<data>(?:[0-9A-Fa-f]{2}\s*)*)"
    ),
    # Timestamp: 1.234  ID: 1db  S Rx  DL: 8  01 02 …
    re.compile(
        r"^\s*Timestamp:\s+(?P<t>\d+\.\d+)\s+ID:\s+(?P<id>[0-9A-Fa-f]{3,8})\s+[SX].*?DL:\s+\d+"
        r"\s+(?P<data>(?:[0-9A-Fa-f]{2}\s*)+)"
    ),
    # 1DB#0102… , 7EC 10 27 62 … and 7EC102762…
    re.compile(r"^\s*(?P<id>[0-9A-Fa-f]{3,8})#(?P<data>(?:[0-9A-Fa-f]{2})+)\s*$"),
    re.compile(r"^\s*(?P<id>[0-9A-Fa-f]{8}|[0-9A-Fa-f]{3})(?P<data>(?:\s+[0-9A-Fa-f]{2}){1,64})\s*$"),
    re.compile(r"^\s*(?P<id>[0-9A-Fa-f]{3})(?P<data>(?:[0-9A-Fa-f]{2}){1,8})\s*$"),
)
SUFFIXES = (".log", ".asc", ".blf", ".csv", ".trc")


@dataclass
class Recording:
    """The frames of a file in its order, and how many of its lines were none."""

    frames: list[can.Message] = field(default_factory=list)
    form: str = ""
    left_out: int = 0

    @property
    def duration_s(self) -> float:
        """From the earliest to the latest time stamp."""
        times = [frame.timestamp for frame in self.frames]
        return max(times) - min(times) if times else 0.0


def read_log(path: Path) -> Recording:
    """Read a recording; the form is told by its content. Raises BadLog."""
    try:
        raw = path.read_bytes()
        if raw[:2] == b"\x1f\x8b":
            raw = gzip.decompress(raw)
    except (OSError, EOFError) as error:
        raise _bad(path, f"cannot be read: {error}") from error
    recording = _blf(raw, path) if raw[:4] == b"LOGG" else _text(text_of(raw), path)
    if not recording.frames:
        raise _bad(path, "holds no CAN frame that can be read")
    return recording


def text_of(raw: bytes) -> str:
    """Bytes of a text file of whatever make."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def write_log(path: Path, frames: Iterable[can.Message]) -> int:
    """Write frames in the form that the name's ending asks for (SUFFIXES).

    Returns how many. Raises BadLog.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise _bad(path, f"has no known ending: {', '.join(SUFFIXES)}")
    count = 0
    try:
        with can.Logger(str(path)) as writer:
            for frame in frames:
                writer.on_message_received(frame)
                count += 1
    except OSError as error:
        raise _bad(path, f"cannot be written: {error}") from error
    return count


def _bad(path: Path, what: str) -> BadLog:
    return BadLog(
        f"{path}: {what}",
        remedy="Give a recording as candump, ASC, BLF, CSV or TRC.",
        file=str(path),
        problem=what,
    )


def _blf(raw: bytes, path: Path) -> Recording:
    recording = Recording(form="blf")
    try:
        for message in can.BLFReader(io.BytesIO(raw)):
            recording.frames.append(message)
    except Exception as error:
        if not recording.frames:
            raise _bad(path, f"is a damaged BLF file: {error}") from error
        recording.left_out += 1
    return recording


def _text(text: str, path: Path) -> Recording:
    head = text[:4000].lower()
    if ";$fileversion" in head or path.suffix.lower() == ".trc":
        return _trc(text)
    if re.search(r"^\s*(base\s+(hex|dec)|date\s+\w{3}\s)", head, re.MULTILINE):
        return _asc(text)
    if path.suffix.lower() == ".csv":
        frames, left_out = read_table(text)
        return Recording(frames, "csv", left_out)
    recording = _lines(text)
    if not recording.frames:
        frames, left_out = read_table(text)
        if frames:
            return Recording(frames, "csv", left_out)
    return recording


class _Asc(ASCReader):
    """Leaves out lines that cannot be read."""

    left_out = 0

    def _process_classic_can_frame(self, line: str, msg_kwargs: dict[str, Any]) -> Any:
        try:
            return super()._process_classic_can_frame(line, msg_kwargs)
        except (ValueError, IndexError):
            self.left_out += 1
            return None

    def _process_fd_can_frame(self, line: str, msg_kwargs: dict[str, Any]) -> Any:
        try:
            return super()._process_fd_can_frame(line, msg_kwargs)
        except (ValueError, IndexError):
            self.left_out += 1
            return None


def _asc(text: str) -> Recording:
    reader = _Asc(io.StringIO(text))
    frames = list(reader)
    if reader.timestamps_format == "relative":
        now_s = 0.0
        for frame in frames:
            now_s += frame.timestamp
            frame.timestamp = now_s
    return Recording(frames, "asc", reader.left_out)


class _Trc(TRCReader):
    """Leaves out lines that cannot be read."""

    left_out = 0

    def _parse_line(self, line: str) -> Any:
        try:
            return super()._parse_line(line)
        except (ValueError, KeyError):
            self.left_out += 1
            return None


def _trc(text: str) -> Recording:
    reader = _Trc(io.StringIO(text))
    try:
        frames = list(reader)
    except (ValueError, NotImplementedError):
        frames = []
    return Recording(frames, "trc", reader.left_out)


def _lines(text: str) -> Recording:
    recording = Recording(form="candump")
    kept = list(_candump_lines(text.splitlines(), recording))
    recording.frames = list(can.CanutilsLogReader(io.StringIO("\n".join(kept))))
    return recording


def _candump_lines(lines: Iterable[str], recording: Recording) -> Iterator[str]:
    """Each frame as ``candump -L`` writes it."""
    for line in lines:
        line = line.strip()
        if not line or line.startswith(("#", "//", ";")):
            continue
        match = _CANDUMP.match(line)
        if match is not None:
            if len(match["data"]) <= (128 if match["fd"] else 16):
                yield line
            else:
                recording.left_out += 1
            continue
        printed = _printed(line)
        if printed is None:
            recording.left_out += 1
        else:
            recording.form = "printed"
            yield printed


def _printed(line: str) -> str | None:
    for form in _PRINTED:
        match = form.match(line)
        if match is None:
            continue
        parts = match.groupdict()
        data = "".join((parts["data"] or "").split())
        if len(data) > 128 or (len(parts["id"]) not in (3, 8) and int(parts["id"], 16) > 0x7FF):
            return None
        name = parts["id"] if len(parts["id"]) == 8 else f"{int(parts['id'], 16):03X}"
        fd = "##0" if len(data) > 16 else "#"
        bus = re.sub(r"^[RT]X(?=\d)", "can", parts.get("ch") or "can0")  # both directions of one bus
        return f"({_seconds(parts.get('t') or '0'):.6f}) {bus} {name}{fd}{data}"
    return None


def _seconds(text: str) -> float:
    """Seconds of ``12.5``, ``01:02:03.5`` or ``2026-01-31 01:02:03.5`` (the date itself is left out)."""
    parts = text.split()[-1].split(":") if text.split() else ["0"]
    total = 0.0
    for part in parts:
        try:
            total = total * 60 + float(part)
        except ValueError:
            return 0.0
    return total
