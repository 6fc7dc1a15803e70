"""SM15K: exact bytes against scripted answers taken from the protocol facts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drivers.capabilities import Span, TimingClass
from drivers.contracts.power import PowerReading, SafeState
from drivers.delta_sm15k import DeltaSM15K
from drivers.errors import InstrumentError, NoReading, OutOfRange, TransportError
from tests.drivers.sm15k.values import PROTECTION
from tests.drivers.sm15k_script import ScriptedSM15K


def test_identity_has_five_fields(port: DeltaSM15K) -> None:
    who = port.identify()
    assert (who.manufacturer, who.model) == ("DELTA ELEKTRONIKA BV", "SM500-CP-90")
    assert (who.serial, who.firmware) == ("000010207248", "H0_P0150")


def test_capabilities_come_from_the_instrument(port: DeltaSM15K) -> None:
    what = port.capabilities
    assert what.voltage_V == Span(0.0, 500.0)
    assert what.current_A == Span(-90.0, 90.0)
    assert what.power_W == Span(-15000.0, 15000.0)
    assert what.voltage_resolution_V == pytest.approx(0.010559)
    assert what.timing == {TimingClass.SEQUENCED, TimingClass.COMMANDED}
    assert what.watchdog is not None
    assert what.watchdog.timeout_s == Span(0.02, 10.0)
    assert what.remote_sense is False


def test_prepare_writes_and_reads_back_everything(unit: ScriptedSM15K, port: DeltaSM15K) -> None:
    _ = port.capabilities
    unit.server.clear()
    port.prepare(PROTECTION)
    assert unit.server.lines == [
        "*CLS",
        "PROGram:SELected:STAte?",
        "OUTPut 0",
        "SYSTem:REMote:CV Ethernet",
        "SYSTem:REMote:CC Ethernet",
        "SYSTem:REMote:CP Ethernet",
        "SOURce:CURrent 0.0000",
        "SOURce:CURrent?",
        "SOURce:CURrent:NEGative 0.0000",
        "SOURce:CURrent:NEGative?",
        "SYSTem:LIMits:VOLtage 403.2000,ON",
        "SYSTem:LIMits:VOLtage?",
        "SYSTem:LIMits:CURrent 60.0000,ON",
        "SYSTem:LIMits:CURrent?",
        "SYSTem:LIMits:CURrent:NEGative -80.0000,ON",
        "SYSTem:LIMits:CURrent:NEGative?",
        "SYSTem:LIMits:POWer 12000.0000,ON",
        "SYSTem:LIMits:POWer?",
        "SYSTem:LIMits:POWer:NEGative -14000.0000,ON",
        "SYSTem:LIMits:POWer:NEGative?",
        "SOURce:VOLtage 403.2000",
        "SOURce:VOLtage?",
        "SOURce:POWer 12000.0000",
        "SOURce:POWer?",
        "SOURce:POWer:NEGative -14000.0000",
        "SOURce:POWer:NEGative?",
        "SYSTem:REMote:CV?",
        "SYSTem:REMote:CC?",
        "SYSTem:REMote:CP?",
        "OUTPut?",
        "SYSTem:ERRor?",
    ]


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("SYSTEM:LIMITS:VOLTAGE?", "500.0000,ON"),
        ("SYSTEM:LIMITS:CURRENT:NEGATIVE?", "-80.0000,OFF"),
        ("SYSTEM:REMOTE:CC?", "Local"),
        ("SOURCE:CURRENT?", "5.0000"),
        ("OUTPUT?", "1"),
        ("SYSTEM:ERROR?", "-222,Data out of range"),
    ],
)
def test_prepare_refuses_what_reads_back_different(
    unit: ScriptedSM15K, port: DeltaSM15K, query: str, answer: str
) -> None:
    _ = port.capabilities
    unit.override[query] = answer if query != "SYSTEM:ERROR?" else None
    if query == "SYSTEM:ERROR?":
        queue = [answer]
        unit.override[query] = lambda peer: peer.send((queue.pop() if queue else "0,None").encode() + b"\n")
    with pytest.raises(InstrumentError) as caught:
        port.prepare(PROTECTION)
    assert unit.server.address in caught.value.message
    with pytest.raises(InstrumentError, match="not prepared"):
        port.set_current(1.0)


def test_sixteen_bit_rounding_is_no_mismatch(unit: ScriptedSM15K, port: DeltaSM15K) -> None:
    unit.override["SYSTEM:LIMITS:VOLTAGE?"] = "403.1929,1"
    port.prepare(PROTECTION)


@pytest.mark.parametrize(
    "change",
    [
        {"voltage_max_V": 501.0},
        {"voltage_min_V": -1.0},
        {"voltage_min_V": 404.0},
        {"charge_current_max_A": 90.5},
        {"discharge_current_max_A": 91.0},
        {"charge_power_max_W": 15001.0},
        {"discharge_power_max_W": float("nan")},
    ],
)
def test_protection_beyond_the_rating_sends_nothing(
    unit: ScriptedSM15K, port: DeltaSM15K, change: dict[str, float]
) -> None:
    _ = port.capabilities
    unit.server.clear()
    with pytest.raises(OutOfRange) as caught:
        port.prepare(replace(PROTECTION, **change))
    assert "low" in caught.value.params
    assert unit.server.lines == []


@pytest.mark.parametrize(
    ("current_A", "lines"),
    [
        (50.0, ["SOURce:CURrent:NEGative 0.0000", "SOURce:VOLtage 403.2000", "SOURce:CURrent 50.0000"]),
        (-50.0, ["SOURce:CURrent 0.0000", "SOURce:VOLtage 240.0000", "SOURce:CURrent:NEGative -50.0000"]),
        (0.0, ["SOURce:CURrent 0.0000", "SOURce:CURrent:NEGative 0.0000"]),
        (-0.0, ["SOURce:CURrent 0.0000", "SOURce:CURrent:NEGative 0.0000"]),
    ],
)
def test_signed_current(
    unit: ScriptedSM15K, prepared: DeltaSM15K, current_A: float, lines: list[str]
) -> None:
    prepared.set_current(current_A)
    assert unit.server.lines == [*lines, "SYSTem:ERRor?"]


@pytest.mark.parametrize("current_A", [60.1, -80.1, float("nan"), float("inf")])
def test_current_beyond_the_protection_sends_nothing(
    unit: ScriptedSM15K, prepared: DeltaSM15K, current_A: float
) -> None:
    with pytest.raises(OutOfRange):
        prepared.set_current(current_A)
    assert unit.server.lines == []


def test_a_refused_setpoint_is_an_error(unit: ScriptedSM15K, prepared: DeltaSM15K) -> None:
    unit.errors.append("-222,Data out of range")
    with pytest.raises(InstrumentError) as caught:
        prepared.set_current(10.0)
    assert caught.value.params["error_code"] == -222


def test_output_goes_on_only_at_zero_current(unit: ScriptedSM15K, prepared: DeltaSM15K) -> None:
    prepared.set_current(-5.0)
    with pytest.raises(OutOfRange):
        prepared.output_on()
    assert "OUTPut 1" not in unit.server.lines
    prepared.set_current(0.0)
    prepared.output_on()
    assert prepared.output_is_on()
    prepared.output_off()
    assert not prepared.output_is_on()


def test_an_output_that_stays_off_names_the_interlock(unit: ScriptedSM15K, prepared: DeltaSM15K) -> None:
    unit.ignore.add("OUTPUT")
    with pytest.raises(InstrumentError, match="interlock"):
        prepared.output_on()


def test_an_output_that_stays_on_is_an_error(unit: ScriptedSM15K, prepared: DeltaSM15K) -> None:
    prepared.output_on()
    unit.ignore.add("OUTPUT")
    with pytest.raises(InstrumentError, match="still on"):
        prepared.output_off()


def test_read_asks_voltage_first(unit: ScriptedSM15K, prepared: DeltaSM15K) -> None:
    unit.override["MEASURE:CURRENT?"] = "-49.9876"
    assert prepared.read() == PowerReading(360.1234, -49.9876)
    assert unit.server.lines == ["MEASure:VOLtage?", "MEASure:CURrent?"]


@pytest.mark.parametrize("bad", ["", "9.91E37", "nan", "***"])
def test_no_reading_is_not_a_number(unit: ScriptedSM15K, prepared: DeltaSM15K, bad: str) -> None:
    unit.override["MEASURE:CURRENT?"] = bad
    with pytest.raises(NoReading):
        prepared.read()


def test_a_silent_instrument_is_a_transport_error(unit: ScriptedSM15K, prepared: DeltaSM15K) -> None:
    unit.override["MEASURE:VOLTAGE?"] = None
    with pytest.raises(TransportError, match="MEASure:VOLtage"):
        prepared.read()


def test_watchdog(unit: ScriptedSM15K, prepared: DeltaSM15K) -> None:
    prepared.arm_watchdog(0.5)
    assert unit.server.lines == [
        "SYSTem:COMmunicate:WATchdog SET,500",
        "SYSTem:COMmunicate:WATchdog SET?",
    ]
    prepared.feed_watchdog()
    assert unit.server.lines[-1] == "SYSTem:COMmunicate:WATchdog?"
    unit.values["WATCHDOG"] = "0"
    with pytest.raises(InstrumentError, match="has expired"):
        prepared.feed_watchdog()
    unit.values["WATCHDOG"] = "-1"
    with pytest.raises(InstrumentError, match="not armed"):
        prepared.feed_watchdog()
    prepared.disarm_watchdog()


@pytest.mark.parametrize("timeout_s", [0.019, 10.001])
def test_watchdog_range(unit: ScriptedSM15K, prepared: DeltaSM15K, timeout_s: float) -> None:
    with pytest.raises(OutOfRange):
        prepared.arm_watchdog(timeout_s)
    assert unit.server.lines == []


SAFE_LINES = [
    "PROGram:SELected:STAte STOP",
    "SYSTem:REMote:CV Ethernet",
    "SYSTem:REMote:CC Ethernet",
    "SYSTem:REMote:CP Ethernet",
    "SOURce:CURrent 0.0000",
    "SOURce:CURrent:NEGative 0.0000",
    "OUTPut 0",
    "OUTPut?",
]


def test_make_safe_needs_no_prepare(unit: ScriptedSM15K, port: DeltaSM15K) -> None:
    unit.values["OUTPUT"] = "1"
    port.make_safe()
    assert unit.server.lines == SAFE_LINES
    assert port.verify_safe() == SafeState(False, 0.0)


def test_make_safe_works_after_a_timeout(unit: ScriptedSM15K, prepared: DeltaSM15K) -> None:
    unit.values["OUTPUT"] = "1"
    unit.override["MEASURE:VOLTAGE?"] = None
    with pytest.raises(TransportError):
        prepared.read()
    unit.server.clear()
    prepared.make_safe()
    assert unit.server.lines == SAFE_LINES


def test_make_safe_works_after_a_reset_link(unit: ScriptedSM15K, prepared: DeltaSM15K) -> None:
    unit.values["OUTPUT"] = "1"
    unit.override["MEASURE:VOLTAGE?"] = lambda peer: peer.reset()
    with pytest.raises(TransportError):
        prepared.read()
    prepared.make_safe()
    assert unit.values["OUTPUT"] == "0"


def test_make_safe_tries_all_parts_and_says_what_stayed(unit: ScriptedSM15K, prepared: DeltaSM15K) -> None:
    prepared.output_on()
    unit.ignore.add("OUTPUT")
    unit.server.clear()
    with pytest.raises(InstrumentError, match="still on"):
        prepared.make_safe()
    assert unit.server.lines == SAFE_LINES
    assert prepared.verify_safe().output_on is True


def test_verify_safe_measures(unit: ScriptedSM15K, prepared: DeltaSM15K) -> None:
    unit.override["MEASURE:CURRENT?"] = "-12.5000"
    state = prepared.verify_safe()
    assert state == SafeState(False, -12.5)
    assert not state.is_safe(0.5)
    unit.override["MEASURE:CURRENT?"] = "9.9E37"
    with pytest.raises(NoReading):
        prepared.verify_safe()
