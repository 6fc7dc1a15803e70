"""Rigol DL3021: exact bytes, the spare second line, ranges, and the safe state."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from drivers.capabilities import Span
from drivers.contracts.load import ListStep, LoadProtection, LoadReading
from drivers.contracts.power import SafeState
from drivers.errors import InstrumentError, NoReading, OutOfRange
from drivers.rigol_dl3021 import RigolDL3021, RigolOptions
from drivers.transports.line import LineOptions
from drivers.transports.open import open_line
from tests.drivers.rigol_script import ScriptedDL3021

PROTECTION = LoadProtection(voltage_min_V=2.7, voltage_max_V=4.3, current_max_A=30.0, power_max_W=150.0)


@pytest.fixture
def unit() -> Iterator[ScriptedDL3021]:
    script = ScriptedDL3021()
    yield script
    script.server.close()


@pytest.fixture
def load(unit: ScriptedDL3021) -> Iterator[RigolDL3021]:
    link = open_line(unit.server.address, LineOptions(timeout_s=0.5))
    device = RigolDL3021(link, RigolOptions(settle_s=0))
    yield device
    device.close()


@pytest.fixture
def prepared(unit: ScriptedDL3021, load: RigolDL3021) -> RigolDL3021:
    load.prepare(PROTECTION)
    unit.server.clear()
    return load


def test_identity_and_capabilities(load: RigolDL3021) -> None:
    who = load.identify()
    assert (who.manufacturer, who.model, who.serial) == ("RIGOL TECHNOLOGIES", "DL3021", "DL3A192800177")
    what = load.capabilities
    assert what.current_A == Span(0.0, 40.0)
    assert what.power_W == Span(0.0, 200.0)
    assert what.watchdog is None


def test_an_unknown_model_has_no_ratings(unit: ScriptedDL3021, load: RigolDL3021) -> None:
    unit.fixed["*IDN?"] = "RIGOL TECHNOLOGIES,DP832,X,1"
    with pytest.raises(InstrumentError, match="DP832"):
        _ = load.capabilities


def test_prepare(unit: ScriptedDL3021, load: RigolDL3021) -> None:
    _ = load.capabilities
    unit.server.clear()
    load.prepare(PROTECTION)
    assert unit.server.lines == [
        "INP 0",
        "FUNC:MODE FIX",
        "FUNC CURR",
        "FUNC?",
        "CURR:RANG 40",
        "CURR:RANG?",
        "CURR:LEV:IMM 0.0000",
        "CURR:LEV:IMM?",
        "CURR:VLIM 4.3000",
        "CURR:VLIM?",
        "CURR:ILIM 30.0000",
        "CURR:ILIM?",
        "SENS 1",
        "SENS?",
        "INP?",
        "SYST:ERR?",
    ]


def test_the_small_range_is_taken_where_it_is_enough(unit: ScriptedDL3021, load: RigolDL3021) -> None:
    load.prepare(LoadProtection(2.7, 4.3, 4.0, 20.0))
    assert unit.values["CURR:RANG"] == "4"


@pytest.mark.parametrize("stuck", ["CURR:RANG", "CURR:ILIM", "CURR:VLIM", "SENS"])
def test_prepare_refuses_what_does_not_take(unit: ScriptedDL3021, load: RigolDL3021, stuck: str) -> None:
    unit.ignore.add(stuck)
    with pytest.raises(InstrumentError, match=stuck):
        load.prepare(PROTECTION)


def test_current_and_input(unit: ScriptedDL3021, prepared: RigolDL3021) -> None:
    prepared.set_current(12.5)
    assert unit.server.lines == ["CURR:LEV:IMM 12.5000", "SYST:ERR?"]
    with pytest.raises(OutOfRange):
        prepared.input_on()
    prepared.set_current(0.0)
    prepared.input_on()
    assert prepared.input_is_on()
    prepared.input_off()
    assert not prepared.input_is_on()


@pytest.mark.parametrize("current_A", [-0.1, 30.1, float("nan")])
def test_out_of_range_sends_nothing(unit: ScriptedDL3021, prepared: RigolDL3021, current_A: float) -> None:
    with pytest.raises(OutOfRange):
        prepared.set_current(current_A)
    assert unit.server.lines == []


def test_an_error_after_a_setpoint_is_raised(unit: ScriptedDL3021, prepared: RigolDL3021) -> None:
    unit.errors.append('-222,"Data out of range"')
    with pytest.raises(InstrumentError) as caught:
        prepared.set_current(1.0)
    assert caught.value.params["error_code"] == -222


def test_the_spare_second_line_never_becomes_a_reading(unit: ScriptedDL3021, prepared: RigolDL3021) -> None:
    unit.spare = b"0\n"
    assert [prepared.read() for _ in range(20)] == [LoadReading(3.7, 0.000067)] * 20


def test_a_spare_line_that_comes_late_is_asked_again(unit: ScriptedDL3021, prepared: RigolDL3021) -> None:
    late = [b"0\n3.700000\n"]
    unit.fixed["MEAS:VOLT?"] = lambda peer: peer.send(late.pop() if late else b"3.700000\n")
    assert prepared.read() == LoadReading(3.7, 0.000067)


@pytest.mark.parametrize("bad", ["0", "", "9.9E+37", "9.900000E+37"])
def test_no_measurement_is_no_reading(unit: ScriptedDL3021, prepared: RigolDL3021, bad: str) -> None:
    unit.fixed["MEAS:CURR?"] = bad
    with pytest.raises(NoReading):
        prepared.read()


def test_list(unit: ScriptedDL3021, prepared: RigolDL3021) -> None:
    prepared.load_list([ListStep(10.0, 0.5, 0.1), ListStep(0.0, 2.0, 0.1)])
    assert unit.server.lines == [
        "LIST:MODE CC",
        "LIST:RANG 40",
        "LIST:COUN 1",
        "LIST:STEP 2",
        "LIST:LEV 1,10.0000",
        "LIST:WID 1,0.500000",
        "LIST:SLEW 1,0.100",
        "LIST:LEV 2,0.0000",
        "LIST:WID 2,2.000000",
        "LIST:SLEW 2,0.100",
        "LIST:END OFF",
        "SYST:ERR?",
    ]
    unit.server.clear()
    prepared.start_list()
    assert unit.server.lines == ["FUNC:MODE LIST", "TRIG:SOUR BUS", "TRIG:IMM", "SYST:ERR?"]
    prepared.stop_list()
    assert unit.values["FUNC:MODE"] == "FIX"
    with pytest.raises(OutOfRange):
        prepared.load_list([])
    with pytest.raises(OutOfRange):
        prepared.load_list([ListStep(30.5, 1.0, 0.1)])


def test_make_safe_needs_no_prepare_and_verifies(unit: ScriptedDL3021, load: RigolDL3021) -> None:
    unit.values["INP"] = "1"
    load.make_safe()
    assert unit.server.wait_for("FUNC:MODE FIX") == ["CURR:LEV:IMM 0.0000", "INP 0", "INP?", "FUNC:MODE FIX"]
    assert load.verify_safe() == SafeState(False, 0.000067)


def test_an_input_that_stays_on_is_told(unit: ScriptedDL3021, prepared: RigolDL3021) -> None:
    prepared.input_on()
    unit.ignore.add("INP")
    with pytest.raises(InstrumentError, match="still on"):
        prepared.make_safe()
    assert prepared.verify_safe().output_on
