"""Simulated EA-PSB 10000 on the wire: by instro's open driver, by lines, and by Modbus."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from instro.lib.transports.visa import TerminatorConfig, VisaConfig
from instro.psu.drivers.ea_psb10000 import EAPSB10000Visa
from pymodbus.client import ModbusTcpClient

from simulators.modbus import answer, take_rtu, take_tcp

EA = {"kind": "ea-psb10000", "options": {"voltage_noise_V": 0, "current_noise_A": 0}}


def test_instro_driver_sources_and_sinks(start: Any) -> None:
    bench = start([EA])
    host, port = bench.address("ea-psb10000")
    unit = EAPSB10000Visa(
        VisaConfig(
            f"TCPIP0::{host}::{port}::SOCKET", visa_backend="@py", terminator=TerminatorConfig("\n", "\n")
        )
    )
    source, sink = unit.source, unit.sink
    source.open()
    sink.open()
    source.set_overvoltage_protection_level(5.0, 1)
    assert source.get_overvoltage_protection_level(1) == 5.0
    source.set_overcurrent_protection_level(20.0, 1)
    source.set_voltage(4.2, 1)
    source.set_current_limit(10.0, 1)
    source.output_enable(True, 1)
    assert source.get_output_status(1)
    bench.advance(1.0)
    assert source.get_current(1) == pytest.approx(10.0, abs=0.02)
    assert source.get_voltage(1) == pytest.approx(3.61, abs=0.02)
    source.set_current_limit(0.0, 1)
    sink.set_level(sink_mode(), 3.0, 1, 12.0)
    bench.advance(1.0)
    assert sink.get_current(1) == pytest.approx(12.0, abs=0.02)
    assert source.get_current(1) == pytest.approx(-12.0, abs=0.02)
    with pytest.raises(RuntimeError, match="-222"):
        source.set_voltage(1000.0, 1)
    source.output_enable(False, 1)
    assert bench.truth()["output_on"] == [False]
    sink.close()
    source.close()


def sink_mode() -> Any:
    from instro.eload.types import LoadMode

    return LoadMode.CV


def test_nothing_is_set_without_the_lock_and_protections_trip(start: Any) -> None:
    bench = start([EA])
    line = bench.client("ea-psb10000")
    assert line.ask("SYSTem:LOCK:OWNer?") == "NONE"
    line.write("VOLT 4.2")
    assert line.ask("syst:err:next?").startswith("-221")
    line.write("SYST:LOCK 1;:SOUR:VOLT:LEV:IMM:AMPL 4200 mV;:CURR 5A;:sink:curr MAX\r")
    assert line.ask("VOLT?;CURR?;SINK:CURR?") == "4.20V;5.00A;122.40A"
    assert line.ask("VOLT? MAX") == "81.60V"
    assert line.ask("SYST:ERR?") == '0,"No error"'
    line.write("CURR:PROT 4", "OUTP ON")
    bench.advance(0.5)
    assert line.ask("OUTP?") == "OFF"
    assert line.ask("STAT:QUES:COND?") == "2"
    line.write("FOO:BAR?")
    assert line.silent_for(0.05)
    assert line.ask("*ESR?;*ESR?") == "176;0"


class ModbusClient:
    """Telegrams by hand."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def ask(self, function: int, *words: int, unit: int = 0) -> bytes:
        pdu = struct.pack(f">B{len(words)}H", function, *words)
        self.client.socket.sendall(struct.pack(">HHHB", 7, 0, len(pdu) + 1, unit) + pdu)
        head = self.client.socket.recv(7)
        number, _, length, _ = struct.unpack(">HHHB", head)
        assert number == 7
        return bytes(self.client.socket.recv(length - 1))


def test_modbus_registers_are_parts_of_the_rating(start: Any) -> None:
    bench = start([{"kind": "ea-psb10000", "options": {**EA["options"], "modbus": True}}])
    wire = ModbusClient(bench._client(bench.address("ea-psb10000")))
    assert wire.ask(6, 500, 0x1000) == bytes([0x86, 4]), "not remote"
    assert wire.ask(5, 402, 0xFF00) == struct.pack(">BHH", 5, 402, 0xFF00)
    assert wire.ask(6, 500, 53478) == bytes([0x86, 3]), "more than 102 %"
    assert wire.ask(6, 500, round(0xCCCC * 4.2 / 80))[0] == 6
    assert wire.ask(6, 501, round(0xCCCC * 12 / 120))[0] == 6
    assert wire.ask(5, 405, 0xFF00)[0] == 5
    bench.time.advance(1.0)
    volt, ampere, _ = struct.unpack(">3H", wire.ask(3, 507, 3)[2:])
    assert volt / 0xCCCC * 80 == pytest.approx(3.612, abs=0.02)
    assert ampere / 0xCCCC * 120 == pytest.approx(12.0, abs=0.02)
    assert wire.ask(3, 1, 1) == bytes([0x83, 2])
    assert wire.ask(43, 1, 1) == bytes([0xAB, 1])
    assert wire.ask(5, 405, 0)[0] == 5
    assert not bench.control("truth", channel="1")["output_on"][0]


def test_pymodbus_reads_and_sets_the_same(start: Any) -> None:
    """Our telegrams are our own: pymodbus is the other side."""
    bench = start([{"kind": "ea-psb10000", "options": {**EA["options"], "modbus": True}}])
    host, port = bench.address("ea-psb10000")
    client = ModbusTcpClient(host, port=port, timeout=10)
    assert client.connect()
    assert not client.write_coil(402, True, device_id=0).isError()
    assert not client.write_register(501, 0x1000, device_id=0).isError()
    assert not client.write_registers(500, [0x2000, 0x1001], device_id=0).isError()
    assert client.read_holding_registers(500, count=2, device_id=0).registers == [0x2000, 0x1001]
    assert client.read_coils(402, count=1, device_id=0).bits[0] is True
    refused = client.read_holding_registers(1, count=1, device_id=0)
    assert refused.isError()
    assert refused.exception_code == 2
    client.close()


class Silent:
    faults = None

    def before_line(self) -> None: ...

    def read_bits(self, function: int, first: int, count: int) -> list[bool]:  # noqa: ARG002
        return [True] * count

    def read_registers(self, function: int, first: int, count: int) -> list[int]:  # noqa: ARG002
        return [0xFFFF] * count

    def write_bit(self, address: int, value: int) -> None: ...

    def write_registers(self, first: int, values: list[int]) -> None: ...


@given(st.binary(max_size=300))
@settings(max_examples=60, deadline=None)
def test_no_telegram_brings_the_parsers_down(data: bytes) -> None:
    for take in (take_tcp, take_rtu):
        try:
            frame, rest = take(data)
        except ValueError:
            continue
        assert (frame or b"") + rest == data
    reply = answer(Silent(), data)  # type: ignore[arg-type]
    assert reply[:1] in ({data[:1], bytes([data[0] | 0x80])} if data else {b""})
