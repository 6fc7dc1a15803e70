"""Power capability and the two-step resistance against the closed form of an exact circuit."""

from __future__ import annotations

import pytest

from station.diagnosis.pulses import Record, analyse
from station.diagnosis.pulses.power import STANDARD_TIMES_S, power_capability, two_step_resistance
from tests.station.diagnosis_pulses.circuit import Circuit

HPPC = [(0.0, 30.0), (-40.0, 30.0), (0.0, 40.0), (30.0, 10.0), (0.0, 40.0)]


def test_power_is_that_of_the_circuit_at_each_standard_time() -> None:
    circuit = Circuit()
    record = Record(*circuit.record(HPPC, 0.01))
    block = analyse(record, times_s=STANDARD_TIMES_S).blocks[0]
    powers = {p.time_s: p for p in power_capability(block, voltage_min_V=2.8, voltage_max_V=4.2)}
    assert set(powers) == set(STANDARD_TIMES_S)
    for time_s, power in powers.items():
        wanted_W = 2.8 * (circuit.ocv - 2.8) / circuit.resistance(time_s)
        assert power.discharge_power_W == pytest.approx(wanted_W, rel=0.005)
        assert power.discharge_current_A == pytest.approx(-40.0)
    # The charge pulse lasts 10 s: beyond that nothing is known, and nothing is said.
    assert powers[18.0].charge_power_W is None
    ten = powers[10.0]
    assert ten.charge_resistance_ohm is not None
    assert ten.charge_power_W == pytest.approx(4.2 * (4.2 - ten.ocv_V) / ten.charge_resistance_ohm)


def test_an_ocv_beyond_the_limit_leaves_no_power() -> None:
    record = Record(*Circuit(ocv=2.7).record(HPPC, 0.1))
    block = analyse(record, times_s=(10.0,)).blocks[0]
    assert [p.discharge_power_W for p in power_capability(block, voltage_min_V=2.8, voltage_max_V=4.2)] == [0]


def test_limits_the_wrong_way_round_are_refused() -> None:
    block = analyse(Record(*Circuit().record(HPPC, 0.1))).blocks[0]
    with pytest.raises(ValueError, match="voltage_min_V"):
        power_capability(block, voltage_min_V=4.2, voltage_max_V=2.8)


def test_two_levels_at_once_give_the_two_step_resistance() -> None:
    circuit = Circuit(docv_per_Ah=0.0)
    record = Record(*circuit.record([(0.0, 30.0), (-4.0, 10.0), (-20.0, 1.0), (0.0, 60.0)], 0.01))
    found = two_step_resistance(analyse(record).blocks[0])
    assert found is not None
    assert (found.first_s, found.second_s) == pytest.approx((10.0, 1.0), abs=0.02)
    # By superposition: the first level went on settling for one second, the step of 16 A worked for one.
    drop_V = 16.0 * circuit.resistance(1.0) + 4.0 * (circuit.resistance(11.0) - circuit.resistance(10.0))
    assert found.resistance_ohm == pytest.approx(drop_V / 16.0, rel=0.005)


def test_a_rest_between_the_levels_is_no_two_step_measurement() -> None:
    record = Record(
        *Circuit().record([(0.0, 30.0), (-4.0, 10.0), (0.0, 20.0), (-20.0, 1.0), (0.0, 60.0)], 0.01)
    )
    assert two_step_resistance(analyse(record).blocks[0]) is None
