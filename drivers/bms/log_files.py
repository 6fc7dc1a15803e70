"""Reads recordings of CAN buses, told by their content, and writes candump, ASC, BLF, CSV and TRC.

Recordings from the field are rarely clean. A line that is no frame is counted and left out, never the end of
the file. BLF is read, and all forms are written, by python-can.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import can

from drivers.bms.errors import BadLog, LogEnding, LogForm, NoFrames, NoPlaceForFd
from drivers.bms.log_asc import looks_like_asc, read_asc
from drivers.bms.log_bytes import bytes_of, first_line, text_of
from drivers.bms.log_lines import read_lines
from drivers.bms.log_tables import read_table, table_header
from drivers.bms.log_trc import looks_like_trc, read_trc

SUFFIXES = (".log", ".asc", ".blf", ".csv", ".trc")
_CAPTURES = (b"\x0a\x0d\x0d\x0a", b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4")
_FORMS = "Give a recording as candump, ASC, BLF, CSV or TRC."
_DOUBLES_FROM, _DOUBLE_S = 20, 1e-6


@dataclass
class Recording:
    """The frames of a file in its order, and how many of its lines were none.

    ``other``: the same with decimal identifiers, where a table leaves open what is meant. ``doubles``: frames
    left out because every one was there twice.
    """

    frames: list[can.Message] = field(default_factory=list)
    form: str = ""
    left_out: int = 0
    other: list[can.Message] = field(default_factory=list)
    doubles: int = 0

    @property
    def duration_s(self) -> float:
        """From the earliest to the latest time stamp."""
        times = [frame.timestamp for frame in self.frames]
        return max(times) - min(times) if times else 0.0


def read_log(path: Path) -> Recording:
    """Read a recording; the form is told by its content. Raises BadLog."""
    raw = bytes_of(path)
    if raw[:3] == b"MDF" or raw[:4] in _CAPTURES:
        what = "is a measurement or network capture file, which is not read here"
        raise LogForm(f"{path}: {what}", remedy=_FORMS, file=str(path), problem=what)
    recording = _blf(raw, path) if raw[:4] == b"LOGG" else _text(text_of(raw), path)
    if not recording.frames:
        what = "holds no CAN frame that can be read"
        raise NoFrames(f"{path}: {what}", remedy=_FORMS, file=str(path), problem=what, line=first_line(raw))
    recording.frames, recording.doubles = _once(recording.frames)
    return recording


def write_log(path: Path, frames: Iterable[can.Message]) -> int:
    """Write frames in the form that the name's ending asks for (SUFFIXES).

    Returns how many were written: TRC has no place for errors and remote frames here. Raises BadLog.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise LogEnding(
            f"{path}: has no known ending", remedy=f"Use one of {', '.join(SUFFIXES)}.",
            file=str(path), endings=", ".join(SUFFIXES),
        )  # fmt: skip
    frames = list(frames)
    if suffix == ".trc" and any(frame.is_fd for frame in frames):
        raise NoPlaceForFd(
            f"{path}: frames of CAN FD cannot be written as TRC",
            remedy="Use .log, .asc or .blf.",
            file=str(path),
        )
    if suffix == ".trc":
        frames = [frame for frame in frames if not (frame.is_error_frame or frame.is_remote_frame)]
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
        remedy=_FORMS,
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
    head, suffix = text[:4000], path.name.lower().removesuffix(".gz")
    if suffix.endswith(".trc") or looks_like_trc(head):
        frames, left_out = read_trc(text)
        return Recording(frames, "trc", left_out)
    if suffix.endswith(".asc") or looks_like_asc(head):
        frames, left_out = read_asc(text)
        if frames:
            return Recording(frames, "asc", left_out)
    if table_header(text) is not None:
        frames, other, left_out = read_table(text)
        if frames:
            return Recording(frames, "csv", left_out, other)
    frames, form, left_out = read_lines(text)
    return Recording(frames, form, left_out)


def _once(frames: list[can.Message]) -> tuple[list[can.Message], int]:
    """Without the doubles of a recording that holds every frame twice, as some adapters' echoes make it."""
    if len(frames) < _DOUBLES_FROM or len(frames) % 2 or frames[0].timestamp == frames[-1].timestamp:
        return frames, 0
    pairs = zip(frames[::2], frames[1::2], strict=True)
    if all(a.equals(b, timestamp_delta=_DOUBLE_S, check_direction=False) for a, b in pairs):
        return frames[::2], len(frames) // 2
    return frames, 0
