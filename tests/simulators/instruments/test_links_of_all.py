"""The link faults of the relay module and the BMS, on plain sockets: what a client's bytes meet."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterator

import pytest

COIL, FEEDBACK = 3, 4
RELAY = {"unit": 1, "coils": {"cut": COIL}, "inputs": {"estop": 0, "interlock": 1, "fb": FEEDBACK}}
WIRING = {"cutoff_coil": "cut", "feedback_input": "fb", "contactor_delay_s": 0.015}
READ_INPUTS, READ_COILS, WRITE_COIL = 2, 1, 5


class Modbus:
    """Telegrams by hand: header, unit, function, address, value."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.link = socket.create_connection(address, timeout=2)
        self._number = 0

    def ask(self, function: int, address: int, value: int) -> bytes:
        self._number += 1
        self.link.sendall(struct.pack(">HHHBBHH", self._number, 0, 6, 1, function, address, value))
        return self.link.recv(256)

    def silent(self, function: int = READ_COILS) -> bool:
        self.link.settimeout(0.1)
        try:
            return not self.ask(function, 0, 1)
        except TimeoutError:
            return True
        finally:
            self.link.settimeout(2)


@pytest.fixture
def bench(start, rigol_unit):
    return start([rigol_unit], relay=RELAY, wiring=WIRING)


@pytest.fixture
def board(bench) -> Iterator[Modbus]:
    board = Modbus(bench.relay)
    yield board
    board.link.close()


def _fault(bench, name: str, value=True) -> None:
    bench.fault(name, value, instrument="modbus-relay")


def test_a_healthy_board_answers_with_the_length_that_follows(board) -> None:
    answer = board.ask(READ_INPUTS, 0, 5)
    assert struct.unpack(">H", answer[4:6])[0] == len(answer) - 6
    assert answer[7:] == bytes((READ_INPUTS, 1, 0b00011))


def test_length_field_wrong_by_two(bench, board) -> None:
    _fault(bench, "length_wrong")
    answer = board.ask(READ_INPUTS, 0, 5)
    assert struct.unpack(">H", answer[4:6])[0] == len(answer) - 6 + 2


def test_a_board_that_counts_from_one_moves_the_neighbour(bench, board) -> None:
    _fault(bench, "address_shift")
    assert board.ask(WRITE_COIL, COIL, 0xFF00)[7] == WRITE_COIL
    bench.advance(0.1)
    assert bench.truth()["cutoff_closed"] is False
    board.ask(WRITE_COIL, COIL + 1, 0xFF00)
    bench.advance(0.1)
    assert bench.truth()["cutoff_closed"] is True
    assert board.ask(WRITE_COIL, 0, 0xFF00)[7:] == bytes((WRITE_COIL | 0x80, 2))


def test_board_slow_silent_and_reset(bench, board) -> None:
    _fault(bench, "link_slow", 0.08)
    began = time.monotonic()
    board.ask(READ_COILS, 0, 1)
    assert time.monotonic() - began >= 0.08
    bench.control("clear_faults")
    _fault(bench, "link_silent")
    assert board.silent()
    bench.control("clear_faults")
    assert not board.silent()
    _fault(bench, "link_reset")
    with pytest.raises(ConnectionResetError):
        board.ask(READ_COILS, 0, 1)


def test_board_byte_by_byte_garbage_and_stale(bench, board) -> None:
    _fault(bench, "split_reply")
    first = board.ask(READ_COILS, 0, 1)
    while len(first) < 10:
        first += board.link.recv(1)
    assert first[7:] == bytes((READ_COILS, 1, 0))
    bench.control("clear_faults")
    last = board.ask(READ_INPUTS, 0, 5)
    _fault(bench, "stale_frame")
    assert board.ask(READ_COILS, 0, 1)[: len(last)] == last
    _fault(bench, "garbage")
    assert board.ask(READ_COILS, 0, 1)[:8] != bytes((0, 5, 0, 0, 0, 4, 1, 1))


def test_a_new_connection_begins_with_an_old_reply(bench, board) -> None:
    last = board.ask(READ_INPUTS, 0, 5)
    _fault(bench, "stale_after_reconnect")
    again = Modbus(bench.relay)
    assert again.link.recv(256) == last
    again.link.close()


# ------------------------------------------------------------------ the BMS' gateway


class Gateway:
    """A raw socketcand client."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.link = socket.create_connection(address, timeout=2)

    def say(self, text: bytes) -> None:
        self.link.sendall(text)

    def read(self, seconds: float) -> bytes:
        data, end = b"", time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.link.settimeout(left)
            try:
                piece = self.link.recv(65536)
            except TimeoutError:
                break
            if not piece:
                break
            data += piece
        return data

    def listen(self) -> None:
        assert self.link.recv(64) == b"< hi >"
        self.say(b"< open can0 >")
        assert self.link.recv(64) == b"< ok >"
        self.say(b"< rawmode >")
        assert self.link.recv(64) == b"< ok >"


@pytest.fixture
def pack(start):
    return start([{"kind": "leaf-bms"}], real_time=True)


@pytest.fixture
def gateway(pack) -> Iterator[Gateway]:
    gateway = Gateway(pack.address("leaf-bms"))
    gateway.listen()
    yield gateway
    gateway.link.close()


def test_frames_stop_and_go_on(pack, gateway) -> None:
    assert b"< frame 1DB" in gateway.read(0.3)
    pack.fault("link_silent", instrument="leaf-bms")
    gateway.read(0.1)
    assert gateway.read(0.2) == b""
    pack.control("clear_faults")
    assert b"< frame 1DB" in gateway.read(0.3)


def test_late_frames_are_whole_and_in_order(pack, gateway) -> None:
    gateway.read(0.2)
    pack.fault("link_slow", 0.3, instrument="leaf-bms")
    gateway.read(0.1)
    assert gateway.read(0.1) == b""
    late = gateway.read(0.6)
    stamps = [float(line.split()[3]) for line in late.split(b">")[1:-1]]
    assert len(stamps) > 10
    assert stamps == sorted(stamps)
    assert time.time() - stamps[-1] > 0.25


def test_gateway_garbage_and_reset(pack, gateway) -> None:
    gateway.read(0.2)
    pack.fault("garbage", instrument="leaf-bms")
    gateway.read(0.1)
    junk = gateway.read(0.2)
    assert junk
    assert b"frame" not in junk
    pack.fault("link_reset", instrument="leaf-bms")
    with pytest.raises(ConnectionResetError):
        gateway.link.recv(65536) or gateway.link.recv(65536) or gateway.link.recv(65536)
    pack.control("clear_faults")


# ------------------------------------------------------------------ lines


def test_echo_sends_back_commands_too(start, delta_unit) -> None:
    bench = start([delta_unit])
    unit = bench.client("delta-sm15k")
    bench.fault("echo")
    unit.write("OUTP 0", "OUTP?")
    assert [unit.read(), unit.read(), unit.read()] == ["OUTP 0", "OUTP?", "0"]


def test_each_reply_ends_its_connection(start, delta_unit) -> None:
    bench = start([delta_unit])
    bench.fault("hang_up_after_reply")
    for _ in range(3):  # one client for each message gets along with that
        unit = bench.client("delta-sm15k")
        assert unit.ask("OUTP?") == "0"
        assert unit.socket.recv(1) == b""
        unit.close()
    bench._clients.clear()
