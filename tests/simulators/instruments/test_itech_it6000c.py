"""Simulated IT6000C on the wire: the quirks of its priorities, protections, watchdog, whole headers."""

from __future__ import annotations

from typing import Any

import pytest

ITECH = {
    "kind": "itech-it6000c",
    "options": {"voltage_noise_V": 0, "current_noise_A": 0, "watchdog_clock": "simulated"},
}


def test_priorities_limits_and_what_their_queries_answer(start: Any) -> None:
    line = start([ITECH]).client("itech-it6000c")
    assert line.ask("*IDN?").startswith("ITECH Electronics,IT6006C-80-120,")
    assert line.ask("SOUR:FUNC?") == "VOLTage"
    line.write("VOLT 4.2", "CURR:LIM 30", "VOLT:LIM 5")
    assert line.ask("SYST:ERR?").startswith("-221"), "VOLT:LIM belongs to current priority"
    assert line.ask("CURR?") == "30.000", "the positive limit"
    line.write("FUNCtion CURRent")
    assert line.ask("VOLT:LIM:HIGH?") == "4.200", "the active setting became the limit"
    assert line.ask("VOLT?") == "4.200"
    line.write("CURR:LIM 1")
    assert line.ask("SYST:ERR?").startswith("-221")
    line.write("CURR -2.50049;:POW:LIM:NEG -1 kW;:VOLT:LIM:LOW 2500mV")
    assert line.ask("CURR?;POW:LIM:NEG?;VOLT:LIM:LOW?") == "-2.500;-1000;2.500"
    assert line.ask("CURR? MIN;CURR? MAX;CURR? DEF") == "-121.200;121.200;0.000"
    line.write("FUNC:MODE LIST")
    assert line.ask("SYST:ERR?").startswith("-221"), "its syntax is not verified: not played"
    line.write("CURR 1V")
    assert line.ask("SYST:ERR?").startswith("-131")
    assert line.ask("SYST:ERR?") == '0,"No error"'


def test_it_charges_discharges_and_protects(start: Any) -> None:
    bench = start([ITECH])
    line = bench.client("itech-it6000c")
    line.write("SENS 1", "FUNC CURR", "VOLT:LIM:HIGH 4.2", "CURR 20", "OUTP 1")
    bench.advance(1.0)
    assert line.number("MEAS:CURR?") == pytest.approx(20.0, abs=0.002)
    assert line.number("MEAS:VOLT?") == pytest.approx(3.62, abs=0.003)
    assert line.ask("STAT:OPER:COND?") == "128"
    line.write("CURR -20")
    bench.advance(2.0)
    assert line.number("FETC:CURR?") == pytest.approx(-20.0, abs=0.002)
    assert line.ask("STAT:OPER:COND?") == "2048"
    assert line.number("MEAS:AHO?") == pytest.approx(-20 / 3600, abs=1e-4)
    line.write("CURR:PROT:LEV 10", "CURR:PROT:DEL 0.01", "CURR:PROT:STAT ON")
    bench.advance(0.5)
    assert line.ask("OUTP?") == "0"
    assert line.ask("STAT:QUES:COND?") == str(8192 | 4)
    line.write("OUTP 1")
    assert line.ask("SYST:ERR?").startswith("-221"), "latched"
    line.write("OUTP:PROT:CLE", "CURR 0", "OUTP 1")
    assert line.ask("OUTP?") == "1"


def test_the_watchdog_turns_the_output_off(start: Any) -> None:
    bench = start([ITECH])
    line = bench.client("itech-it6000c")
    assert line.ask("OUTP:PROT:WDOG:STAT?;DEL?") == "0;30.000"
    line.write(
        "FUNC CURR", "VOLT:LIM 4.2", "CURR 5", "OUTP ON", "OUTP:PROT:WDOG:DEL 2", "OUTP:PROT:WDOG:STAT ON"
    )
    bench.advance(1.5)
    assert line.ask("OUTP?") == "1"
    bench.advance(1.5)
    assert line.ask("OUTP?") == "1", "each command reloads it"
    bench.advance(2.5)
    assert bench.control("truth", channel="1")["output_on"] == [False]
    assert line.ask("STAT:QUES:COND?") == "8192"


def test_a_delay_of_the_output_counts_in_both_directions(start: Any) -> None:
    bench = start([ITECH])
    line = bench.client("itech-it6000c")
    line.write(
        "SENS 1", "FUNC CURR", "VOLT:LIM:HIGH 4.2", "CURR 20", "OUTP:DEL:RISE 2", "OUTP:DEL:FALL 500 ms"
    )
    assert line.ask("OUTP:DEL:RISE?;FALL?;FALL? MAX") == "2.000;0.500;10.000"
    line.write("OUTP ON")
    bench.advance(1.9)
    assert line.ask("OUTP?") == "0"
    bench.advance(0.2)
    assert line.ask("OUTP?") == "1"
    assert bench.truth()["current_A"] == pytest.approx(20.0)
    line.write("OUTP OFF")
    bench.advance(0.4)
    assert bench.truth()["current_A"] == pytest.approx(20.0), "it has not gone off yet"
    bench.advance(0.2)
    assert line.ask("OUTP?") == "0"
    assert bench.truth()["current_A"] == 0.0
    line.write("OUTP ON", "OUTP OFF")
    bench.advance(3.0)
    assert line.ask("OUTP?") == "0", "the later command counts"


def test_the_under_protections_wait_for_their_warm_up(start: Any) -> None:
    bench = start([ITECH])
    line = bench.client("itech-it6000c")
    assert line.ask("CURR:UND:PROT:LEV?;DEL?") == "-121.200;60.000"
    line.write("SENS 1", "FUNC CURR", "VOLT:LIM:HIGH 4.2", "CURR -20")
    line.write("VOLT:UND:PROT 3.7", "VOLT:UND:PROT:DEL 0.1", "VOLT:UND:PROT:WARM 5", "VOLT:UND:PROT:STAT ON")
    line.write("OUTP 1")
    bench.advance(4.9)
    assert line.ask("OUTP?") == "1"
    bench.advance(0.5)
    assert line.ask("OUTP?;:STAT:QUES:COND?") == f"0;{8192 | 32}"
    line.write("VOLT:UND:PROT:STAT OFF", "OUTP:PROT:CLE")
    line.write("CURR:UND:PROT -10", "CURR:UND:PROT:DEL 0.1", "CURR:UND:PROT:STAT ON", "OUTP 1")
    bench.advance(0.5)
    assert line.ask("OUTP?;:STAT:QUES:COND?") == f"0;{8192 | 128}"


def test_the_battery_test_runs_to_one_of_its_ends(start: Any) -> None:
    bench = start([ITECH])
    line = bench.client("itech-it6000c")
    line.write("SENS 1", "FUNC:MODE BATTery", "BATT:MODE DISC", "BATT:DISC:VOLT 3", "BATT:DISC:CURR 36")
    assert line.ask("FUNC:MODE?;:BATT:MODE?;DISC:CURR?;CURR? MAX") == "BATT;DISC;36.000;121.200"
    line.write("BATT:SHUT:CAP 0.1", "OUTP 1")
    bench.advance(9.5)
    assert line.number("MEAS:CURR?") == pytest.approx(-36.0, abs=0.01)
    bench.advance(1.0)
    assert line.ask("OUTP?") == "0"
    assert bench.truth()["charge_Ah"] == pytest.approx(-0.1, abs=0.001)
    line.write(
        "BATT:MODE CHAR", "BATT:CHAR:VOLT 4.2", "BATT:CHAR:CURR 36", "BATT:SHUT:CAP 0", "BATT:SHUT:TIME 5"
    )
    line.write("OUTP 1")
    bench.advance(4.5)
    assert line.ask("OUTP?") == "1"
    bench.advance(1.0)
    assert line.ask("OUTP?") == "0"
    assert bench.truth()["charge_Ah"] == pytest.approx(-0.05, abs=0.001)
    line.write("FUNC:MODE FIX")
    assert line.ask("FUNC:MODE?") == "FIX"
