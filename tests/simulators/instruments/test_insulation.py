"""The insulation network against the formula of the measurement with the battery's own voltage."""

from __future__ import annotations

from math import exp

import pytest

from simulators.faults import FaultSet
from simulators.insulation import InsulationNetwork

BATTERY_V, TEST_OHM, METER_OHM = 350.0, 175e3, 10e6


@pytest.fixture
def faults() -> FaultSet:
    return FaultSet("the wiring")


def _network(faults: FaultSet, **options) -> InsulationNetwork:
    settings = {"minus_ohm": 1e6, "plus_ohm": 1e6, "voltmeter_ohm": METER_OHM, "test_ohm": TEST_OHM}
    return InsulationNetwork(faults, **{**settings, **options})


def _with_meter(ohm: float) -> float:
    return 1 / (1 / ohm + 1 / METER_OHM)


@pytest.mark.parametrize(("minus_ohm", "plus_ohm"), [(1e6, 1e6), (5e6, 30e3), (2e6, 400e3), (20e3, 3e6)])
def test_the_formula_gives_the_networks_resistances_back(faults, minus_ohm, plus_ohm) -> None:
    network = _network(faults, minus_ohm=minus_ohm, plus_ohm=plus_ohm)
    v1, v2 = network.voltages_V(BATTERY_V, 0.0)
    assert v1 + v2 == pytest.approx(BATTERY_V)
    network.change(BATTERY_V, 0.0, test_closed=True)
    v1_test, _ = network.voltages_V(BATTERY_V, 1.0)
    plus = TEST_OHM * BATTERY_V * (1 / v1_test - 1 / v1)
    assert plus == pytest.approx(_with_meter(plus_ohm), rel=1e-9)
    assert plus * v1 / v2 == pytest.approx(_with_meter(minus_ohm), rel=1e-9)


def test_a_test_resistor_at_plus_measures_the_minus_pole(faults) -> None:
    network = _network(faults, minus_ohm=50e3, plus_ohm=4e6, test_pole="plus")
    _, v2 = network.voltages_V(BATTERY_V, 0.0)
    network.change(BATTERY_V, 0.0, test_closed=True)
    _, v2_test = network.voltages_V(BATTERY_V, 0.0)
    assert TEST_OHM * BATTERY_V * (1 / v2_test - 1 / v2) == pytest.approx(_with_meter(50e3), rel=1e-9)


def test_the_y_capacitors_take_their_time(faults) -> None:
    network = _network(faults, y_capacitance_F=200e-9)
    start_V = network.voltages_V(BATTERY_V, 10.0)[0]
    assert start_V == pytest.approx(BATTERY_V / 2)
    network.change(BATTERY_V, 10.0, test_closed=True)
    pole_S = 1 / _with_meter(1e6)
    end_V = BATTERY_V * pole_S / (2 * pole_S + 1 / TEST_OHM)
    tau_s = 2 * 200e-9 / (2 * pole_S + 1 / TEST_OHM)
    for part in (0.0, 0.5, 1.0, 3.0):
        expected_V = end_V + (start_V - end_V) * exp(-part)
        assert network.voltages_V(BATTERY_V, 10.0 + part * tau_s)[0] == pytest.approx(expected_V, rel=1e-9)


def test_a_fault_acts_from_the_moment_it_began(faults) -> None:
    network = _network(faults, y_capacitance_F=200e-9)
    assert network.voltages_V(BATTERY_V, 0.0)[0] == pytest.approx(BATTERY_V / 2)
    faults.set("insulation_low", 20e3)
    network.change(BATTERY_V, 100.0, test_closed=False)
    assert network.voltages_V(BATTERY_V, 100.0)[0] == pytest.approx(BATTERY_V / 2)
    assert network.voltages_V(BATTERY_V, 101.0)[0] < 0.05 * BATTERY_V
    assert network.resistance_ohm() == pytest.approx(_with_meter(20e3))
    faults.set("insulation_low", None)
    faults.set("insulation_low_plus", 30e3)
    network.change(BATTERY_V, 200.0, test_closed=False)
    minus_V, plus_V = network.voltages_V(BATTERY_V, 300.0)
    assert plus_V < 0.05 * BATTERY_V < minus_V


def test_a_reversed_battery_shows_both_voltages_negative(faults) -> None:
    minus_V, plus_V = _network(faults).voltages_V(-BATTERY_V, 0.0)
    assert minus_V == pytest.approx(-BATTERY_V / 2)
    assert plus_V == pytest.approx(-BATTERY_V / 2)
