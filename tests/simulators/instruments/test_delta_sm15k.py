"""Simulated SM15K on the wire."""

from __future__ import annotations

import pytest

from simulators.clock import ManualTime, SimClock
from simulators.instruments.delta_sm15k import DeltaOptions, DeltaSM15K
from simulators.wiring import Circuit


@pytest.fixture
def bench(start, delta_unit):
    return start([delta_unit], wiring={"lead_resistance_ohm": 0.0})


@pytest.fixture
def unit(bench):
    return bench.client("delta-sm15k")


def _discharge(unit, amps: float = 100.0) -> None:
    unit.write("SOUR:VOLT 2.5", f"SOUR:CURR:NEG -{amps}", "SOUR:POW:NEG -15000", "OUTP ON")


def test_identity_has_five_fields(unit) -> None:
    assert unit.ask("*IDN?").split(",") == [
        "DELTA ELEKTRONIKA BV",
        "SM70-CP-450",
        "000010207248",
        "H0_P0150",
        "0",
    ]


@pytest.mark.parametrize(
    ("command", "query", "answer"),
    [
        ("SOURce:VOLtage 14", "SOURce:VOLtage?", "14.0000"),
        ("sour:volt 14.5", "sour:vol?", "14.5000"),
        ("SOURce:CURrent:NEGative -5", "SOUR:CURR:NEG?", "-5.0000"),
        ("SOURce:POWer:NEGative -100", "SOUR:POW:NEG?", "-100.0000"),
        ("SYSTem:LIMits:VOLtage 50,ON", "SYST:LIM:VOLT?", "50.0000,ON"),
        ("SYSTem:LIMits:CURrent:NEGative -100,OFF", "SYST:LIM:CURR:NEG?", "-100.0000,OFF"),
        ("OUTPut ON", "OUTP?", "1"),
        ("SYST:RSD 1", "SYST:RSD:STA?", "1"),
        ("SYST:FRO ON", "SYST:FRO?", "1"),
    ],
)
def test_settings_read_back(unit, command: str, query: str, answer: str) -> None:
    unit.write(command)
    assert unit.ask(query) == answer
    assert unit.ask("SYST:ERR?") == "0,None"


def test_ratings_are_integers_and_steps_scientific(unit) -> None:
    assert unit.ask("SOUR:VOLT:MAX?") == "70"
    assert unit.ask("SOUR:CURR:NEG:MAX?") == "-450"
    assert unit.ask("SOUR:POW:MAX?") == "15000"
    step = unit.ask("SOUR:VOLT:STE?")
    assert float(step) == pytest.approx(70 / 65536)
    assert len(step.split("e")[0].split(".")[1]) == 15


@pytest.mark.parametrize(
    "command", ["SOUR:VOLT 71", "SOUR:VOLT -1", "SOUR:CURR:NEG 5", "SOUR:CURR:NEG -451", "SYST:LIM:CURR 1"]
)
def test_out_of_range_is_refused_not_clipped(unit, command: str) -> None:
    unit.write("SOUR:VOLT 10", command)
    assert unit.ask("SYST:ERR?").split(",")[0] != "0"
    assert unit.ask("SOUR:VOLT?") == "10.0000"
    assert unit.ask("SYST:ERR?") == "0,None"


def test_unknown_query_is_silent_and_queues_an_error(unit) -> None:
    unit.write("MEAS:NOTHING?")
    assert unit.ask("SYST:ERR?") == "-113,Undefined header"


def test_error_queue_holds_ten(unit) -> None:
    unit.write(*["BAD"] * 12)
    errors = [unit.ask("SYST:ERR?") for _ in range(11)]
    assert errors == ["-113,Undefined header"] * 10 + ["0,None"]
    unit.write("BAD", "*CLS")
    assert unit.ask("SYST:ERR?") == "0,None"


def test_setpoints_are_ignored_unless_the_loop_listens_to_ethernet(start) -> None:
    bench = start([{"kind": "delta-sm15k"}])
    unit = bench.client("delta-sm15k")
    assert unit.ask("SYST:REM:CV?") == "Local"
    unit.write("SOUR:VOLT 12", "SOUR:CURR 3")
    assert unit.ask("SOUR:VOLT?") == "0.0000"
    unit.write("SYST:REM:CV Ethernet", "SYST:REM:CC:STA Remote", "SOUR:VOLT 12", "SOUR:CURR 3")
    assert (unit.ask("SOUR:VOLT?"), unit.ask("SOUR:CURR?")) == ("12.0000", "3.0000")
    unit.write("SYST:REM:CV Nowhere")
    assert unit.ask("SYST:ERR?").startswith("-224")


def test_reset_makes_a_safe_state(bench, unit) -> None:
    _discharge(unit)
    assert bench.truth()["current_A"] == pytest.approx(-100)
    unit.write("*RST")
    assert bench.truth()["current_A"] == 0.0
    assert (unit.ask("OUTP?"), unit.ask("SOUR:CURR:NEG?"), unit.ask("SYST:REM:CC?")) == (
        "0",
        "0.0000",
        "Ethernet",
    )


def test_own_limit_holds_a_larger_setpoint(bench, unit) -> None:
    _discharge(unit)
    unit.write("SYST:LIM:CURR:NEG -40,ON")
    assert bench.truth()["current_A"] == pytest.approx(-40)
    assert int(unit.ask("STAT:REG:A?")) & 1 << 4
    unit.write("SYST:LIM:CURR:NEG -40,OFF")
    assert bench.truth()["current_A"] == pytest.approx(-100)


def test_status_registers(bench, unit) -> None:
    _discharge(unit)
    bits = int(unit.ask("STAT:REG:A?"))
    assert bits & 0b111 == 0b010
    assert bits & 1 << 13
    unit.write("SYST:RSD ON")
    assert int(unit.ask("STAT:REG:A?")) & (1 << 13 | 1 << 12) == 1 << 12
    assert bench.truth()["current_A"] == 0.0
    assert int(unit.ask("STAT:REG:B?")) & 0b111 == 0b111


def test_watchdog_turns_the_output_off_exactly_when_it_expires(bench, unit) -> None:
    _discharge(unit)
    unit.write("SYST:COMM:WAT SET,500")
    assert unit.ask("SYST:COM:WAT SET?") == "500"
    for _ in range(10):
        bench.advance(0.4)
        assert unit.ask("OUTP?") == "1"
    bench.advance(30.0)
    truth = bench.truth()
    assert truth["output_on"] == [False]
    assert truth["current_A"] == 0.0
    assert truth["charge_Ah"] == pytest.approx(-100 * (10 * 0.4 + 0.5) / 3600, rel=1e-6)
    assert [unit.ask("SYST:COM:WAT?") for _ in range(2)] == ["0", "-1"]
    assert unit.ask("OUTP?") == "0"
    assert unit.ask("SOUR:CURR:NEG?") == "-100.0000"


def test_watchdog_counts_down_and_stops(bench, unit) -> None:
    assert unit.ask("SYST:COM:WAT?") == "-1"
    unit.write("SYST:COM:WAT SET,1000")
    assert unit.ask("OUTP?") == "0"
    bench.advance(0.25)
    assert unit.ask("SYST:COM:WAT?") == "750"
    unit.write("SYST:COM:WAT STOP", "OUTP 1")
    bench.advance(30.0)
    assert unit.ask("OUTP?") == "1"
    unit.write("SYST:COM:WAT SET,19", "SYST:COM:WAT SET,10001")
    assert [unit.ask("SYST:ERR?")[:4] for _ in range(3)] == ["-222", "-222", "0,No"]


@pytest.mark.parametrize(("line", "output"), [("RUBBISH", "0"), ("SOUR:VOLT 999", "0"), ("SOUR:VOLT 9", "1")])
def test_only_valid_commands_reload_the_watchdog(ohmic_battery, line: str, output: str) -> None:
    time = ManualTime()
    unit = DeltaSM15K(DeltaOptions(), Circuit(SimClock(monotonic=time), ohmic_battery))
    unit.execute("OUTP 1;SYST:COM:WAT SET,100")
    for _ in range(3):
        time.advance(0.06)
        unit.execute(line)
    assert unit.execute("OUTP?") == [output]


def test_watchdog_test_trips_by_itself(bench, unit) -> None:
    unit.write("OUTP 1", "SYST:COM:WAT TEST")
    assert unit.ask("OUTP?") == "1"
    bench.advance(0.003)
    assert unit.ask("OUTP?") == "0"


def test_watchdog_in_real_time_ignores_the_speed(start, delta_unit) -> None:
    bench = start([delta_unit], speed=20.0)
    unit = bench.client("delta-sm15k")
    unit.write("OUTP 1", "SYST:COM:WAT SET,500")
    bench.advance(0.4)
    assert unit.ask("OUTP?") == "1"
    bench.advance(0.6)
    assert unit.ask("OUTP?") == "0"


def test_watchdog_acts_when_nobody_asks(start, delta_unit) -> None:
    """The host dies: the tick alone must stop the current."""
    bench = start([delta_unit], real_time=True)
    unit = bench.client("delta-sm15k")
    _discharge(unit)
    unit.write("SYST:COM:WAT SET,100")
    assert unit.ask("OUTP?") == "1"
    unit.close()
    while bench.truth()["output_on"] != [False]:
        pass
    truth = bench.truth()
    assert truth["current_A"] == 0.0
    assert 0.1 <= -truth["charge_Ah"] * 3600 / 100 < 1.0


def test_trip_holds_the_output_off_until_it_is_over(bench, unit) -> None:
    _discharge(unit)
    bench.fault("output_trip")
    assert bench.truth()["current_A"] == 0.0
    assert int(unit.ask("STAT:REG:B?")) & 1 << 14
    unit.write("OUTP 1")
    assert unit.ask("OUTP?") == "0"
    assert unit.ask("SYST:ERR?").startswith("-221")
    bench.control("clear_faults")
    unit.write("OUTP 1")
    assert unit.ask("OUTP?") == "1"
    assert unit.ask("SOUR:CURR:NEG?") == "-100.0000"


def test_two_clients_see_one_instrument(bench, unit) -> None:
    other = bench.client("delta-sm15k")
    unit.write("SOUR:VOLT 33")
    assert unit.ask("*PUD?") == ""
    assert other.ask("SOUR:VOLT?") == "33.0000"


def test_carriage_return_before_line_feed_is_accepted(unit) -> None:
    unit.write("SOUR:VOLT 12\r")
    assert unit.ask("SOUR:VOLT?\r") == "12.0000"


def test_other_function_turns_the_output_off(unit) -> None:
    _discharge(unit)
    unit.write("SYST:FUNC:SEL DIRECT")
    assert unit.ask("OUTP?") == "1"
    unit.write("SYST:FUNC:SEL RI")
    assert unit.ask("OUTP?") == "0"
    assert unit.ask("SYST:ERR?").startswith("-221")


def test_client_beyond_the_limit_is_hung_up_on(start, delta_unit) -> None:
    delta_unit["options"]["max_clients"] = 1
    bench = start([delta_unit])
    first = bench.client("delta-sm15k")
    assert first.ask("OUTP?") == "0"
    second = bench.client("delta-sm15k")
    with pytest.raises(ConnectionError):
        second.ask("OUTP?")
    first.close()
    for _ in range(100):
        third = bench.client("delta-sm15k")
        try:
            assert third.ask("OUTP?") == "0"
            return
        except ConnectionError:
            continue  # the bench has not yet noticed that the first one went
    pytest.fail("the place stayed taken")


@pytest.mark.parametrize(
    ("alarm", "bit"),
    [("dc_failure", 6), ("over_temperature", 8), ("mains_failure", 10), ("interlock_open", 11)],
)
def test_an_alarm_holds_the_output_off_and_shows_in_register_a(bench, unit, alarm: str, bit: int) -> None:
    _discharge(unit)
    bench.fault(alarm)
    assert unit.ask("OUTP?") == "0"
    assert int(unit.ask("STAT:REG:A?")) >> bit & 1
    unit.write("OUTP 1")
    assert unit.ask("OUTP?") == "0"
    assert unit.ask("SYST:ERR?").startswith("-221")
    bench.control("clear_faults")
    unit.write("OUTP 1")
    assert unit.ask("OUTP?") == "1"
    assert int(unit.ask("STAT:REG:A?")) >> bit & 1 == 0
