"""Timed coils of a relay board, byte by byte, against a board written down here from the published frames."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator

import pytest

from drivers.catalogue import open_instrument
from drivers.contracts.relay import CoilContradiction, RelayBoard
from drivers.errors import InstrumentError, OutOfRange, Unsupported


class Board:
    """Modbus TCP by hand: repeats function 5, answers function 1 with ``coil_bits``."""

    def __init__(self) -> None:
        self.requests: list[bytes] = []
        self.coil_bits = 0
        self.reply: bytes | None = None
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        try:
            link, _ = self._listener.accept()
        except OSError:
            return
        with link, link.makefile("rb") as stream:
            while len(head := stream.read(7)) == 7:
                number, _, length, unit = struct.unpack(">HHHB", head)
                pdu = stream.read(length - 1)
                self.requests.append(pdu)
                answer = self.reply or (pdu if pdu[0] == 5 else bytes((1, 1, self.coil_bits)))
                link.sendall(struct.pack(">HHHB", number, 0, len(answer) + 1, unit) + answer)

    def close(self) -> None:
        self._listener.close()
        self._thread.join(30)


@pytest.fixture
def board() -> Iterator[Board]:
    server = Board()
    yield server
    server.close()


def relay(board: Board, **options: object) -> RelayBoard:
    device = open_instrument("modbus-relay", f"modbus-tcp://127.0.0.1:{board.port}?unit=1", options)
    assert isinstance(device, RelayBoard)
    return device


def test_a_coil_is_closed_for_a_time(board: Board) -> None:
    device = relay(board, timed_coils=True)
    assert device.hold_timer is not None
    assert (device.hold_timer.low, device.hold_timer.high) == (0.1, pytest.approx(3276.7))
    device.hold_coil(3, 1.0)
    device.hold_coil(3, 0.7)
    assert board.requests == [bytes.fromhex("05 0203 000A"), bytes.fromhex("05 0203 0007")]
    device.close()


def test_plain_commands_stay_as_they_are(board: Board) -> None:
    device = relay(board, timed_coils=True, map="adam-6050", verify=False)
    device.set_coil(2, True)
    device.set_coil(2, False)
    device.hold_coil(2, 0.5)
    assert board.requests == [
        bytes.fromhex(f"05 {frame}") for frame in ("0012 FF00", "0012 0000", "0212 0005")
    ]
    device.close()


def test_a_plain_board_has_no_timer(board: Board) -> None:
    device = relay(board)
    assert device.hold_timer is None
    with pytest.raises(Unsupported):
        device.hold_coil(0, 1.0)
    assert not board.requests
    device.close()


@pytest.mark.parametrize("hold_s", [0.0, 0.04, 3300.0, float("nan")])
def test_times_that_the_board_cannot_count(board: Board, hold_s: float) -> None:
    device = relay(board, timed_coils=True)
    with pytest.raises(OutOfRange):
        device.hold_coil(0, hold_s)
    assert not board.requests
    device.close()


def test_another_echo_is_told(board: Board) -> None:
    device = relay(board, timed_coils=True)
    board.reply = bytes.fromhex("05 0200 0009")
    with pytest.raises(CoilContradiction):
        device.hold_coil(0, 1.0)
    device.close()


def test_a_board_without_timed_coils_refuses(board: Board) -> None:
    device = relay(board, timed_coils=True)
    board.reply = bytes.fromhex("85 02")
    with pytest.raises(InstrumentError, match="illegal address"):
        device.hold_coil(0, 1.0)
    device.close()
