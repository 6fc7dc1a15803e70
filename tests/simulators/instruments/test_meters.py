"""Simulated meters on the wire: DAQ6510 by pymeasure, Hioki and DCON by the lines of their manuals."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # theirs, not ours
    keithley: Any = pytest.importorskip("pymeasure.instruments.keithley")

POINTS = {
    "101": {"point": "battery"},
    "103": {"point": "cell:1"},
    "104": {"kind": "thermocouple", "point": "ambient"},
}


def test_pymeasure_reads_the_daq6510(start: Any) -> None:
    bench = start(
        [
            {
                "kind": "keithley-daq6510",
                "options": {"channels": POINTS, "voltage_noise_ppm": 0, "reading_s": 1e-9},
            }
        ],
        real_time=True,
    )
    host, port = bench.address("keithley-daq6510")
    unit = keithley.KeithleyDAQ6510(
        f"TCPIP0::{host}::{port}::SOCKET", visa_library="@py", read_termination="\n", write_termination="\n"
    )
    assert unit.id.startswith("KEITHLEY INSTRUMENTS,MODEL DAQ6510")
    unit.measure_voltage(nplc=0.1, voltage=10, auto_range=False)
    assert unit.voltage_range == 10
    assert unit.voltage_nplc == 0.1
    unit.close_channel(101)
    assert unit.voltage == pytest.approx(3.6)
    unit.close_channel(103)
    assert unit.voltage > 9e36, "two closed at once"
    unit.open_channels([101, 103])
    unit.close_channel(103)
    unit.voltage_range = 1
    assert unit.voltage > 9e36, "overflow"
    unit.write(":NO:SUCH 1")
    assert unit.check_errors()[0][0] == -113
    unit.adapter.close()


def test_the_daq6510_keeps_functions_channel_by_channel(start: Any) -> None:
    """As a second open client sets it up: a list of channels behind each setting."""
    line = start([{"kind": "keithley-daq6510", "options": {"channels": POINTS}}], real_time=True).client(
        "keithley-daq6510"
    )
    line.write(':SENS:FUNC "VOLT:DC", (@101,103)', ':SENSe:FUNCtion "TEMP", (@104)', ':ROUT:LAB "a", (@101)')
    assert line.ask(":SENS:FUNC? (@104);FUNC? (@101);FUNC?") == "TEMP;VOLT:DC;VOLT:DC"
    line.write(":SENS:VOLT:DC:NPLC 0.1, (@101)", ":SENS:TEMP:AVER:COUN 3, (@104)", ':DISP:USER2:TEXT "run"')
    assert line.ask(":SENS:VOLT:NPLC? (@101);:TEMP:AVER:COUN? (@104);:ROUT:LAB? (@101)") == "1.000000E-01;3;a"
    line.write(":ROUT:CLOS (@104)")
    assert line.number("READ?") == pytest.approx(25.0, abs=0.5)
    line.write(":ROUT:OPEN:ALL", ":ROUT:CLOS (@101)")
    assert line.number("READ?") == pytest.approx(3.6, abs=0.001)
    assert line.ask(":ROUT:TERM?") == "REAR"
    assert line.ask("SYST:ERR?") == '0,"No error"'


def test_the_hioki_answers_as_its_manual_prints_it(start: Any) -> None:
    bench = start([{"kind": "hioki-bt3562", "options": {"resistance_noise": 0, "voltage_noise": 0}}])
    line = bench.client("hioki-bt3562")
    line.socket.sendall(b"*IDN?\r")
    assert line.read() == "HIOKI,BT3562,0,V1.00\r"
    assert line.ask(":FETC?") == "  1.0000E-3, 3.60000E+0\r"
    line.write(":RES:RANG 30e-3", ":VOLT:RANG 60")
    assert line.ask(":FETC?") == "   1.000E-3,  3.6000E+0\r"
    bench.fault("probe_open")
    assert line.ask(":FETC?") == "100.000E+8,10.0000E+9\r"
    assert line.ask(":ADJ?") == "1\r"
    bench.fault("probe_open", None)
    line.write(":FUNC V", ":VOLT:RANG 6")
    assert line.ask(":FETC?") == " 3.60000E+0\r"
    line.write(":READ?")
    assert line.silent_for(0.03), "refused while it measures by itself"
    assert line.ask("*ESR?") == "144\r"
    line.write("*IDN?;:FUNC RV")
    assert line.silent_for(0.03), "a query that another command follows"
    assert line.ask("*ESR?") == "4\r"
    line.write(":NO:SUCH;:FUNC R")
    assert line.ask(":FUNC?") == "V\r", "an error discards the rest"


def test_the_hioki_shows_over_range_as_a_number_that_is_none(start: Any) -> None:
    bench = start([{"kind": "hioki-bt3562"}], battery={"cells": 20, "resistance_ohm": 0.001})
    line = bench.client("hioki-bt3562")
    assert line.ask(":FETC?").endswith(",10.0000E+8\r"), "72 V on a meter for 60 V"
    line.write(":RES:RANG 3e-3", ":VOLT:RANG 6")
    assert line.ask(":FETC?") == "10.0000E+8,1.00000E+9\r"


@pytest.mark.parametrize("checksum", [False, True])
def test_dcon_lines(start: Any, checksum: bool) -> None:
    channels = {
        "0": {"kind": "thermocouple", "point": "ambient"},
        "7": {"kind": "thermocouple", "point": "temperature:1"},
    }
    options = {"channels": channels, "thermocouple_noise_K": 0, "checksum": checksum, "address": 26}
    bench = start([{"kind": "dcon-thermocouples", "options": options}])
    line = bench._client(bench.address("dcon-thermocouples"))

    def summed(text: str) -> str:
        return text + (f"{sum(text.encode()) % 256:02X}" if checksum else "")

    def ask(text: str) -> str:
        line.socket.sendall(summed(text).encode() + b"\r")
        reply = b""
        while not reply.endswith(b"\r"):
            reply += line.socket.recv(200)
        return reply.decode().removesuffix("\r")

    assert ask("$1AM") == summed("!1A7018")
    assert ask("$1A5") == summed("!1A1")
    assert ask("$1A5") == summed("!1A0")
    assert ask("#1A") == summed(">+025.00" + "+9999.9" * 6 + "+025.00")
    assert ask("#1A7") == summed(">+025.00")
    flags = 0x40 if checksum else 0
    assert ask(f"%1A1A0F06{flags | 2:02X}") == summed("!1A")
    assert ask("$1A2") == summed(f"!1A0F06{flags | 2:02X}")
    assert ask("#1A") == summed(">0255" + "7FFF" * 6 + "0255"), "25 of 1372 degrees, in 32767ths"
    assert ask(f"%1A1A0F06{flags | 1:02X}") == summed("!1A")
    assert ask("#1A7") == summed(">+001.82"), "per cent of full scale"
    assert ask(f"%1A1A0F06{flags:02X}") == summed("!1A")
    assert ask("#1A9") == summed("?1A")
    for silent in ("#1B", "nonsense", "$1AX"):
        line.socket.sendall(summed(silent).encode() + b"\r")
    if checksum:
        line.socket.sendall(b"#1A00\r")
    assert line.silent_for(0.03)
