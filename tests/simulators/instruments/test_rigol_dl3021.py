"""Simulated DL3021 on the wire, by itself and with the open driver of `instro`."""

from __future__ import annotations

import contextlib

import pytest
from instro.eload.drivers.rigol_dl30xx import RigolDL30xx
from instro.eload.types import LoadMode, SlewRateDirection
from instro.lib.transports.visa import TerminatorConfig, TimeoutConfig, VisaConfig


@pytest.fixture
def bench(start, rigol_unit):
    return start([rigol_unit], wiring={"lead_resistance_ohm": 0.002})


@pytest.fixture
def load(bench):
    return bench.client("rigol-dl3021")


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("INP?", "0"),
        ("SOUR:FUNC?", "CC"),
        ("FUNC:MODE?", "WAV"),
        ("CURR:LEV:IMM?", "0.0000"),
        ("CURR:RANG?", "4"),
        ("CURR:SLEW?", "0.001"),
        ("CURR:SLEW:POS?", "0.000"),
        ("CURR:VON?", "0.000"),
        ("CURR:VLIM?", "155.000"),
        ("POW:ILIMT?", "70.0000"),
        ("CURR:TRAN:MODE?", "NONE"),
        ("CURR:TRAN:AWID?", "0.000000"),
        ("CURR:TRAN:FREQ?", "0.001000"),
        ("CURR:TRAN:PER?", "1000.000000"),
        ("CURR:TRAN:ADUT?", "50"),
        ("VOLT:RANG?", "150"),
        ("RES?", "2.000"),
        ("RES:RANG?", "15000"),
        ("POW?", "0.000"),
        ("BATT:RANG?", "40"),
        ("BATTARY:VON?", "0.500"),
        ("BATT:TEN?", "0"),
        ("OCP:IMAX?", "10.0000"),
        ("OPP:PMIN?", "90.000"),
        ("TRIG:SOUR?", "NULL"),
        ("WAV:TIM?", "0S"),
        ("SENS?", "0"),
        ("SYST:ERR?", '0,"No error"'),
    ],
)
def test_power_on_answers(load, query: str, answer: str) -> None:
    assert load.ask(query) == answer


def test_there_is_no_watchdog_the_host_dies_and_the_load_goes_on(bench, load) -> None:
    load.write("CURR:RANG 40", "CURR 20", "INP 1")
    load.sync()
    load.close()
    bench.time.advance(360.0)
    truth = bench.truth()
    assert truth["current_A"] == pytest.approx(-20)
    assert truth["charge_Ah"] == pytest.approx(-2)


def test_constant_current_and_six_decimals(bench, load) -> None:
    load.write("CURR:RANG 40", "CURR 10", "INP ON")
    assert load.ask("MEAS:CURR?") == "10.000000"
    assert load.number("MEAS:VOLT?") == pytest.approx(3.57, abs=1e-3)  # own terminals
    load.write("SENS ON")
    assert load.number("MEAS:VOLT?") == pytest.approx(3.59, abs=1e-3)  # posts
    assert load.number("MEAS:POW?") == pytest.approx(35.9, abs=0.01)
    bench.fault("sense_open", instrument="rigol-dl3021")
    assert load.number("MEAS:VOLT?") == pytest.approx(3.57, abs=1e-3)


def test_range_bounds_the_level(load) -> None:
    load.write("CURR 5")
    assert load.ask("SYST:ERR?") == '-222,"Data out of range"'
    load.write("CURR:RANG 40", "CURR 41", "CURR MAX")
    assert load.ask("CURR?") == "40.0000"
    assert load.ask("SYST:ERR?").startswith("-222")
    load.write("CURR:RANG 4")
    assert load.ask("CURR?") == "4.0000"


@pytest.mark.parametrize(
    ("function", "setting", "expected_A"),
    [("VOLT", "VOLT:RANG 15;:VOLT 3.55", 50 / 3), ("RES", "RES 0.5", 3.6 / 0.503), ("POW", "POW 36", 10.085)],
)
def test_other_functions(bench, load, function: str, setting: str, expected_A: float) -> None:
    load.write(f"FUNC {function}", setting, "INP 1")
    assert -bench.truth()["current_A"] == pytest.approx(expected_A, rel=5e-3)


def test_start_voltage_holds_it_back(bench, load) -> None:
    load.write("CURR:VON 3.7", "CURR 2", "INP 1")
    assert bench.truth()["current_A"] == 0.0
    load.write("INP 0", "CURR:VON 3.5", "INP 1")
    assert bench.truth()["current_A"] == pytest.approx(-2)


def test_too_much_power_trips_the_input(start, rigol_unit) -> None:
    bench = start([rigol_unit], battery={"cells": 10})
    load = bench.client("rigol-dl3021")
    load.write("CURR:RANG 40", "CURR 10", "INP 1")
    bench.advance(0.1)
    assert bench.truth()["output_on"] == [False]
    assert load.ask("CURR?") == "10.0000"


def test_list_plays_its_steps_at_their_times_and_switches_off(bench, load) -> None:
    load.write("FUNC:MODE LIST", "LIST:MODE CC", "LIST:RANG 40", "LIST:COUN 2", "LIST:STEP 3", "LIST:END OFF")
    for number, (level, width) in enumerate([(0, 0.5), (20, 1.25), (5, 2)]):
        load.write(f"LIST:LEV {number},{level}", f"LIST:WID {number},{width}", f"LIST:SLEW {number},1")
    load.write("TRIG:SOUR BUS", "TRIG")
    assert load.ask("SYST:ERR?") == '0,"No error"'
    bench.advance(0.6)
    assert load.number("MEAS:CURR?") == pytest.approx(20)
    bench.advance(60.0)
    truth = bench.truth()
    assert truth["output_on"] == [False]
    assert truth["charge_Ah"] * 3600 == pytest.approx(-2 * (20 * 1.25 + 5 * 2), rel=1e-9)


@pytest.mark.parametrize(("word", "answer"), [("BUS", "BUS"), ("EXTernal", "EXT"), ("MANU", "MANU")])
def test_trigger_source(load, word: str, answer: str) -> None:
    load.write(f"TRIG:SOUR {word}")
    assert load.ask("TRIG:SOUR?") == answer


def test_incomplete_list_does_not_start(load) -> None:
    load.write("FUNC:MODE LIST", "LIST:STEP 2", "LIST:LEV 0,1", "TRIG:SOUR BUS", "TRIG")
    assert load.ask("SYST:ERR?").startswith("-221")


def test_pulse_and_continuous_transient(bench, load) -> None:
    load.write("CURR:TRAN:MODE PULS;ALEV 1;BLEV 3;BWID 0.2", "CURR 1", "TRIG:SOUR BUS", "*TRG")
    bench.advance(10.0)
    assert bench.truth()["charge_Ah"] * 3600 == pytest.approx(-(3 * 0.2 + 1 * 9.8), rel=1e-6)
    load.write("INP 0", "CURR:TRAN:MODE CONT", "CURR:TRAN:PER 0.1", "CURR:TRAN:ADUT 25", "*TRG")
    before = bench.truth()["charge_Ah"]
    bench.advance(1.0)
    assert (bench.truth()["charge_Ah"] - before) * 3600 == pytest.approx(-(1 * 0.25 + 3 * 0.75), rel=1e-6)


def test_battery_mode_stops_at_its_voltage(bench, load) -> None:
    load.write("FUNC:MODE BATT", "BATT:RANG 40", "BATT:LEV 40", "BATT:VST 3.45", "BATT:VEN 1", "INP 1")
    bench.advance(3600.0)
    truth = bench.truth()
    assert truth["output_on"] == [False]
    assert load.number("MEAS:CAP?") == pytest.approx(-truth["charge_Ah"], rel=1e-3)
    assert 0 < -truth["charge_Ah"] < 40


def test_spare_second_line(bench, load) -> None:
    bench.fault("spare_line")
    load.write("MEAS:VOLT?")
    assert float(load.read()) == pytest.approx(3.6, abs=1e-3)
    assert load.read() == "0"


@contextlib.contextmanager
def _instro(bench):
    host, port = bench.address("rigol-dl3021")
    driver = RigolDL30xx(
        VisaConfig(
            f"TCPIP0::{host}::{port}::SOCKET",
            visa_backend="@py",
            terminator=TerminatorConfig("\n", "\n"),
            timeout=TimeoutConfig(recv=5),
        )
    )
    driver.open()
    try:
        yield driver
    finally:
        driver.close()


def test_instro_driver_discharges_and_reads(bench) -> None:
    with _instro(bench) as driver:
        driver.set_mode(LoadMode.CC, 1)
        driver.set_range(LoadMode.CC, 40, 1)
        driver.set_slewrate(SlewRateDirection.BOTH, 0.5, 1)
        driver.set_cc_params(v_on=1.0, v_limit=30, i_limit="MAX")
        driver.set_level(LoadMode.CC, 12.5, 1, None)
        driver.set_sense_state("ON")
        driver.output_enable(True, 1)
        assert driver.get_current(1) == pytest.approx(12.5, abs=1e-3)
        assert driver.get_voltage(1) == pytest.approx(3.5875, abs=1e-3)
        driver.output_enable(False, 1)
        assert driver.get_current(1) == 0.0


def test_instro_driver_runs_a_list(bench) -> None:
    with _instro(bench) as driver:
        driver.set_function_mode("LIST")
        driver.set_list_params(range=40, count=1, step=2, end_state="OFF")
        for number, (level, width) in enumerate([(10, 1.0), (2, 0.5)]):
            driver.set_list_step_params(step_num=number, level=level, width=width, slew=0.5)
        driver.set_trigger_source("BUS")
        driver.trigger()
        bench.time.advance(20.0)
        assert driver.get_current(1) == 0.0
    assert bench.truth()["charge_Ah"] * 3600 == pytest.approx(-11.0, rel=1e-9)


def test_instro_driver_meets_the_error_queue(bench) -> None:
    with _instro(bench) as driver:
        with pytest.raises(RuntimeError, match="-222"):
            driver.set_level(LoadMode.CC, 39, 1, None)
        driver.set_battery_params(range=40, level=1, v_stop=3, v_enab_stop="ON")
        driver.set_ocp_params(i_max=5, v_on=1)
        driver.set_wave_params(time="ADD", t_step=10)


def test_the_key_of_the_short_does_something_once_keys_are_let_in(load) -> None:
    load.write("CURR 1", "INP 1", "SYST:KEY 33")
    assert load.number("MEAS:CURR?") == pytest.approx(1.0, abs=1e-3)
    load.write("DEB:KEY 1", "SYST:KEY 33")
    assert load.number("MEAS:CURR?") > 30.0
    load.write("SYST:KEY 33", "SYST:KEY 8", "DEB:KEY 0")
    assert load.number("MEAS:CURR?") == pytest.approx(1.0, abs=1e-3)
    assert load.ask("SYST:ERR?") == '0,"No error"'
