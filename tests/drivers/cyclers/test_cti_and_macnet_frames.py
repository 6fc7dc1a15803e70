"""Frames of the Arbin and Maccor drivers: wrong answers, junk, and what they send."""

from __future__ import annotations

import socket
import struct
import threading
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.arbin_frames import INFO, channel_info, frame_size, request
from drivers.catalogue import open_instrument
from drivers.errors import DriverError, InstrumentError, NoReading, TransportError
from drivers.maccor_frames import direct_output, message, status
from drivers.maccor_frames import frame_size as maccor_size

RATING = {"voltage_max_V": 5.0, "current_max_A": 50.0}


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (None, TransportError),
        (b"not json\r\n", TransportError),
        (b'{"jsonrpc":"2.0","id":1,"result":{}}\r\n', TransportError),
        (b'{"jsonrpc":"2.0","id":1987,"error":{"message":"Invalid FNum"}}\r\n', InstrumentError),
        (b'{"id":1987,"result":{"FClass":4,"FNum":7,"Chan":6}}\r\n', TransportError),
        (
            b'{"id":1987,"result":{"FClass":4,"FNum":7,"Chan":2,"RF1":0,"Voltage":NaN,"Current":0}}\r\n',
            NoReading,
        ),
        (
            b'{"id":1987,"result":{"FClass":4,"FNum":7,"Chan":2,"RF1":0,"Voltage":true,"Current":0}}\r\n',
            NoReading,
        ),
        (b"[" * 9000 + b"\r\n", TransportError),
    ],
)
def test_no_number_from_a_wrong_maccor_answer(reply: bytes | None, error: type[DriverError]) -> None:
    good = b'{"id":1987,"result":{"FClass":4,"FNum":7,"Chan":2,"RF1":1,"Voltage":3.7,"Current":2}}\r\n'
    replies = [reply, good]

    def serve(listener: socket.socket) -> None:
        while replies:
            link, _ = listener.accept()
            with link:
                while replies and link.recv(4096):
                    answer = replies.pop(0)
                    if answer is not None:
                        link.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        where = f"tcp://127.0.0.1:{listener.getsockname()[1]}"
        made: Any = open_instrument("maccor-macnet", where, {**RATING, "channel": 3, "timeout_s": 0.5})
        with pytest.raises(error):
            made.read()
        assert made.read().current_A == 2.0
        made.close()
        thread.join(30)


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=64), st.integers(0, 63))
def test_arbin_frames_from_junk(junk: bytes, at: int) -> None:
    whole = request(INFO, bytes(40))
    # A feedback's length counts all of it; as a request's does not, the checksum finds no end.
    for data in (junk, whole[: at + 8] + junk, junk + whole):
        try:
            size = frame_size(data)
            if size:
                channel_info(data[:size], "here")
        except DriverError:
            continue
        assert size == 0


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=80))
def test_maccor_frames_from_junk(junk: bytes) -> None:
    size = maccor_size(junk)
    assert 0 <= size <= len(junk)
    try:
        status(junk, 3)
    except TransportError:
        return
    assert junk[:6] == struct.pack("<HHH", 4, 7, 3)


def test_the_binary_requests() -> None:
    assert direct_output(3, 1.0, 4.2, 0.0, 0.0, 4, "R")[:8] == struct.pack("<HHHH", 6, 8, 3, 18)
    with pytest.raises(ValueError, match="mode"):
        direct_output(3, 1.0, 4.2, 0.0, 0.0, 4, "X")
    assert message((4, 7), 3, length=1) == struct.pack("<HHHH", 4, 7, 3, 1)
