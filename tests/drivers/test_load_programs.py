"""What single loads can do beyond a commanded current: lists, a load-on timer, a buffer of points."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from drivers.contracts.load import ListStep
from drivers.errors import InstrumentError, NoReading, OutOfRange
from drivers.kunkin_kp184 import sealed
from tests.drivers.loads_rig import LOADS, PROTECTION, Kind, Loads, running_loads

LISTS = ("itech-it8500", "siglent-sdl1000x")
KINDS = {kind.driver: kind for kind in LOADS if kind.driver in (*LISTS, "maynuo-m97", "kunkin-kp184")}


@pytest.fixture(scope="module")
def loads() -> Iterator[Loads]:
    with running_loads(tuple(KINDS.values())) as bench:
        yield bench


@pytest.fixture
def itech(loads: Loads) -> Iterator[Any]:
    yield from _prepared(loads, KINDS["itech-it8500"])


@pytest.fixture
def siglent(loads: Loads) -> Iterator[Any]:
    yield from _prepared(loads, KINDS["siglent-sdl1000x"])


def _prepared(loads: Loads, kind: Kind) -> Iterator[Any]:
    with contextlib.closing(loads.open(kind)) as load:
        load.prepare(PROTECTION)
        yield load
        load.make_safe()


def sunk(loads: Loads, driver: str) -> float:
    return round(-float(loads.truth(KINDS[driver])["current_A"]), 3) + 0.0


STEPS = [ListStep(10.0, 0.5, 0.1), ListStep(4.0, 1.0, 0.1)]


@pytest.mark.parametrize("driver", LISTS)
def test_a_list_is_played_by_the_load_itself(loads: Loads, driver: str) -> None:
    for load in _prepared(loads, KINDS[driver]):
        load.load_list(STEPS)
        load.start_list()
        assert sunk(loads, driver) == 10.0
        loads.time.advance(0.6)
        assert sunk(loads, driver) == 4.0
        loads.time.advance(1.0)
        assert sunk(loads, driver) == 0.0
        load.stop_list()
        assert not load.input_is_on()
        load.input_on()
        assert load.read().current_A == 0.0


def test_after_a_list_the_timer_turns_the_input_off(loads: Loads, itech: Any) -> None:
    itech.load_list(STEPS)
    itech.start_list()
    loads.time.advance(1.7)
    assert itech.input_is_on()
    loads.time.advance(2.0)
    assert not itech.input_is_on()


@pytest.mark.parametrize("width_s", [0.0, 6.6])
def test_a_step_that_the_frame_cannot_say_is_refused(itech: Any, width_s: float) -> None:
    with pytest.raises(OutOfRange):
        itech.load_list([ListStep(1.0, width_s, 0.1)])


def test_the_load_on_timer_ends_the_current_when_the_host_is_gone(loads: Loads, itech: Any) -> None:
    for wrong_s in (0.5, 1e6):
        with pytest.raises(OutOfRange):
            itech.set_load_on_timer(wrong_s)
    itech.set_load_on_timer(9.2)
    itech.input_on()
    itech.set_current(5.0)
    loads.time.advance(9.5)
    assert sunk(loads, "itech-it8500") == 5.0
    loads.time.advance(0.6)
    assert sunk(loads, "itech-it8500") == 0.0
    assert not itech.input_is_on()
    itech.prepare(PROTECTION)  # disarms it
    itech.input_on()
    loads.time.advance(60.0)
    assert itech.input_is_on()


def test_the_it8500_names_what_holds_its_input_off(
    loads: Loads, itech: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    itech.input_on()
    itech.set_current(10.0)
    assert itech.trips() == ()
    itech._set(0x26, 20_000, 4)  # 20 W, and 36 W flow
    loads.time.advance(0.1)
    assert not itech.input_is_on()
    assert itech.trips() == ("over-power",)
    itech.set_current(0.0)
    with monkeypatch.context() as patch:
        patch.setattr(itech, "_switch", lambda _on: None)  # it took the command, and stays off
        with pytest.raises(InstrumentError, match="stays off: over-power"):
            itech.input_on()
    loads.fault(KINDS["itech-it8500"], "sense_open")
    assert "sense leads missing" in itech.trips()
    loads.fault(KINDS["itech-it8500"], "sense_open", False)


def test_statuses_of_the_frames_are_named(itech: Any) -> None:
    itech._set(0x20, 0, 1)  # back to the front panel
    with pytest.raises(InstrumentError, match="cannot be done now"):
        itech.set_current(1.0)
    itech._take_control()
    with pytest.raises(InstrumentError, match="parameter wrong"):
        itech._set(0x28, 9, 1)
    with pytest.raises(InstrumentError, match="unknown command"):
        itech._set(0x99, 0, 1)


def test_the_waveform_has_200_points_of_what_was(
    loads: Loads, siglent: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    siglent.input_on()
    siglent.set_current(10.0)
    loads.time.advance(30.0)
    current_A, voltage_V = siglent.waveform("CURR"), siglent.waveform("VOLT")
    assert (len(current_A), len(voltage_V)) == (200, 200)
    assert set(current_A) == {10.0}
    assert voltage_V[0] == pytest.approx(3.58, abs=0.01)
    with monkeypatch.context() as patch:
        patch.setattr(siglent._link, "query", lambda _: "1,2,3")
        with pytest.raises(NoReading, match="3 points"):
            siglent.waveform("CURR")


def test_a_protection_of_the_load_trips_it(loads: Loads, siglent: Any) -> None:
    siglent.input_on()
    siglent.set_current(10.0)
    siglent._set("CURR:PROT:LEV", 8.0)
    loads.time.advance(0.4)
    assert siglent.input_is_on(), "within the delay that the driver set"
    loads.time.advance(0.2)
    assert not siglent.input_is_on()


def test_transients_and_battery_tests_of_the_siglent(loads: Loads, siglent: Any) -> None:
    def after(seconds: float) -> float:
        loads.time.advance(seconds)
        return sunk(loads, "siglent-sdl1000x")

    def say(*lines: str) -> None:
        for line in lines:
            siglent._link.write(line)
        assert siglent._link.query("SYST:ERR?") == '0,"No error"'

    say("CURR:TRAN:ALEV 2", "CURR:TRAN:BLEV 8", "CURR:TRAN:AWID 1", "CURR:TRAN:BWID 0.5")
    say("CURR:TRAN:MODE CONT", "FUNC:TRAN CURR", "INP 1")
    assert [after(0.9), after(0.2), after(0.5)] == [2.0, 8.0, 2.0]
    say("CURR:TRAN:MODE PULS", "TRIG:SOUR BUS", "FUNC:TRAN CURR")
    assert after(5.0) == 2.0
    say("*TRG")
    assert [after(0.4), after(0.2)] == [8.0, 2.0]
    say("INP 0", "BATT:MODE POW", "BATT:LEV 35.8", "BATT:CAP 10", "BATT:CAP:STAT 1", "BATT:FUNC", "INP 1")
    assert after(3.0) == pytest.approx(10.0, abs=0.01)
    assert after(1.0) == 0.0, "10 mAh are out"
    assert float(siglent._link.query("BATT:DISCHA:CAP?")) == pytest.approx(10.0, abs=0.1)
    say("BATT:CAP:STAT 0", "BATT:MODE CURR", "BATT:LEV 0")


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("SOURCE:CURRENT:LEVEL:IMMEDIATE?", "0.000"),
        (":sour:curr:lev:imm:ampl? max", "30.000"),
        ("CURR? MIN;:FUNC?", "0.000;CURRENT"),
        ("INPUT:STATE?", "0"),
        ("RES:RRANG?", "HIGH"),
        ("BATT:MODE?;LEV?", "CURRENT;0.000"),
        ("NONSENSE?;:SYST:ERR?", '-113,"Undefined header"'),
        ("CURR 99;:SYST:ERROR:NEXT?", '-222,"Data out of range"'),
        ("FUNC:TRAN POW;:FUNC?", "POWER"),
        ("*OPC?", "1"),
    ],
)
def test_the_grammar_of_its_headers(siglent: Any, line: str, answer: str) -> None:
    assert siglent._link.query(line) == answer
    siglent._link.write("*CLS")


def test_dynamic_and_battery_test_of_the_maynuo(loads: Loads) -> None:
    """Its registers by a client of others: IA, IB, their times, the end voltage, the result in Ah."""
    import minimalmodbus

    their: Any = minimalmodbus.Instrument(str(loads.unit("maynuo-m97")["device"]), 1)
    with contextlib.closing(their.serial):
        their.serial.timeout = 2.0

        def after(seconds: float) -> float:
            loads.time.advance(seconds)
            return sunk(loads, "maynuo-m97")

        def say(code: int) -> None:
            their.write_register(0x0A00, code, functioncode=16)

        their.write_bit(0x0500, 1)
        for register, value in ((0x0A21, 2.0), (0x0A23, 8.0), (0x0A25, 1.0), (0x0A27, 0.5), (0x0A01, 10.0)):
            their.write_float(register, value)
        say(25)
        say(42)
        assert [after(0.9), after(0.2), after(0.5)] == [2.0, 8.0, 2.0]
        say(43)
        say(38)
        their.write_float(0x0A2E, 3.0)
        say(42)
        assert after(9.0) == 10.0
        their.write_float(0x0A2E, 3.59)  # the cell stands at 3.58 V
        assert after(0.1) == 0.0
        assert their.read_float(0x0A30) == pytest.approx(0.025, rel=0.03)
        say(1)


@pytest.mark.parametrize("count", [1, 2, 4])
def test_single_registers_of_the_kp184(loads: Loads, count: int) -> None:
    kind = KINDS["kunkin-kp184"]
    for load in _prepared(loads, kind):
        load.input_on()
        load.set_current(10.0)
        unit = loads.unit(kind.driver)
        with socket.create_connection((unit["host"], unit["port"]), timeout=5) as link:
            told = {}
            for register in (0x010E, 0x0110, 0x0116, 0x0122, 0x0126):
                asked = bytes((1, 3)) + register.to_bytes(2, "big") + bytes((0, count))
                link.sendall(sealed(asked, "high-first"))
                reply = link.recv(9, socket.MSG_WAITALL)
                assert reply == sealed(reply[:-2], "high-first")
                assert reply[:3] == bytes((1, 3, 4))
                told[register] = int.from_bytes(reply[3:7], "big")
        assert told == {0x010E: 1, 0x0110: 1, 0x0116: 10_000, 0x0122: 3580, 0x0126: 10_000}
