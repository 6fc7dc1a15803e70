"""The SM15K's sequencer: pulse trains at exact simulated times, loops, jumps, pause."""

from __future__ import annotations

import pytest

from simulators.clock import ManualTime, SimClock
from simulators.instruments.delta_sm15k import DeltaOptions, DeltaSM15K
from simulators.wiring import Circuit

STEP_S = 125e-6


@pytest.fixture
def bench(start, delta_unit):
    return start([delta_unit], wiring={"lead_resistance_ohm": 0.0})


@pytest.fixture
def unit(bench):
    return bench.client("delta-sm15k")


def _upload(unit, name: str, *steps: str) -> None:
    unit.write(f"PROG:SEL:NAM {name}", *(f"PROG:SEL:STE {n} {step}" for n, step in enumerate(steps, 1)))
    assert unit.ask("SYST:ERR?") == "0,None"


def _listen_to_sequencer(unit) -> None:
    unit.write("SYST:REM:CV Sequencer", "SYST:REM:CC Sequencer", "SYST:REM:CP Sequencer", "OUTP 1")


def test_pulse_has_its_exact_length_whatever_the_host_does(bench, unit) -> None:
    _upload(unit, "PULSE", "SV=2.5", "SP=15000", "SPN=-15000", "SCN=-100", "W=10", "SCN=0", "END")
    _listen_to_sequencer(unit)
    unit.write("PROG:SEL:STA RUN")
    assert unit.ask("PROG:SEL:STA?").startswith("RUN")
    bench.advance(300.0)  # the host was away for five minutes
    truth = bench.truth()
    assert truth["current_A"] == 0.0
    assert truth["charge_Ah"] * 3600 == pytest.approx(-100 * (10 + STEP_S), rel=1e-9)
    assert unit.ask("PROG:SEL:STA?") == "STOP"


def test_edges_are_integrated_at_their_times(bench, unit) -> None:
    _upload(
        unit,
        "TRAIN",
        "SV=4.5",
        "SP=15000",
        "SPN=-15000",
        "SCN=-50",
        "W=0.3333",
        "SCN=0",
        "SC=50",
        "W=0.2",
        "SC=0",
        "W=1",
        "END",
    )
    _listen_to_sequencer(unit)
    unit.write("SOUR:VOLT 9", "PROG:SEL:STA RUN")
    unit.ask("OUTP?")
    bench.advance(0.2)
    assert unit.number("MEAS:CURR?") == 0.0  # 4.5 V above the cell: charging side, SC still 0
    bench.advance(0.3)
    assert unit.number("MEAS:CURR?") == pytest.approx(50, abs=0.02)
    bench.advance(60.0)
    assert bench.truth()["charge_Ah"] * 3600 == pytest.approx(50 * (0.2 + STEP_S), rel=1e-9)
    assert unit.ask("SOUR:VOLT?") == "4.5000"


def test_power_setpoints_start_at_zero_and_must_be_set(bench, unit) -> None:
    unit.write("SOUR:POW:NEG -15000")
    _upload(unit, "NOPOWER", "SV=2.5", "SCN=-100", "W=1", "END")
    _listen_to_sequencer(unit)
    unit.write("PROG:SEL:STA RUN")
    unit.ask("OUTP?")
    bench.advance(0.5)
    assert bench.truth()["current_A"] == 0.0


def test_loop_that_does_not_listen_is_left_alone(bench, unit) -> None:
    unit.write("SOUR:VOLT 2.5", "SOUR:POW:NEG -15000", "SOUR:CURR:NEG -30", "OUTP 1")
    _upload(unit, "DEAF", "SV=0", "SCN=-100", "W=1", "END")
    unit.write("PROG:SEL:STA RUN")
    unit.ask("OUTP?")
    bench.advance(0.5)
    assert bench.truth()["current_A"] == pytest.approx(-30)


def test_loop_with_a_counter_repeats_pulses(bench, unit) -> None:
    _upload(
        unit,
        "LOOP",
        "SV=2.5",
        "SP=15000",
        "SPN=-15000",
        "#A=0",
        "SCN=-100",
        "W=0.01",
        "SCN=0",
        "W=0.01",
        "INC #A,1",
        "CJL #A,5,5",
        "END",
    )
    _listen_to_sequencer(unit)
    unit.write("PROG:SEL:STA RUN")
    unit.ask("OUTP?")
    bench.advance(10.0)
    assert bench.truth()["charge_Ah"] * 3600 == pytest.approx(-100 * 5 * (0.01 + STEP_S), rel=1e-9)


def test_measured_voltage_can_end_a_discharge(bench, unit) -> None:
    _upload(
        unit,
        "UNTIL",
        "SV=2.5",
        "SP=15000",
        "SPN=-15000",
        "SCN=-100",
        "W=0.1",
        "CJG MV,3.49,5",
        "SCN=0",
        "END",
    )
    _listen_to_sequencer(unit)
    unit.write("PROG:SEL:STA RUN")
    unit.ask("OUTP?")
    bench.advance(600.0)
    truth = bench.truth()
    assert truth["current_A"] == 0.0
    # 3.5 V under load at the start falls by 2/3 mV per second at 100 A.
    assert truth["charge_Ah"] * 3600 / -100 == pytest.approx(15.0, abs=0.2)


def test_subroutine_label_timer_and_trigger(bench, unit) -> None:
    _upload(
        unit,
        "SUB",
        "SV=2.5",
        "SP=15000",
        "SPN=-15000",
        "JS PULSE",
        "TRG",
        "JS PULSE",
        "END",
        "SCN=-100",
        "#I=20",
        "CJG #I,0,10",
        "SCN=0",
        "RET",
    )
    unit.write("PROG:SEL:LAB PULSE,8")
    _listen_to_sequencer(unit)
    unit.write("PROG:SEL:STA RUN")
    unit.ask("OUTP?")
    bench.advance(5.0)
    assert int(unit.ask("STAT:REG:B?")) & 1 << 4
    one_As = bench.truth()["charge_Ah"] * 3600
    assert one_As == pytest.approx(-100 * 0.020, rel=0.03)
    unit.write("TRIG:IMM")
    assert int(unit.ask("STAT:REG:B?")) & 1 << 4 == 0
    bench.advance(5.0)
    assert bench.truth()["charge_Ah"] * 3600 == pytest.approx(2 * one_As, rel=0.03)
    assert unit.ask("PROG:SEL:STA?") == "STOP"


def test_pause_continue_and_stop(bench, unit) -> None:
    _upload(unit, "HOLD", "SV=2.5", "SP=15000", "SPN=-15000", "SCN=-100", "W=10", "SCN=0", "END")
    _listen_to_sequencer(unit)
    unit.write("PROG:SEL:STA RUN")
    unit.ask("OUTP?")
    bench.advance(4.0)
    unit.write("PROG:SEL:STA PAUS")
    assert unit.ask("PROG:SEL:STA?") == "PAUSE,6"
    bench.advance(100.0)
    assert bench.truth()["current_A"] == pytest.approx(-100)  # paused with the level on
    unit.write("PROG:SEL:STA CONT")
    assert unit.ask("PROG:SEL:STA?") == "RUN,6"
    assert unit.ask("PROG:SEL:STA ACTIVE?") == "RUN,5"
    bench.advance(7.0)
    assert bench.truth()["charge_Ah"] * 3600 == pytest.approx(-100 * (110 + STEP_S), rel=1e-6)
    unit.write("PROG:SEL:STA RUN", "PROG:SEL:STA STOP")
    assert unit.ask("PROG:SEL:STA?") == "STOP"


def test_watchdog_stops_current_while_a_sequence_runs(bench, unit) -> None:
    _upload(unit, "LONG", "SV=2.5", "SP=15000", "SPN=-15000", "SCN=-100", "W=600", "END")
    _listen_to_sequencer(unit)
    unit.write("SYST:COM:WAT SET,2000", "PROG:SEL:STA RUN")
    unit.ask("OUTP?")
    bench.advance(100.0)
    truth = bench.truth()
    assert truth["output_on"] == [False]
    assert truth["charge_Ah"] * 3600 == pytest.approx(-100 * (2.0 - 3 * STEP_S), rel=1e-6)


def test_catalogue_steps_and_read_back(unit) -> None:
    assert unit.ask("PROG:CAT?") == ""
    _upload(unit, "wave1", "sv=5", "cjne #a,3,1")
    _upload(unit, "RAMP", "NOP")
    unit.write("PROG:CAT?")
    assert [unit.read() for _ in range(3)] == ["WAVE1", "RAMP", ""]
    unit.write("PROG:SEL:NAM WAVE1")
    assert unit.ask("PROG:SEL:NAM?") == "WAVE1"
    assert unit.ask("PROG:SEL:STE 2?") == "2 CJNE #A,3,1"
    assert unit.ask("PROG:SEL:STE 3?") == ""


@pytest.mark.parametrize(
    "step", ["SX=1", "W=0", "W=70000", "JP", "CJG MV,high,3", "CJL #Z,1,2", "SV=abc", "JP TOOLONGALABEL"]
)
def test_bad_steps_are_refused_at_upload(unit, step: str) -> None:
    unit.write("PROG:SEL:NAM BAD", f"PROG:SEL:STE 1 {step}")
    assert unit.ask("SYST:ERR?").split(",")[0] in ("-222", "-224")
    assert unit.ask("PROG:SEL:STE 1?") == ""


def test_nothing_selected_or_empty_does_not_run(unit) -> None:
    unit.write("PROG:SEL:STA RUN")
    assert unit.ask("SYST:ERR?").startswith("-221")
    unit.write("PROG:SEL:NAM 1BAD")
    assert unit.ask("SYST:ERR?").startswith("-224")


def test_only_saved_programs_outlast_a_loss_of_the_mains(ohmic_battery) -> None:
    unit = DeltaSM15K(DeltaOptions(), Circuit(SimClock(monotonic=ManualTime()), ohmic_battery))
    for line in (
        "PROG:SEL:NAM KEPT;STE 1 SV=2.5",
        "PROG:SAV",
        "PROG:SEL:NAM LOST;STE 1 END",
        "PROG:SEL:NAM KEPT;STE 1 SV=3.5",  # not saved either
    ):
        assert unit.execute(line) == []
    unit.power_down()
    assert unit.execute("PROG:CAT?") == ["KEPT\n"]
    unit.execute("PROG:SEL:NAM KEPT")
    assert unit.execute("PROG:SEL:STE 1?") == ["1 SV=2.5"]
