"""Frames of MacNet's binary port (57560), as far as their layout is known: little endian, channels from 0.

Facts: the vendor's help text. A message is FClass, FNum, Chan, Len (each 16 bits) and data; in a reply Len
counts the data. FClass 0 is echoed. Of the status (4,7) the order of fields is known; that its floats have
32 bits and that the tester's time takes 8 bytes is this project's reading.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from drivers.errors import TransportError

HEAD = struct.Struct("<HHHH")
STATUS = struct.Struct("<BBHIIHffffff")
DIRECT = struct.Struct("<ffffBB")
REPLY_MAX = 65_535


@dataclass(frozen=True)
class BinaryStatus:
    """Function 4,7. Times in s; current is a magnitude."""

    channel: int
    rf1: int
    rf2: int
    stat: int
    records: int
    cycle: int
    step: int
    test_time_s: float
    step_time_s: float
    capacity_Ah: float
    energy_Wh: float
    current_A: float
    voltage_V: float


def message(function: tuple[int, int], channel: int, data: bytes = b"", length: int | None = None) -> bytes:
    """A request. ``length`` is the number of channels where that is asked for instead of the data's."""
    return HEAD.pack(*function, channel, len(data) if length is None else length) + data


def direct_output(
    channel: int,
    current_A: float,
    voltage_V: float,
    power_W: float,
    resistance_ohm: float,
    range_: int,
    mode: str,
) -> bytes:
    """Function 6,8: 18 bytes of data; ``mode`` is C, D or R. Raises ValueError."""
    if mode not in ("C", "D", "R") or not 1 <= range_ <= 4:
        raise ValueError(f"mode {mode!r} or range {range_} is not known")
    data = DIRECT.pack(current_A, voltage_V, power_W, resistance_ohm, range_, ord(mode))
    return message((6, 8), channel, data)


def frame_size(data: bytes) -> int:
    """Bytes of the first whole reply; 0 while incomplete."""
    if len(data) < HEAD.size:
        return 0
    size = HEAD.size + int(HEAD.unpack_from(data)[3])
    return size if len(data) >= size else 0


def status(frame: bytes, channel: int) -> BinaryStatus:
    """Read a reply to 4,7. Raises TransportError."""
    if len(frame) < HEAD.size + STATUS.size or HEAD.unpack_from(frame)[:3] != (4, 7, channel):
        raise TransportError(
            f"MacNet: {frame[:16].hex(' ')} is no status of channel {channel}",
            remedy="Check that MacNet's binary port (57560) answers at this address.",
        )
    return BinaryStatus(channel, *STATUS.unpack_from(frame, HEAD.size))
