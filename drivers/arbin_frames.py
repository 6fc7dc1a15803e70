"""Frames of Arbin's CTI, little endian and packed, as the vendor's protocol text and captures have them.

A frame is a token of 8 bytes, a length, a command, an extended command (0), arguments, and a checksum: the
sum of all bytes before it modulo 65536. **A request's length counts what follows its first 12 bytes, a
feedback's the whole frame.** One known peer writes a feedback two bytes longer than its length says, its
checksum at the true end: both are taken, whichever checksum is right.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from math import isfinite

from drivers.errors import NoReading, TransportError
from drivers.transports.line import link_lost

TOKEN = struct.pack("<Q", 0x11DDDDDDDDDDDDDD)
HEAD = struct.Struct("<QIII")
LENGTH_AT, HEADER = 8, 12
SHORTEST, LONGEST = HEAD.size + 2, 8 * 1024 * 1024
LOGIN, INFO = 0xEEAB0001, 0xEEAB0003
ASSIGN, START, STOP, CONTINUE = 0xBB210001, 0xBB320004, 0xBB310001, 0xBB310002
FEEDBACK = {
    LOGIN: 0xEEBA0001,
    INFO: 0xEEBA0003,
    ASSIGN: 0xBB120001,
    START: 0xBB230004,
    STOP: 0xBB130001,
    CONTINUE: 0xBB130002,
}


@dataclass(frozen=True)
class ChannelInfo:
    """What is used of a channel's feedback. SI units; current positive on charge."""

    channel: int
    status: int
    comm_failure: bool
    schedule: str
    test: str
    exit_condition: str
    step_text: str
    test_time_s: float
    step_time_s: float
    voltage_V: float
    current_A: float


def request(command: int, arguments: bytes) -> bytes:
    """One request."""
    length = HEAD.size - HEADER + len(arguments) + 2
    body = HEAD.pack(0x11DDDDDDDDDDDDDD, length, command, 0) + arguments
    return body + struct.pack("<H", sum(body) % 65536)


def text16(text: str, size: int) -> bytes:
    """UTF-16 in a field of ``size`` bytes, padded with zeros. Raises ValueError when it is too long."""
    data = text.encode("utf-16-le")
    if len(data) > size - 2:
        raise ValueError(f"{text!r} is longer than {size // 2 - 1} characters")
    return data.ljust(size, b"\0")


def frame_size(data: bytes) -> int:
    """Bytes up to the end of the first whole frame, what stands before its token included; 0 without one.

    Raises TransportError for a length or a checksum that can never be right.
    """
    at = data.find(TOKEN)
    if at < 0:
        if len(data) > LONGEST:
            raise _broken("no frame begins")
        return 0
    frame = data[at:]
    if len(frame) < HEADER:
        return 0
    length: int = struct.unpack_from("<I", frame, LENGTH_AT)[0]
    if not SHORTEST <= length <= LONGEST:
        raise _broken(f"a length of {length} bytes")
    for size in (length, length + 2):
        if len(frame) < size:
            return 0
        if struct.unpack_from("<H", frame, size - 2)[0] == sum(frame[: size - 2]) % 65536:
            return at + size
    raise _broken("the checksum is wrong")


def arguments(frame: bytes, command: int, least: int, address: str) -> bytes:
    """A feedback to ``command`` from its token on. Raises TransportError for any other frame."""
    frame = frame[frame.find(TOKEN) :]
    said: int = struct.unpack_from("<I", frame, 12)[0]
    if said != FEEDBACK[command]:
        raise TransportError(
            f"{address}: feedback {said:#x} came in answer to {command:#x}",
            remedy="Check that nothing else answers at this address.",
            address=address,
        )
    if len(frame) < least:
        raise link_lost(address, f"{command:#x}", f"the feedback has {len(frame)} bytes, {least} are needed")
    return frame


def channel_info(frame: bytes, address: str) -> ChannelInfo:
    """Offsets count from the token. Raises TransportError, NoReading."""
    frame = arguments(frame, INFO, 1751, address)
    channel: int = struct.unpack_from("<I", frame, 24)[0]
    status: int = struct.unpack_from("<h", frame, 28)[0]
    test_s, step_s, volts, amps = struct.unpack_from("<ddff", frame, 1685)
    for name, value in (("test time", test_s), ("step time", step_s), ("voltage", volts), ("current", amps)):
        if not isfinite(value) or abs(value) > 1e9:
            raise NoReading(
                f"{address}: {name}: {value} is no reading",
                remedy="Look at the channel in the monitor window; check leads and boards.",
                address=address,
                quantity=name,
            )
    return ChannelInfo(
        channel,
        status,
        bool(frame[30]),
        _text16(frame[31:431]),
        _text16(frame[431:575]),
        _text16(frame[575:675]),
        _text16(frame[675:739]),
        test_s,
        step_s,
        volts,
        amps,
    )


def _text16(field: bytes) -> str:
    return field.decode("utf-16-le", errors="replace").split("\0", 1)[0]


def _broken(why: str) -> TransportError:
    return TransportError(
        f"CTI: {why}", remedy="Check that a CTI server (port 9031) answers at this address."
    )
