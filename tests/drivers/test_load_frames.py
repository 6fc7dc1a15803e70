"""Frames and lines of the loads against garbage: no hang, no number, no error outside the tree of drivers."""

from __future__ import annotations

import contextlib
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.contracts.load import LoadReading
from drivers.errors import DriverError, TransportError
from drivers.itech_it8500 import ItechIT8500, ItechOptions, cut_reply, frame
from drivers.korad_kel103 import KoradKEL103, KoradOptions
from drivers.maynuo_m97 import MaynuoM97
from drivers.modbus_rtu import cut_reply as cut_rtu
from drivers.modbus_rtu import sealed
from drivers.siglent_sdl1000x import SiglentSDL1000X
from drivers.tti_ld400p import TTiLD400P

EXAMPLES = settings(max_examples=60, deadline=None)
ANSWER = frame(0, 0x5F, b"\x6c\x0e" + bytes(2) + b"\xa0\x86\x01\x00" + bytes(4) + b"\x0c")
REQUEST = sealed(b"\x01\x03\x0b\x00\x00\x04")
REPLY = sealed(b"\x01\x03\x08" + bytes(8))


class Answers:
    """A link that answers the same to everything, through the driver's own cut."""

    address = "x"

    def __init__(self, data: Any) -> None:
        self.data = data

    def ask(self, request: bytes, cut: Any) -> bytes:  # noqa: ARG002
        found = cut(self.data)
        if found is None:
            raise TransportError("no reply", address="x")
        return bytes(found)

    def query(self, command: str) -> str:  # noqa: ARG002
        return str(self.data)

    def write(self, command: str) -> None:
        """Nobody listens."""

    def close(self) -> None:
        """Nothing to close."""


def sane(reading: LoadReading) -> None:
    assert math.isfinite(reading.voltage_V)
    assert math.isfinite(reading.current_A)
    assert abs(reading.voltage_V) <= 300
    assert abs(reading.current_A) <= 200


@given(st.binary(max_size=60))
@EXAMPLES
def test_bytes_that_are_no_frame_give_no_reading(data: bytes) -> None:
    link: Any = Answers(data)
    for load in (ItechIT8500(link, ItechOptions()), MaynuoM97(link)):
        with pytest.raises(DriverError):
            load.read()


@given(st.integers(0, 25), st.integers(1, 255))
@EXAMPLES
def test_a_flipped_byte_of_a_26_byte_frame_is_noticed(at: int, flip: int) -> None:
    assert cut_reply(ANSWER, 0, 0x5F, "x") == ANSWER
    spoiled = bytearray(ANSWER)
    spoiled[at] ^= flip
    with pytest.raises(TransportError):
        cut_reply(bytes(spoiled), 0, 0x5F, "x")


@given(st.integers(0, 12), st.integers(1, 255), st.integers(0, 12))
@EXAMPLES
def test_a_flipped_byte_of_a_modbus_reply_is_noticed(at: int, flip: int, cut: int) -> None:
    assert cut_rtu(REPLY, REQUEST, "x") == REPLY
    assert cut_rtu(REPLY[:cut], REQUEST, "x") is None
    spoiled = bytearray(REPLY)
    spoiled[at] ^= flip
    with contextlib.suppress(TransportError):
        assert cut_rtu(bytes(spoiled), REQUEST, "x") is None


@given(st.binary(min_size=22, max_size=22))
@EXAMPLES
def test_a_whole_frame_with_any_content_gives_a_sane_reading_or_an_error(content: bytes) -> None:
    load: Any = ItechIT8500(Answers(frame(0, 0x5F, content)))  # type: ignore[arg-type]
    load.__dict__["capabilities"] = _Ratings
    with contextlib.suppress(DriverError):
        sane(load.read())
    words: Any = Answers(sealed(b"\x01\x03\x08" + content[:8]))
    with contextlib.suppress(DriverError):
        sane(MaynuoM97(words).read())


@given(st.one_of(st.text(max_size=20), st.floats().map(str), st.floats().map(lambda x: f"{x}V")))
@EXAMPLES
def test_a_line_with_any_text_gives_a_sane_reading_or_an_error(text: str) -> None:
    link: Any = Answers(text)
    for load in (KoradKEL103(link, KoradOptions(pause_s=0.0)), TTiLD400P(link), SiglentSDL1000X(link)):
        with contextlib.suppress(DriverError):
            sane(load.read())
        with contextlib.suppress(DriverError):
            load.identify()


class _Ratings:
    from drivers.capabilities import Span

    voltage_V, current_A, power_W = Span(0.0, 150.0), Span(0.0, 30.0), Span(0.0, 300.0)
