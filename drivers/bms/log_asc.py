"""Reads ASC files: identifiers and bytes hexadecimal or decimal, times absolute or since the line before.

Lines that are no frames (triggers, statistics, comments, what other protocols say of themselves) are passed
over; a frame that cannot be read is counted. ``TxRq`` is what the tool wanted to send, told again once sent.
"""

from __future__ import annotations

import re

import can

from drivers.bms.log_frames import FD_LENGTHS, frame_of

_TIMED = re.compile(r"^\s*(\d+[.,]\d+)\s+(.*\S)\s*$")
_BASE = re.compile(r"^\s*base\s+(hex|dec)(?:\s+timestamps\s+(absolute|relative))?", re.IGNORECASE)
_FRAME = re.compile(r"^(?:CANFD\s|\d+\s+(?:ErrorFrame|\S+\s+(?:Rx|Tx)\s+[dr]))", re.IGNORECASE)
HEAD = re.compile(r"^\s*(?:base\s+(?:hex|dec)|date\s+\w{3}\s)", re.IGNORECASE | re.MULTILINE)


def looks_like_asc(head: str) -> bool:
    """Whether the beginning of a file says so, or its lines have that form."""
    if HEAD.search(head):
        return True
    timed = [found[2] for line in head.splitlines()[:40] if (found := _TIMED.match(line))]
    return bool(timed) and all(_FRAME.match(rest) for rest in timed)


def read_asc(text: str) -> tuple[list[can.Message], int]:
    """The frames, and how many lines were frames that cannot be read."""
    frames: list[can.Message] = []
    base, relative, now_s, left_out = 16, False, 0.0, 0
    for line in text.splitlines():
        timed = _TIMED.match(line)
        if timed is None:
            if (told := _BASE.match(line)) is not None:
                base = 16 if told[1].lower() == "hex" else 10
                relative = (told[2] or "").lower() == "relative"
            continue
        time_s = float(timed[1].replace(",", "."))
        now_s = now_s + time_s if relative else time_s
        if not _FRAME.match(timed[2]):
            continue
        words = timed[2].split()
        if words[0].upper() == "CANFD" and words[2:3] == ["TxRq"]:
            continue
        try:
            is_fd = words[0].upper() == "CANFD"
            frame = _fd(now_s, words[1:], base) if is_fd else _classic(now_s, words, base)
        except (ValueError, IndexError):
            frame = None
        if frame is None:
            left_out += 1
        else:
            frames.append(frame)
    return frames, left_out


def _identifier(text: str, base: int) -> tuple[int, bool]:
    extended = text.lower().endswith("x")
    number = int(text.rstrip("xX"), base)
    return number, extended or number > 0x7FF


def _bytes(words: list[str], count: int, base: int) -> bytes:
    """Exactly ``count`` bytes: a line that broke off is no frame."""
    if len(words) < count:
        raise ValueError("the line broke off")
    return bytes(int(word, base) for word in words[:count])


def _classic(time_s: float, words: list[str], base: int) -> can.Message | None:
    """``channel identifier direction d length bytes``."""
    channel = str(int(words[0]) - 1)
    if words[1].lower() == "errorframe":
        return frame_of(time_s, 0, b"", error=True, channel=channel)
    number, extended = _identifier(words[1], base)
    received = words[2].lower() == "rx"
    if words[3].lower() == "r":
        return frame_of(
            time_s, number, b"", extended=extended, channel=channel, remote=True, received=received
        )
    count = min(int(words[4], base), 8)
    data = _bytes(words[5:], count, base)
    return frame_of(time_s, number, data, extended=extended, channel=channel, received=received)


def _fd(time_s: float, words: list[str], base: int) -> can.Message | None:
    """``channel direction identifier [name] switch state code length bytes``."""
    channel = str(int(words[0]) - 1)
    if "errorframe" in (word.lower() for word in words[1:4]):
        return frame_of(time_s, 0, b"", error=True, channel=channel)
    number, extended = _identifier(words[2], base)
    rest = words[3:] if words[3] in ("0", "1") and words[4] in ("0", "1") else words[4:]
    code, count = int(rest[2], 16), int(rest[3])
    remote = count == 0 and code > 0
    if count > FD_LENGTHS[-1]:
        raise ValueError("too long")
    data = _bytes(rest[4:], count, base)
    return frame_of(
        time_s, number, data, extended=extended, channel=channel,
        fd=True, remote=remote, received=words[1].lower() == "rx",
    )  # fmt: skip
