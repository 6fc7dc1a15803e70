"""Every parser of frames and lines, fed with garbage and with nearly right bytes by hypothesis."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from drivers.arbin_frames import TOKEN
from drivers.itech_it8500 import frame
from drivers.modbus_rtu import sealed
from tests.drivers.parsers import PARSERS

SEEDS = (
    b"12.5", b"+1.5E-3 VDC", b"9.9E+37", b"nan", b"#210(@103,108)", b"(@0:99999999999)", b"INP 1", b"A 1.0A",
    b" 0.2501E-3, 3.70012E+0", b">+05.123+04.153+00.000+01.000+02.000+03.000+04.000+05.000",
    b"\x01\x03\x30" + bytes(20), TOKEN + b"\x40\x00\x00\x00" + bytes(70), frame(0, 0x5F, bytes(22)),
    sealed(b"\x01\x03\x08" + bytes(8)), b"<bts><cmd>connect_resp</cmd></bts>\n\n#\r\n", b"]C0ABC\r",
    b"\x02030,0,0,0000,000,0,0,0,000,0,0,0\x03\r\n", b"\x02@@@@\x03\r\n", b"<root><config/></root>",
    b"CURR 1;:INP ON;*IDN?\n", b"55277777,RV", b"8" * 25 + b".",
    b"\x00\x01\x00\x00\x00\x06\x01\x03\x00\x00\x00\x01",
)  # fmt: skip


@st.composite
def wire(draw: st.DrawFn) -> bytes:
    """Garbage, or a right message cut, doubled, and with bytes changed."""
    if draw(st.booleans()):
        return draw(st.binary(max_size=80))
    data = bytearray(draw(st.sampled_from(SEEDS)) * draw(st.integers(1, 2)))
    for at in draw(st.lists(st.integers(0, len(data) - 1), max_size=3)):
        data[at] = draw(st.integers(0, 255))
    return bytes(data[: draw(st.integers(0, len(data)))]) if draw(st.booleans()) else bytes(data)


@pytest.mark.parametrize("name", PARSERS)
@given(wire())
@settings(
    max_examples=12,
    deadline=None,  # a busy computer is no hang
    phases=[
        Phase.generate
    ],  # no search for a smaller case, which takes minutes where a parser is a simulator
    suppress_health_check=[HealthCheck.too_slow],
)
@pytest.mark.timeout(20)
def test_garbage_is_an_error_or_nothing(name: str, data: bytes) -> None:
    PARSERS[name](data)


@pytest.mark.parametrize("name", PARSERS)
def test_right_messages_do_no_harm(name: str) -> None:
    for seed in SEEDS:
        PARSERS[name](seed)
