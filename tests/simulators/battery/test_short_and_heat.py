"""An internal short and a heater: charge, energy and temperature by hand, for every kind of battery."""

from __future__ import annotations

import pytest

from simulators.battery import build_battery
from simulators.battery.base import Innards
from simulators.battery.short import ShortedBattery
from simulators.clock import ManualTime, SimClock
from simulators.wiring import Circuit

MODEL = {"kind": "model", "chemistry": "NMC", "nominal_capacity_Ah": 40, "soh": 0.9, "soc": 0.6}
MEASURED = {"kind": "measured", "chemistry": "LFP", "nominal_capacity_Ah": 20, "soc": 0.5}
BATTERIES = {
    "model cell": MODEL,
    "measured cell": MEASURED,
    "model string": {"kind": "string", "series": 6, "cell": MODEL},
    "measured string": {"kind": "string", "series": 4, "cell": MEASURED},
}


@pytest.fixture(params=sorted(BATTERIES))
def battery(request):
    return build_battery(BATTERIES[request.param], seed=3)


def test_a_short_divides_the_cells_voltage_with_its_resistance(battery) -> None:
    cell = battery.series_cells
    sound_V = battery.cell_voltages_V(0.0)[cell - 1]
    ohm = battery.cell_voltages_V(1.0)[cell - 1] - sound_V
    terminal_V = battery.voltage_V(0.0)
    shorted = ShortedBattery(battery, cell=cell, short_ohm=ohm * 9)
    assert shorted.cell_voltages_V(0.0)[cell - 1] == pytest.approx(sound_V * 0.9, rel=1e-9)
    assert shorted.voltage_V(0.0) == pytest.approx(terminal_V - sound_V * 0.1, rel=1e-9)
    assert shorted.leak_A(0.0) == pytest.approx(sound_V / (ohm * 10), rel=1e-9)
    current_A = shorted.current_for_voltage_A(terminal_V)
    assert current_A > 0.0
    assert shorted.voltage_V(current_A) == pytest.approx(terminal_V, rel=1e-6)


def test_the_leak_empties_and_heats_one_cell_only(battery) -> None:
    cell = battery.series_cells
    shorted = ShortedBattery(battery, cell=cell, short_ohm=5.0)
    before_degC, before = battery.temperatures_degC(), battery.cell_voltages_V(0.0)
    power_W = before[cell - 1] * shorted.leak_A(0.0)
    shorted.advance(0.0, 10.0)
    rise_K = battery.temperatures_degC()[cell - 1] - before_degC[cell - 1]
    reference = build_battery(MODEL if "NMC" in battery.truth().chemistry else MEASURED, seed=3)
    assert isinstance(reference, Innards)
    was_degC = reference.temperatures_degC()[0]
    reference.leak(0, 0.0, power_W * 10.0)
    reference.advance(0.0, 10.0)
    assert rise_K == pytest.approx(reference.temperatures_degC()[0] - was_degC, rel=1e-9)
    assert rise_K > 0.0
    assert battery.temperatures_degC()[: cell - 1] == pytest.approx(before_degC[: cell - 1])
    battery.leak(cell - 1, 0.4 * battery.truth().capacity_Ah * 3600, 0.0)
    after = battery.cell_voltages_V(0.0)
    assert after[cell - 1] < before[cell - 1]
    assert after[: cell - 1] == pytest.approx(before[: cell - 1])


def test_charge_and_energy_of_a_leak_add_up() -> None:
    cell = build_battery({**MODEL, "heat_capacity_J_K": 800.0}, seed=1)
    shorted = ShortedBattery(cell, cell=1, short_ohm=2.0)
    soc, charge_As, energy_J = cell.truth().soc, 0.0, 0.0
    for _ in range(60):
        leak_A = shorted.leak_A(0.0)
        charge_As += leak_A
        energy_J += leak_A * cell.cell_voltages_V(0.0)[0]
        shorted.advance(0.0, 1.0)
    assert soc - cell.truth().soc == pytest.approx(charge_As / 3600 / cell.truth().capacity_Ah, rel=1e-6)
    # 60 s against a thermal time constant of 1800 s: 1.7 % of the heat has left.
    assert cell.temperatures_degC()[0] - 25.0 == pytest.approx(energy_J / 800.0, rel=0.03)


@pytest.mark.parametrize("kind", sorted(BATTERIES))
def test_a_heater_and_a_short_through_the_wiring(kind) -> None:
    time = ManualTime()
    circuit = Circuit(SimClock(monotonic=time), build_battery(BATTERIES[kind], seed=3))
    before_degC = circuit.battery.temperatures_degC()
    before_V = circuit.posts_V()
    circuit.faults.set("temperature_ramp", 0.25)
    time.advance(20.0)
    circuit.advance()
    for was, now in zip(before_degC, circuit.battery.temperatures_degC(), strict=True):
        assert now - was == pytest.approx(5.0, rel=0.01)
    circuit.faults.set("temperature_ramp", None)
    circuit.faults.set("internal_short", 0.01)
    assert circuit.posts_V() < before_V - 0.05
    time.advance(60.0)
    circuit.advance()
    heat = circuit.battery.temperatures_degC()
    assert heat[0] - before_degC[0] > 10.0
    circuit.faults.set("internal_short", None)
    after_V = circuit.posts_V()
    assert after_V < before_V
    assert circuit.charge_Ah == 0.0
