"""Physics through the wire: leads, sense, contactor, wiring faults."""

from __future__ import annotations

import pytest

RELAY = {"coils": {"cut": 3}, "inputs": {"estop": 0, "interlock": 1, "fb": 4}}
CUTOFF = {"cutoff_coil": "cut", "feedback_input": "fb", "lead_resistance_ohm": 0.002}


def _discharge(unit, amps: float, stop_V: float = 2.5) -> None:
    unit.write(
        f"SOUR:VOLT {stop_V:g}",
        "SOUR:CURR 0",
        f"SOUR:CURR:NEG -{amps:g}",
        "SOUR:POW 15000",
        "SOUR:POW:NEG -15000",
        "OUTP 1",
    )


def test_current_sense_and_lead_drop(start, delta_unit) -> None:
    bench = start([delta_unit], wiring={"lead_resistance_ohm": 0.002})
    unit = bench.client("delta-sm15k")
    assert unit.number("MEAS:VOLT?") == pytest.approx(3.6, abs=2e-3)
    _discharge(unit, 100)
    assert unit.number("MEAS:CURR?") == pytest.approx(-100, abs=0.02)
    assert unit.number("MEAS:VOLT?") == pytest.approx(3.5, abs=2e-3)
    bench.fault("sense_open")
    assert unit.number("MEAS:VOLT?") == pytest.approx(3.3, abs=2e-3)
    bench.fault("contact_resistance", 0.003)
    assert unit.number("MEAS:VOLT?") == pytest.approx(3.0, abs=2e-3)
    bench.fault("sense_open", False)
    assert unit.number("MEAS:VOLT?") == pytest.approx(3.5, abs=2e-3)


def test_energy_that_left_is_energy_that_was_counted(start, delta_unit) -> None:
    bench = start([delta_unit])
    unit = bench.client("delta-sm15k")
    unit.write("MEAS:INS AH,STATE,ON")
    _discharge(unit, 100)
    bench.advance(36.0)
    truth = bench.truth()
    assert truth["charge_Ah"] == pytest.approx(-1.0, rel=1e-9)
    assert truth["soc"] == pytest.approx(0.48, rel=1e-9)
    assert unit.number("MEAS:INS AH,NEG,TOTAL?") == pytest.approx(-1.0, rel=1e-6)
    assert unit.number("MEAS:INS AH,TIMESEC?") == pytest.approx(36.0, abs=0.05)


def test_voltage_limit_ends_a_discharge(start, delta_unit) -> None:
    bench = start([delta_unit], battery={"soc": 0.30})
    unit = bench.client("delta-sm15k")
    _discharge(unit, 200, stop_V=3.155)
    assert bench.truth()["current_A"] == pytest.approx(-200)
    bench.advance(60.0)
    truth = bench.truth()
    assert truth["voltage_V"] == pytest.approx(3.155, abs=1e-3)
    assert -200 < truth["current_A"] < 0
    assert int(unit.ask("STAT:REG:A?")) & 0b111 == 0b001


def test_power_limit_bounds_the_current(start, delta_unit) -> None:
    bench = start([delta_unit])
    unit = bench.client("delta-sm15k")
    _discharge(unit, 100)
    unit.write("SOUR:POW:NEG -70")
    truth = bench.truth()
    terminals_V = truth["voltage_V"] + truth["current_A"] * 0.002
    assert -truth["current_A"] * terminals_V == pytest.approx(70.0, rel=0.005)
    assert int(unit.ask("STAT:REG:A?")) & 0b111 == 0b100


def test_open_contactor_stops_current_whatever_the_instruments_do(start, delta_unit, rigol_unit) -> None:
    bench = start([delta_unit, rigol_unit], relay=RELAY, wiring=CUTOFF)
    unit = bench.client("delta-sm15k")
    _discharge(unit, 100)
    bench.advance(1.0)
    truth = bench.truth()
    assert (truth["current_A"], truth["charge_Ah"], truth["cutoff_closed"]) == (0.0, 0.0, False)
    assert truth["output_on"] == [True, False]
    assert unit.number("MEAS:CURR?") == 0.0
    assert unit.number("MEAS:VOLT?") == pytest.approx(3.6, abs=2e-3)  # sense is at the posts


def test_reversed_battery_is_seen_negative_and_blows_the_fuse_only_when_closed(start, delta_unit) -> None:
    bench = start([delta_unit], relay=RELAY, wiring={**CUTOFF, "polarity_reversed": True})
    unit = bench.client("delta-sm15k")
    assert unit.number("MEAS:VOLT?") == pytest.approx(-3.6, abs=2e-3)
    assert bench.truth()["fuse_blown"] is False
    bench.fault("contactor_welded")
    _discharge(unit, 100)
    bench.advance(1.0)
    truth = bench.truth()
    assert truth["fuse_blown"] is True
    assert truth["current_A"] == 0.0


def test_new_battery_can_be_connected(start, delta_unit) -> None:
    bench = start([delta_unit])
    unit = bench.client("delta-sm15k")
    assert bench.control("connect", channel="1", battery={"soc": 1.0}, seed=3)["ok"]
    assert unit.number("MEAS:VOLT?") == pytest.approx(4.2, abs=2e-3)
    assert bench.truth()["soc"] == 1.0
