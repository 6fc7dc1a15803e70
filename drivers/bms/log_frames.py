"""One frame of a recording, whatever the file said of it."""

from __future__ import annotations

import math

import can

_EXTENDED, _REMOTE, _ERROR = 1 << 31, 1 << 30, 1 << 29
STANDARD_MAX, _EXTENDED_MAX = 0x7FF, 0x1FFFFFFF
FD_LENGTHS = (0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64)
"""Bytes of each data length code."""


def frame_of(
    time_s: float,
    number: int,
    data: bytes,
    *,
    extended: bool | None = None,
    channel: str | None = None,
    fd: bool = False,
    remote: bool = False,
    error: bool = False,
    received: bool = True,
) -> can.Message | None:
    """A frame; None where it can be none. ``number`` may carry SocketCAN's flags in its three high bits.

    ``extended`` None: told by the number, for no known pack has a 29-bit identifier below 800 hex.
    """
    if not 0 <= number < 1 << 32 or len(data) > 64 or not math.isfinite(time_s):
        return None
    if number & _ERROR or error:
        return can.Message(timestamp=time_s, is_error_frame=True, channel=channel)
    remote = remote or bool(number & _REMOTE)
    extended = True if number & _EXTENDED else extended
    number &= _EXTENDED_MAX
    if extended is None:
        extended = number > STANDARD_MAX
    if number > STANDARD_MAX and not extended:
        return None
    return can.Message(
        timestamp=time_s,
        arbitration_id=number,
        is_extended_id=extended,
        is_remote_frame=remote,
        is_fd=fd or len(data) > 8,
        is_rx=received,
        dlc=len(data),
        data=None if remote else data,
        channel=channel,
    )


def hex_id(text: str) -> tuple[int, bool | None]:
    """Number of an identifier in hexadecimal text, and whether an ``x`` at its end says that it has 29 bits.

    Raises ValueError.
    """
    plain = text.strip().lower().removeprefix("0x")
    marked = plain.endswith("x")
    return int(plain.rstrip("xh"), 16), True if marked else None
