"""Regression tests: what breaks other pulse analysers on real records must not break this one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from station.diagnosis.pulses import Record, analyse
from tests.station.diagnosis_pulses.circuit import Circuit
from tests.station.diagnosis_pulses.conftest import columns

TRAIN = "pybamm/ecm2rc_clean_pulsebat5s.csv"


def test_failure_1_a_time_beyond_the_pulse_is_missing_not_the_rest_voltage() -> None:
    pulses = analyse(Record(*columns(TRAIN)), times_s=(4.9, 5.0, 5.1, 10.0)).pulses
    for pulse in pulses:
        assert pulse.resistance(5.0) == pytest.approx(0.0045826, rel=0.002)
        assert pulse.resistance(4.9) is not None
        assert pulse.resistance(5.1) is None
        assert pulse.resistance(10.0) is None


def test_failure_2_ten_hertz_data_cannot_give_ten_milliseconds() -> None:
    pulses = analyse(Record(*columns("pybamm/ecm2rc_clean_hppc10s_10Hz.csv"))).pulses
    assert [pulse.resistance(0.01) for pulse in pulses] == [None, None]
    assert pulses[0].resistance(0.1) == pytest.approx(0.00268905, rel=0.001)
    assert [pulse.voltage_10ms_V for pulse in pulses] == [None, None]


def test_failure_3_pulses_come_in_time_order() -> None:
    starts = [pulse.start_s for pulse in analyse(Record(*columns(TRAIN))).pulses]
    assert starts == sorted(starts)
    assert len(starts) == 10


def test_failure_4_rest_current_of_one_digit_and_charge_step_without_rest() -> None:
    analysis = analyse(Record(*columns("hppc/leaf2013_hppc_25C.csv")))
    discharges = [pulse for pulse in analysis.pulses if pulse.current_A < 0]
    charges = [pulse for pulse in analysis.pulses if pulse.current_A > 0]
    assert (len(discharges), len(charges)) == (10, 10)
    assert [len(block.pulses) for block in analysis.blocks] == [2] * 10
    for pulse in discharges:
        assert pulse.current_A == pytest.approx(-30.0, abs=0.05)
        assert pulse.duration_s == pytest.approx(30.0, abs=0.1)
        assert 0.0 <= pulse.rest_current_A <= 0.01
        assert pulse.resistance(0.1) is None  # sampled at 0.5 s
    # The first charge pulse hits 4.2 V and tapers from 20 to 16 A: no steady current, no number.
    assert [pulse.clipped for pulse in charges] == [True] + [False] * 9
    assert charges[0].resistance(5.0) is None
    for pulse in charges[1:]:
        assert pulse.duration_s == pytest.approx(10.0, abs=0.05)
        assert 1.9e-3 < float(pulse.resistance(10.0) or 0.0) < 2.8e-3
    assert any("0.01 A at rest" in note for note in analysis.notes)


def test_failure_4_resistances_of_the_real_record_read_by_hand() -> None:
    pulse = analyse(Record(*columns("hppc/leaf2013_hppc_25C.csv"))).blocks[1].pulses[0]
    # 4.086 V at rest; 4.036 V and 4.022 V at 1.0 and 10.0 s of −30 A (rest current +0.01 A).
    assert pulse.voltage_before_V == pytest.approx(4.086, abs=5e-4)
    assert pulse.resistance(1.0) == pytest.approx((4.086 - 4.036) / 30.01, rel=0.005)


def test_failure_5_a_constant_offset_changes_nothing() -> None:
    t, current, volts = columns(TRAIN)
    clean = analyse(Record(t, current, volts)).pulses
    shifted = analyse(Record(t, current + 0.05, volts))
    assert len(shifted.pulses) == len(clean)
    for a, b in zip(clean, shifted.pulses, strict=True):
        assert b.rest_current_A == pytest.approx(0.05, abs=1e-9)
        for asked in (0.01, 0.1, 1.0, 5.0):
            assert b.resistance(asked) == pytest.approx(a.resistance(asked), rel=1e-9)
    assert any("at rest" in note for note in shifted.notes)


@pytest.mark.parametrize("rows", [1, 2, -1])
def test_failure_6_a_late_or_early_voltage_channel_is_found_and_corrected(rows: int) -> None:
    steps = [(0.0, 10.0), (-20.0, 10.0), (0.0, 30.0), (15.0, 10.0), (0.0, 30.0)]
    circuit = Circuit()
    t, current, volts = circuit.record(steps, 0.01)
    late = np.interp(t - rows * 0.01, t, volts)
    analysis = analyse(Record(t, current, late))
    assert len(analysis.pulses) == 2
    for pulse in analysis.pulses:
        assert pulse.voltage_lag_s == pytest.approx(rows * 0.01, abs=1e-6)
        tolerance = 0.02 if pulse.current_A > 0 else 0.005  # the second starts before the first has relaxed
        for asked in (0.01, 0.1, 1.0, 5.0):
            assert pulse.resistance(asked) == pytest.approx(circuit.resistance(asked), rel=tolerance)
    assert any("corrected" in note for note in analysis.notes)


def test_failure_6_a_clean_record_has_no_lag() -> None:
    for name in (TRAIN, "hppc/leaf2013_hppc_25C.csv", "pybamm/pybamm_prada2013_lfp_fresh_hppc.csv"):
        assert {pulse.voltage_lag_s for pulse in analyse(Record(*columns(name))).pulses} == {0.0}


def test_failure_6_slewing_current_gives_no_early_number_and_true_later_ones(oracle: dict[str, Any]) -> None:
    name = "ecm2rc_slew20ms_hppc10s_100Hz.csv"
    truth = oracle["ecm2rc_clean_pulsebat5s.csv"]["closed_form_first_pulse_R_ohm"]
    pulses = analyse(Record(*columns(f"pybamm/{name}"))).pulses
    assert len(pulses) == 2
    for pulse in pulses:
        assert pulse.resistance(0.01) is None
        assert pulse.rise_s == pytest.approx(0.07, abs=0.011)
        assert pulse.duration_s == pytest.approx(10.0, abs=0.01)  # the decay tail is not counted in
        # The second pulse starts before the first has relaxed, which adds up to 1.5 % by its end.
        tolerance = 0.015 if pulse.current_A > 0 else 0.005
        for asked in ("0.1", "1.0", "5.0", "10.0"):
            assert pulse.resistance(float(asked)) == pytest.approx(truth[asked], rel=tolerance)


def test_failure_7_a_charge_neutral_train_is_one_block_with_finite_charge() -> None:
    analysis = analyse(Record(*columns(TRAIN)), nominal_capacity_Ah=20.0)
    assert len(analysis.blocks) == 1
    block = analysis.blocks[0]
    assert block.charge_before_Ah == pytest.approx(0.0, abs=1e-9)
    assert sum(pulse.charge_Ah for pulse in block.pulses) == pytest.approx(0.0, abs=1e-6)
    assert block.ocv_V == pytest.approx(3.9, abs=1e-6)
    assert block.ocv_drift_V_per_s == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("nominal", [None, 5.0])
def test_failure_8_soc_steps_are_not_pulses_but_part_blocks(nominal: float | None) -> None:
    analysis = analyse(
        Record(*columns("pybamm/pybamm_chen2020_nmc811_fresh_hppc.csv")), nominal_capacity_Ah=nominal
    )
    assert [len(block.pulses) for block in analysis.blocks] == [2] * 8
    moved = np.diff([block.charge_before_Ah for block in analysis.blocks])
    assert moved == pytest.approx([-0.5153 - 0.0035] * 7, abs=5e-4)  # a tenth of the capacity, and the pulses


def test_failure_9_a_first_row_with_the_new_voltage_and_the_old_current() -> None:
    t, current, volts = columns(TRAIN)
    first = int(np.flatnonzero(current)[0])
    rows = np.insert(np.arange(t.size), first, first)  # one more row at the edge, 1 ms after the rest row
    t2, i2, v2 = t[rows].copy(), current[rows].copy(), volts[rows].copy()
    t2[first], i2[first], v2[first] = t[first - 1] + 0.001, 0.0, volts[first] - 1e-5
    pulse = analyse(Record(t2, i2, v2)).pulses[0]
    assert pulse.voltage_before_V == pytest.approx(3.9, abs=1e-5)
    assert pulse.resistance(1.0) == pytest.approx(0.0036962, rel=0.005)


def test_failure_9_repeated_rows_and_missing_temperatures() -> None:
    t, current, volts = columns(TRAIN)
    again = np.sort(np.concatenate((np.arange(t.size), np.arange(90, t.size, 50))))
    warm = np.full(again.size, np.nan)
    warm[::3] = 25.0
    record = Record(t[again], current[again], volts[again], warm)
    assert record.notes.duplicate_rows == again.size - t.size
    assert record.notes.missing_temperatures > 0
    analysis = analyse(record)
    clean = analyse(Record(t, current, volts))
    assert [pulse.resistance_ohm for pulse in analysis.pulses] == [
        pulse.resistance_ohm for pulse in clean.pulses
    ]
    assert analysis.blocks[0].temperature_degC == pytest.approx(25.0)
    assert sum("repeated" in note or "temperature" in note for note in analysis.notes) == 2
    assert Record(t, current, volts, np.full(t.size, np.nan)).temperature_degC is None


def test_failure_9_rows_of_two_steps_at_one_instant_keep_the_edge() -> None:
    t, current, volts = Circuit().record([(0.0, 60.0), (-20.0, 10.0), (0.0, 40.0)], 0.1)
    edge = int(np.flatnonzero(current)[0]) - 1  # the last rest row
    rows = np.insert(np.arange(t.size), edge + 1, edge)
    t2, i2, v2 = t[rows].copy(), current[rows].copy(), volts[rows].copy()
    i2[edge + 1], v2[edge + 1] = -20.0, volts[edge] - 20.0 * Circuit().resistance(0.0)
    record = Record(t2, i2, v2)
    assert record.notes.coincident_rows == 1
    pulse = analyse(record).pulses[0]
    assert pulse.start_s == pytest.approx(60.0, abs=1e-3)
    assert pulse.resistance(0.1) == pytest.approx(Circuit().resistance(0.1), rel=0.005)


def test_adjacent_pulses_without_rest_are_two_pulses() -> None:
    t, current, volts = Circuit().record([(0.0, 30.0), (20.0, 5.0), (-20.0, 5.0), (0.0, 60.0)], 0.01)
    pulses = analyse(Record(t, current, volts)).pulses
    assert [round(pulse.current_A) for pulse in pulses] == [20, -20]
    assert [pulse.after_rest for pulse in pulses] == [True, False]
    assert pulses[1].rest_current_A == pytest.approx(20.0)
    assert pulses[1].resistance(0.01) == pytest.approx(Circuit().resistance(0.01), rel=0.005)


def test_a_two_level_test_gives_the_step_up_as_a_pulse() -> None:
    t, current, volts = Circuit().record([(0.0, 30.0), (-4.0, 10.0), (-20.0, 1.0), (0.0, 60.0)], 0.1)
    pulses = analyse(Record(t, current, volts)).pulses
    assert [pulse.current_A for pulse in pulses] == [pytest.approx(-4.0), pytest.approx(-20.0)]
    assert pulses[1].rest_current_A == pytest.approx(-4.0)
    assert pulses[1].duration_s == pytest.approx(1.0, abs=1e-6)


def test_a_pulse_cut_by_protection_is_marked_and_keeps_its_early_numbers() -> None:
    discharge, charge = analyse(Record(*columns("pybamm/ecm2rc_clipped_hppc10s_100Hz.csv"))).pulses
    assert (discharge.clipped, charge.clipped) == (False, True)
    assert charge.duration_s == pytest.approx(1.66, abs=0.011)
    assert charge.resistance(1.0) == pytest.approx(0.003704, rel=0.005)
    assert charge.resistance(5.0) is None


def test_a_pulse_that_the_record_does_not_end_is_marked() -> None:
    t, current, volts = Circuit().record([(0.0, 30.0), (20.0, 5.0)], 0.01)
    (pulse,) = analyse(Record(t, current, volts)).pulses
    assert pulse.clipped
    assert pulse.recovered_voltage_V is None
    assert pulse.resistance(1.0) == pytest.approx(Circuit().resistance(1.0), rel=0.005)


def test_milliampere_cells_need_no_other_threshold() -> None:
    """A coin-size cell: rests logged every 10 s, pulses at 10 Hz with a first row after 1 ms."""
    circuit = Circuit(r0=17.0, r1=1.0, tau1=2.0, r2=4.0, tau2=40.0, docv_per_Ah=0.0)
    pulse_s = np.concatenate(([0.001], np.arange(1, 301) * 0.1 + 0.001))
    rest_s = np.arange(1, 31) * 10.0
    t = np.concatenate((np.arange(0.0, 601.0, 10.0), 600.0 + pulse_s, 630.001 + rest_s))
    current = np.where((t > 600.0) & (t <= 630.001), -3.2e-3, -0.0)
    volts = 3.9 + np.where(t > 600.0, -3.2e-3 * circuit.response(np.maximum(t - 600.0, 0.0)), 0.0)
    volts += np.where(t > 630.001, 3.2e-3 * circuit.response(np.maximum(t - 630.001, 0.0)), 0.0)
    (pulse,) = analyse(Record(t, current, volts)).pulses
    assert pulse.current_A == pytest.approx(-3.2e-3)
    assert pulse.duration_s == pytest.approx(30.0, abs=0.01)
    for asked in (0.01, 0.1, 1.0, 5.0, 10.0):
        assert pulse.resistance(asked) == pytest.approx(circuit.resistance(asked), rel=0.005)


def test_a_thinned_rest_does_not_move_the_edge() -> None:
    t, current, volts = Circuit().record([(0.0, 63.0), (-20.0, 10.0), (0.0, 60.0)], 0.1)
    keep = (current != 0.0) | (np.arange(t.size) % 100 == 0)  # rests logged every 10 s
    (pulse,) = analyse(Record(t[keep], current[keep], volts[keep])).pulses
    assert pulse.start_s == pytest.approx(63.0, abs=1e-6)
    for asked in (0.1, 1.0, 10.0):
        assert pulse.resistance(asked) == pytest.approx(Circuit().resistance(asked), rel=0.005)


def test_a_weak_long_step_beside_strong_short_pulses_sets_the_soc() -> None:
    steps = [(0.0, 30.0), (-20.0, 10.0), (0.0, 40.0), (-7.0, 100.0), (0.0, 200.0), (-20.0, 10.0), (0.0, 60.0)]
    analysis = analyse(Record(*Circuit().record(steps, 0.1)))
    assert [[round(pulse.current_A) for pulse in block.pulses] for block in analysis.blocks] == [[-20], [-20]]


def test_one_stray_sample_is_not_a_pulse() -> None:
    t, current, volts = Circuit().record([(0.0, 20.0), (20.0, 5.0), (0.0, 75.0)], 0.01)
    current[500] = 35.0
    assert [round(pulse.start_s) for pulse in analyse(Record(t, current, volts)).pulses] == [20]


def test_a_filtered_voltage_input_gives_no_number_before_it_has_followed() -> None:
    t, current, volts = Circuit().record([(0.0, 10.0), (-20.0, 10.0), (0.0, 30.0)], 0.01)
    filtered = 0.5 * volts + 0.5 * np.concatenate((volts[:1], volts[:-1]))
    (pulse,) = analyse(Record(t, current, filtered)).pulses
    assert pulse.resistance(0.01) is None
    assert pulse.voltage_10ms_V is None
    assert pulse.resistance(1.0) == pytest.approx(Circuit().resistance(1.0), rel=0.005)


@pytest.mark.parametrize("current", [0.0, 5.0])
def test_a_record_without_steps_has_no_pulses(current: float) -> None:
    t = np.arange(100.0)
    assert analyse(Record(t, np.full(100, current), np.full(100, 3.7))).blocks == ()
