"""Contactors, emergency stop and interlock through pymodbus' client."""

from __future__ import annotations

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
