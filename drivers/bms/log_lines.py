"""Reads recordings that have a frame in each line: candump's files and screens, and what other loggers print.

Beside candump (with any of its time stamps, directions, swapped bytes and flags) these are python-can's
print-out, CRTD, CanKing, Busmaster, and dumps of identifier and bytes alone, as of diagnostic adapters.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import can

from drivers.bms.log_frames import STANDARD_MAX, frame_of, hex_id
from drivers.bms.log_times import are_gaps, clock_s, summed, unrolled

_TIME = re.compile(
    r"^\s*(?:[\[(]\s*(?P<a>[-+0-9: .,TZ]+?)\s*[\])]"
    r"|(?P<b>(?:\d{4}-\d\d-\d\d[T ])?\d{1,2}:\d\d:\d\d(?:[.,:]\d+)?Z?|\d+[.,]\d+))[\s,;]+"
)
_LOGGED = re.compile(
    r"^(?P<ch>\S+)\s+(?P<id>[0-9A-Fa-f]{3,8})#(?P<fd>#[0-9A-Fa-f])?"
    r"(?:(?P<data>[0-9A-Fa-f.]*)(?:_[0-9A-Fa-f])?|(?P<rtr>[Rr][0-9A-Fa-f]?))(?:\s+(?P<dir>[RTrt]))?\s*$"
)
_PLAIN = re.compile(r"\((\d+\.\d+)\) (\S+) ([0-9A-F]{3}|[01][0-9A-F]{7})#((?:[0-9A-F]{2}){0,8})(?: (R))?")
"""What nearly every line of a candump file is: read without further questions."""
_SCREEN = re.compile(
    r"^\s*(?P<ch>[A-Za-z][\w.-]*)\s+(?:(?P<dir>[RT]X)\s+(?:[-BE]\s+[-BE]\s+)?)?(?P<id>[0-9A-Fa-f]{3,8})"
    r"\s+\[\s*(?P<len>\d+)\]\s*(?P<rest>.*)$"
)
_PYTHON = re.compile(
    r"^\s*Timestamp:\s+(?P<t>-?\d+(?:\.\d+)?)\s+ID:\s+(?P<id>[0-9A-Fa-f]+)\s+(?P<flags>[SX](?:\s+\w+)*)"
    r"\s+DLC?:\s+(?P<len>\d+)(?P<data>(?:\s+[0-9A-Fa-f]{2}\b)*)(?:.*Channel:\s+(?P<ch>\S+))?"
)
_CRTD = re.compile(
    r"^\s*(?P<t>\d+\.\d+)[ ,](?P<ch>\d*)(?P<dir>[RT])(?P<kind>11|29)[ ,]+(?P<id>[0-9A-Fa-f]+)"
    r"(?P<data>(?:[ ,]+[0-9A-Fa-f]{2}\b)*)"
)
_CANKING = re.compile(
    r"^\s*(?P<ch>\d+)\s+(?P<id>[0-9A-Fa-f]+)\s+(?P<flags>[A-Z]*)\s*(?P<len>\d+)"
    r"(?P<data>(?:\s+[0-9A-Fa-f]{2})*)\s+(?P<t>\d+\.\d+)\s+(?P<dir>[RT])\s*$"
)
_BUSMASTER = re.compile(
    r"^\s*(?P<t>\d+:\d+:\d+:\d+)\s+(?P<dir>[RT]x)\s+(?P<ch>\d+)\s+(?P<id>(?:0x)?[0-9A-Fa-f]+)\s+"
    r"(?P<flags>[sxrSXR]+)\s+(?P<len>\d+)(?P<data>(?:\s+[0-9A-Fa-f]{1,3})*)\s*$"
)
_WORDS = re.compile(r"(?<!\S)(?:[RT]x|[RT]X|Std|Ext|EXT|STD|Data|D)(?!\S)")
_COUNTED = re.compile(
    r"^(?P<id>(?:0x)?[0-9A-Fa-f]{1,8}x?)\s+(?P<len>[1-9]?\d)(?P<data>(?:\s+[0-9A-Fa-f]{2})*)$"
)
_DUMPED = re.compile(r"^(?P<id>[0-9A-Fa-f]{8}|[0-9A-Fa-f]{3})(?P<data>(?:\s+[0-9A-Fa-f]{2}){1,64})$")
_HASHED = re.compile(r"^(?P<id>[0-9A-Fa-f]{3,8})#(?P<data>(?:[0-9A-Fa-f]{2})+)$")
_RUN = re.compile(r"^[0-9A-Fa-f]{5,24}$")
_A_DATE_S = 3e8
"""Times above this count from 1970."""
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")

Found = can.Message | None


def read_lines(text: str) -> tuple[list[can.Message], str, int]:
    """Frames, the form, and how many lines were none."""
    decimal = re.search(r"^\*{3}DEC\*{3}", text[:4000], re.MULTILINE) is not None
    frames: list[can.Message] = []
    form, left_out, clocks = "candump", 0, False
    for line in _lines(text):
        if (plain := _PLAIN.fullmatch(line)) is not None:
            time_s, channel, identifier, data, _ = plain.groups()
            number = int(identifier, 16)
            frames.append(
                can.Message(
                    timestamp=float(time_s), arbitration_id=number, is_extended_id=number > STANDARD_MAX,
                    dlc=len(data) // 2, data=bytes.fromhex(data), channel=channel,
                )
            )  # fmt: skip
            continue
        found = _logged(line)
        if found is None and (found := _printed(line, decimal)) is not None:
            form = "printed"
            clocks = clocks or ":" in line[:24]
        if found is None:
            left_out += 1
        else:
            frames.append(found)
    if form == "printed":
        _put_in_order(frames, clocks)
    timed = _with_dates(frames)
    return timed, form, left_out + len(frames) - len(timed)


def _with_dates(frames: list[can.Message]) -> list[can.Message]:
    """Where the times are dates, a frame without one is the rest of a line that broke off."""
    if max((frame.timestamp for frame in frames), default=0.0) < _A_DATE_S:
        return frames
    return [frame for frame in frames if frame.timestamp >= _A_DATE_S]


def _lines(text: str) -> Iterator[str]:
    if text.lstrip()[:1] in ("{", "["):
        try:
            for part in _strings(json.loads(text)):
                yield from re.split(r"[\r\n>]+", part)
            return
        except (ValueError, RecursionError):
            pass
    for line in text.splitlines():
        line = (_COLOUR.sub("", line) if "\x1b" in line else line).strip()
        if line and not line.startswith(("#", "//", ";", "***")):
            yield line


def _strings(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        data = list(data.values())
    if isinstance(data, list):
        for part in data:
            yield from _strings(part)
    elif isinstance(data, str):
        yield data


def _put_in_order(frames: list[can.Message], clocks: bool) -> None:
    times_s = [frame.timestamp for frame in frames]
    told = summed(times_s) if are_gaps(times_s) else unrolled(times_s) if clocks else times_s
    for frame, time_s in zip(frames, told, strict=True):
        frame.timestamp = time_s


def _timed(line: str) -> tuple[float, str]:
    """The time at the beginning of a line, 0 without one, and the rest."""
    match = _TIME.match(line)
    if match is None:
        return 0.0, line
    try:
        return clock_s(match["a"] or match["b"]), line[match.end() :]
    except ValueError:
        return 0.0, line


def _logged(line: str) -> Found:
    """``(1.234) can0 1DB#0102…`` as ``candump -L`` and ``-l`` write it."""
    if "#" not in line or not line.startswith("("):
        return None
    return _written(*_timed(line))


def _written(time_s: float, rest: str) -> Found:
    """``can0 1DB#0102…`` behind whatever time."""
    match = _LOGGED.match(rest)
    if match is None:
        return None
    digits = (match["data"] or "").replace(".", "")
    if len(digits) % 2 or len(digits) > (128 if match["fd"] else 16):
        return None
    return frame_of(
        time_s, int(match["id"], 16), bytes.fromhex(digits),
        channel=match["ch"], fd=match["fd"] is not None, remote=match["rtr"] is not None,
        received=(match["dir"] or "R").upper() == "R",
    )  # fmt: skip


def _printed(line: str, decimal: bool) -> Found:
    for form in (_python, _crtd, _busmaster_decimal if decimal else _busmaster, _canking):
        found = form(line)
        if found is not None:
            return found
    time_s, rest = _timed(line)
    rest = rest.strip()
    found = _screen(time_s, rest)
    if found is None and rest != line.strip():
        found = _written(time_s, rest)
    if found is not None:
        return found
    for short in (_counted, _dumped, _run):
        found = short(time_s, " ".join(_WORDS.sub(" ", rest).split()))
        if found is not None:
            return found
    return None


def _screen(time_s: float, line: str) -> Found:
    """``can0  1DB   [8]  01 02 …`` as candump shows it."""
    match = _SCREEN.match(line)
    if match is None:
        return None
    # A logger of two buses names them by direction: RX0 and TX1 are both sides of one.
    bus = re.sub(r"^[RT]X(?=\d)", "can", match["ch"])
    rest, count = match["rest"], int(match["len"])
    number = int(match["id"], 16)
    if "ERRORFRAME" in rest:
        return frame_of(time_s, 0, b"", error=True, channel=bus)
    data = b"" if "remote request" in rest else _shown(rest, count)
    if data is None:
        return None
    return frame_of(
        time_s, number, data, channel=bus, fd=len(match["len"]) == 2, remote="remote request" in rest,
        received=match["dir"] != "TX",
    )  # fmt: skip


def _shown(rest: str, count: int) -> bytes | None:
    """Bytes on a screen: with or without spaces, binary, or (behind a grave accent) the last one first."""
    if count > 64:
        return None
    words = re.split(r"[\s`]+", rest.strip())
    if len(words) < count and re.fullmatch(r"(?:[0-9A-Fa-f]{2})+", words[0]):
        digits = words[0]
        words = [digits[at : at + 2] for at in range(0, len(digits), 2)]
    if len(words) < count:
        return None
    base, width = (2, 8) if count and len(words[0]) == 8 else (16, 2)
    try:
        data = bytes(int(word, base) for word in words[:count] if len(word) == width)
    except ValueError:
        return None
    if len(data) != count:
        return None
    return data[::-1] if "`" in rest else data


def _python(line: str) -> Found:
    match = _PYTHON.match(line)
    if match is None:
        return None
    flags = match["flags"].split()
    data = bytes.fromhex(match["data"] or "")
    return frame_of(
        float(match["t"]), int(match["id"], 16), data, extended=flags[0] == "X", channel=match["ch"],
        fd="F" in flags, remote="R" in flags, error="E" in flags, received="Tx" not in flags,
    )  # fmt: skip


def _crtd(line: str) -> Found:
    match = _CRTD.match(line)
    if match is None:
        return None
    return frame_of(
        float(match["t"]), int(match["id"], 16), bytes.fromhex((match["data"] or "").replace(",", " ")),
        extended=match["kind"] == "29", channel=match["ch"] or "1", received=match["dir"] == "R",
    )  # fmt: skip


def _canking(line: str) -> Found:
    match = _CANKING.match(line)
    if match is None:
        return None
    data = bytes.fromhex(match["data"] or "")
    flags, count = match["flags"], int(match["len"])
    if len(data) != count and "R" not in flags:
        return None
    return frame_of(
        float(match["t"]), int(match["id"], 16), data, extended=True if "X" in flags else None,
        channel=match["ch"], remote="R" in flags, error="E" in flags, received=match["dir"] == "R",
    )  # fmt: skip


def _busmaster(line: str, base: int = 16) -> Found:
    match = _BUSMASTER.match(line)
    if match is None:
        return None
    flags, count = match["flags"].lower(), int(match["len"])
    identifier = match["id"]
    number = int(identifier, 16 if identifier.startswith("0x") else base)
    words = (match["data"] or "").split()
    if len(words) != count and "r" not in flags:
        return None
    try:
        data = bytes(int(word, base) for word in words)
    except ValueError:
        return None
    return frame_of(
        clock_s(match["t"]), number, data, extended="x" in flags, channel=match["ch"],
        remote="r" in flags, received=match["dir"] == "Rx",
    )  # fmt: skip


def _busmaster_decimal(line: str) -> Found:
    return _busmaster(line, 10)


def _counted(time_s: float, line: str) -> Found:
    """Identifier, length, and exactly as many bytes."""
    match = _COUNTED.match(line)
    if match is None:
        return None
    data = bytes.fromhex(match["data"] or "")
    if len(data) != int(match["len"]):
        return None
    number, extended = hex_id(match["id"])
    return frame_of(time_s, number, data, extended=extended, channel="can0")


def _dumped(time_s: float, line: str) -> Found:
    """``7EC 10 27 62 …`` or ``1DB#0102…`` without anything else."""
    match = _DUMPED.match(line) or _HASHED.match(line)
    if match is None:
        return None
    return frame_of(time_s, int(match["id"], 16), bytes.fromhex(match["data"]), channel="can0")


def _run(time_s: float, line: str) -> Found:
    """``7EC102762…``: an odd number of digits begins with an identifier of three, an even one with eight."""
    if not _RUN.match(line):
        return None
    width = 3 if len(line) % 2 else 8
    data = bytes.fromhex(line[width:])
    return frame_of(time_s, int(line[:width], 16), data, channel="can0") if 0 < len(data) <= 8 else None
