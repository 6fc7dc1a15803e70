"""Contactors, emergency stop and interlock through pymodbus' client."""

from __future__ import annotations

import socket
import struct
import time

import pytest
from pymodbus.client import ModbusTcpClient

COIL, ESTOP, INTERLOCK, FEEDBACK = 3, 0, 1, 4
RELAY = {
    "unit": 1,
    "coils": {"cut": COIL},
    "inputs": {"estop": ESTOP, "interlock": INTERLOCK, "fb": FEEDBACK},
}
WIRING = {"cutoff_coil": "cut", "feedback_input": "fb", "contactor_delay_s": 0.015}


@pytest.fixture
def bench(start, rigol_unit):
    bench = start([rigol_unit], relay=RELAY, wiring=WIRING)
    load = bench.client("rigol-dl3021")
    load.write("CURR:RANG 40", "CURR 10", "INP 1")
    return bench


@pytest.fixture
def relay(bench):
    host, port = bench.relay
    client = ModbusTcpClient(host, port=port, timeout=2, retries=0)
    assert client.connect()
    yield client
    client.close()


def _close(bench, relay) -> None:
    assert not relay.write_coil(COIL, True, device_id=1).isError()
    bench.advance(0.02)


def _inputs(relay) -> list[bool]:
    return relay.read_discrete_inputs(0, count=5, device_id=1).bits[:5]


def test_contact_follows_the_coil_after_its_delay(bench, relay) -> None:
    assert bench.truth()["current_A"] == 0.0
    relay.write_coil(COIL, True, device_id=1)
    bench.advance(0.010)
    assert bench.truth()["cutoff_closed"] is False
    bench.advance(0.010)
    truth = bench.truth()
    assert truth["cutoff_closed"] is True
    assert truth["current_A"] == pytest.approx(-10)
    assert truth["charge_Ah"] * 3600 == pytest.approx(-10 * 0.005)
    assert _inputs(relay) == [True, True, False, False, True]
    relay.write_coils(COIL, [False], device_id=1)
    bench.advance(1.0)
    truth = bench.truth()
    assert truth["current_A"] == 0.0
    assert truth["charge_Ah"] * 3600 == pytest.approx(-10 * 0.020)


@pytest.mark.parametrize(
    ("operation", "field", "address"), [("estop", "pressed", ESTOP), ("interlock", "open", INTERLOCK)]
)
def test_hard_wired_input_drops_the_contactor_until_the_coil_is_cycled(
    bench, relay, operation, field, address
) -> None:
    _close(bench, relay)
    assert bench.control(operation, **{field: True})["ok"]
    bench.advance(0.02)
    assert bench.truth()["current_A"] == 0.0
    assert _inputs(relay)[address] is False
    assert relay.read_coils(COIL, count=1, device_id=1).bits[0] is True
    assert bench.control(operation, **{field: False})["ok"]
    bench.advance(0.02)
    assert _inputs(relay)[address] is True
    assert bench.truth()["cutoff_closed"] is False
    relay.write_coil(COIL, False, device_id=1)
    _close(bench, relay)
    assert bench.truth()["current_A"] == pytest.approx(-10)


def test_coil_energised_during_emergency_stop_does_not_close(bench, relay) -> None:
    bench.fault("estop")
    _close(bench, relay)
    bench.fault("estop", False)
    bench.advance(0.02)
    assert bench.truth()["cutoff_closed"] is False


def test_welded_contactor_is_seen_by_its_feedback(bench, relay) -> None:
    _close(bench, relay)
    bench.fault("contactor_welded")
    relay.write_coil(COIL, False, device_id=1)
    bench.advance(0.02)
    assert bench.truth()["current_A"] == pytest.approx(-10)
    assert _inputs(relay)[FEEDBACK] is True


def test_addresses_and_functions_beyond_the_module_are_refused(relay) -> None:
    assert relay.read_coils(10, count=16, device_id=1).exception_code == 2
    assert relay.write_coil(200, True, device_id=1).exception_code == 2
    assert relay.read_holding_registers(0, count=1, device_id=1).exception_code == 1


def test_silent_link_answers_nothing_and_comes_back(bench) -> None:
    host, port = bench.relay
    bench.fault("link_silent", instrument="modbus-relay")
    client = ModbusTcpClient(host, port=port, timeout=0.2, retries=0)
    try:
        client.connect()
        with pytest.raises(Exception, match="No response"):
            client.read_coils(0, count=1, device_id=1)
        bench.control("clear_faults")
        client.close()
        assert client.connect()
        assert not client.read_coils(0, count=1, device_id=1).isError()
    finally:
        client.close()


def test_other_unit_is_not_answered(bench) -> None:
    host, port = bench.relay
    client = ModbusTcpClient(host, port=port, timeout=0.2, retries=0)
    try:
        client.connect()
        with pytest.raises(Exception, match="No response"):
            client.read_coils(0, count=1, device_id=9)
    finally:
        client.close()


# ---- timed coils, power and a board that hangs ----------------------------------------------

PACK_RELAY = {"coils": {"cut": 0, "pre": 1, "ins": 2}, "inputs": {"estop": 0}, "timed_coils": True}
PACK_WIRING = {
    "cutoff_coil": "cut",
    "precharge": {"coil": "pre", "resistance_ohm": 100.0},
    "insulation": {"test_coil": "ins"},
    "output_capacitance_F": 440e-6,
    "bleeder_ohm": 5000.0,
    "contactor_delay_s": 0.0,
}


class Board:
    """Function 5 and 1 by hand: the bytes of Modbus TCP."""

    def __init__(self, address) -> None:
        self.socket = socket.create_connection(address, timeout=2)

    def ask(self, *pdu: int) -> bytes:
        self.socket.sendall(struct.pack(">HHHB", 7, 0, len(pdu) + 1, 1) + bytes(pdu))
        head = self.socket.recv(7)
        return self.socket.recv(struct.unpack(">HHHB", head)[2] - 1)

    def coils(self) -> int:
        return self.ask(1, 0, 0, 0, 8)[2]


@pytest.fixture
def pack(start):
    return start([], battery={"cells": 96}, relay=PACK_RELAY, wiring=PACK_WIRING)


@pytest.fixture
def board(pack):
    board = Board(pack.relay)
    yield board
    board.socket.close()


def test_a_timed_coil_falls_off_unless_it_is_renewed(pack, board) -> None:
    flash_on = (5, 0x02, 0, 0, 7)
    assert board.ask(*flash_on) == bytes(flash_on)
    assert board.coils() == 1
    assert pack.truth()["cutoff_closed"] is True
    pack.advance(0.6)
    assert board.ask(*flash_on) == bytes(flash_on)
    pack.advance(0.6)
    assert pack.truth()["cutoff_closed"] is True
    pack.advance(0.11)
    assert board.coils() == 0
    assert pack.truth()["cutoff_closed"] is False


def test_the_timer_runs_in_real_time_whoever_looks(start) -> None:
    bench = start([], relay=PACK_RELAY, wiring=PACK_WIRING, speed=10.0, real_time=True)
    board = Board(bench.relay)
    began_s = time.monotonic()
    board.ask(5, 0x02, 0, 0, 2)
    while bench.truth()["cutoff_closed"]:
        assert time.monotonic() - began_s < 20.0
        time.sleep(0.005)
    assert time.monotonic() - began_s >= 0.2
    board.socket.close()


def test_flash_off_turns_back_on_and_a_plain_command_ends_the_time(pack, board) -> None:
    board.ask(5, 0, 0, 0xFF, 0)
    board.ask(5, 0x04, 0, 0, 3)
    assert pack.truth()["cutoff_closed"] is False
    pack.advance(0.31)
    assert board.coils() == 1
    assert pack.truth()["cutoff_closed"] is True
    board.ask(5, 0x02, 0, 0, 3)
    board.ask(5, 0, 0, 0xFF, 0)
    pack.advance(1.0)
    assert board.coils() == 1
    board.ask(5, 0, 0xFF, 0, 0)
    assert board.coils() == 0
    board.ask(5, 0, 1, 0x55, 0)
    assert board.coils() == 2


@pytest.mark.parametrize(
    ("request_", "code"),
    [((5, 0x02, 0, 0, 0), 3), ((5, 0x02, 0, 0x80, 0), 3), ((5, 0, 0, 0, 7), 3), ((5, 0x02, 99, 0, 7), 2)],
)
def test_what_the_board_refuses(board, request_, code) -> None:
    assert board.ask(*request_) == bytes((0x85, code))
    assert board.coils() == 0


def test_without_the_option_a_timed_command_is_an_unknown_address(start) -> None:
    bench = start([], relay={**PACK_RELAY, "timed_coils": False}, wiring=PACK_WIRING)
    board = Board(bench.relay)
    assert board.ask(5, 0x02, 0, 0, 7) == bytes((0x85, 2))
    board.socket.close()


def test_power_loss_opens_every_coil_and_the_board_says_nothing(pack, board) -> None:
    for coil in range(3):
        board.ask(5, 0, coil, 0xFF, 0)
    truth = pack.truth()
    assert truth["cutoff_closed"]
    assert truth["precharge_closed"]
    pack.fault("relay_power_lost", instrument="modbus-relay")
    truth = pack.truth()
    assert not truth["cutoff_closed"]
    assert not truth["precharge_closed"]
    board.socket.settimeout(0.1)
    with pytest.raises(TimeoutError):
        board.coils()
    pack.fault("relay_power_lost", False, instrument="modbus-relay")
    again = Board(pack.relay)
    assert again.coils() == 0
    again.socket.close()


def test_a_hung_board_answers_and_its_contacts_stay(pack, board) -> None:
    board.ask(5, 0x02, 0, 0, 5)
    pack.fault("relay_frozen", instrument="modbus-relay")
    assert board.ask(5, 0, 0, 0, 0) == bytes((5, 0, 0, 0, 0))
    assert board.coils() == 0
    pack.advance(10.0)
    assert pack.truth()["cutoff_closed"] is True
    pack.fault("relay_frozen", False, instrument="modbus-relay")
    assert pack.truth()["cutoff_closed"] is False


def test_the_emergency_stop_opens_the_precharge_too_even_on_a_hung_board(pack, board) -> None:
    board.ask(5, 0, 1, 0xFF, 0)
    pack.fault("relay_frozen", instrument="modbus-relay")
    pack.control("estop", pressed=True)
    assert pack.truth()["precharge_closed"] is False
