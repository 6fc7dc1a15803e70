"""The KP184's dialect: five frames of Kunkin's manual on both sides of the wire, both byte orders."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.errors import TransportError
from drivers.kunkin_kp184 import KunkinKP184, KunkinOptions, cut_echo, cut_state, parse_state, sealed
from drivers.transports.frames import FrameLink, FrameOptions
from tests.drivers.frame_server import FrameServer
from tests.drivers.loads_rig import PROTECTION

CC_2A = bytes.fromhex("01 06 01 16 00 01 04 00 00 07 D0 0C 9D")
CV_20V = bytes.fromhex("01 06 01 12 00 01 04 00 00 4E 20 2B AB")
MODE_CC = bytes.fromhex("01 06 01 10 00 01 04 00 00 00 01 4A DF")
ON = bytes.fromhex("01 06 01 0E 00 01 04 00 00 00 01 CA 5F")
READ_ALL = bytes.fromhex("01 03 03 00 00 00 8E 45")


class Unit:
    """Answers as the manual says; keeps what is written."""

    def __init__(self, order: str = "high-first", *, short: bool = False) -> None:
        self.registers = {0x010E: 0, 0x0110: 0, 0x0116: 0}
        self.order, self.short = order, short
        self.server = FrameServer(self.answer)

    def answer(self, data: bytes) -> bytes:
        body = data[:-2]
        if sealed(body, self.order) != data:  # type: ignore[arg-type]
            return b""
        if body[1] == 6:
            self.registers[int.from_bytes(body[2:4], "big")] = int.from_bytes(body[7:11], "big")
            return sealed(body[:7] if self.short else body, self.order)  # type: ignore[arg-type]
        flags = self.registers[0x010E] | self.registers[0x0110] << 1
        amps = self.registers[0x0116] if self.registers[0x010E] else 0
        reply = b"\x01\x03\x30" + bytes((flags, 0)) + (3700).to_bytes(3, "big") + amps.to_bytes(3, "big")
        return sealed(reply + bytes(10), self.order)  # type: ignore[arg-type]


def opened(unit: Unit, crc: str = "auto") -> KunkinKP184:
    options = KunkinOptions.model_validate({"crc": crc, "timeout_s": 0.1})
    return KunkinKP184(FrameLink(unit.server.address, FrameOptions(timeout_s=0.1)), options)


def test_the_manuals_frames_are_sent_byte_for_byte() -> None:
    unit = Unit()
    with contextlib.closing(unit.server), contextlib.closing(opened(unit)) as load:
        load.prepare(PROTECTION)
        load.input_on()
        load.set_current(2.0)
        reading = load.read()
        assert (reading.voltage_V, reading.current_A) == (3.7, 2.0)
        for frame in (MODE_CC, ON, CC_2A, READ_ALL):
            assert frame in unit.server.frames


@pytest.mark.parametrize("short", [False, True])
@pytest.mark.parametrize("order", ["high-first", "low-first"])
def test_the_byte_order_is_found_out_and_kept(order: str, short: bool) -> None:
    unit = Unit(order, short=short)
    with contextlib.closing(unit.server), contextlib.closing(opened(unit)) as load:
        load.prepare(PROTECTION)
        asked = len(unit.server.frames)
        load.set_current(3.0)
        load.read()
        assert len(unit.server.frames) == asked + 2
        assert unit.registers[0x0116] == 3000


def test_a_wrong_order_that_is_set_is_a_clear_error() -> None:
    unit = Unit("low-first")
    with contextlib.closing(unit.server), contextlib.closing(opened(unit, "high-first")) as load:
        with pytest.raises(TransportError, match="no reply"):
            load.read()
        assert unit.server.frames == [READ_ALL]


@given(st.binary(max_size=40))
@settings(max_examples=80, deadline=None)
def test_no_number_comes_from_garbage(data: bytes) -> None:
    for order in ("high-first", "low-first"):
        with contextlib.suppress(TransportError):
            frame = cut_state(data, 1, order, "x")  # type: ignore[arg-type]
            assert frame is None or (frame[:3] == b"\x01\x03\x30" and sealed(frame[:-2], order) == frame)  # type: ignore[arg-type]
        with contextlib.suppress(TransportError):
            echo = cut_echo(data, CC_2A, order, "x")  # type: ignore[arg-type]
            assert echo is None or CC_2A[:7] == echo[:7]


@given(st.binary(min_size=18, max_size=18), st.integers(3, 22), st.integers(1, 255))
@settings(max_examples=60, deadline=None)
def test_a_flipped_byte_is_noticed(content: bytes, at: int, flip: int) -> None:
    frame = sealed(b"\x01\x03\x30" + content, "high-first")
    assert cut_state(frame, 1, "high-first", "x") == frame
    assert parse_state(frame).voltage_V == int.from_bytes(content[2:5], "big") / 1000
    spoiled = bytearray(frame)
    spoiled[at] ^= flip
    with pytest.raises(TransportError):
        cut_state(bytes(spoiled), 1, "high-first", "x")
