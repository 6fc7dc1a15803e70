"""Circuits of one to three elements: the order is found, the intervals cover, and ignorance is told."""

from __future__ import annotations

import numpy as np
import pytest

from station.diagnosis.ecm.circuits import best_circuit, fit_circuits
from station.diagnosis.pulses import Record, analyse
from tests.station.diagnosis_pulses.circuit import Circuit
from tests.station.diagnosis_pulses.conftest import columns

TRAIN = [(0.0, 30.0)] + [
    step for amps in (10.0, 25.0, 50.0) for step in ((amps, 5.0), (0.0, 75.0), (-amps, 5.0), (0.0, 75.0))
]


def record_of(circuit: Circuit, noise_V: float = 0.0, seed: int = 1) -> Record:
    t, current, volts = circuit.record(TRAIN, 0.1)
    return Record(t, current, volts + np.random.default_rng(seed).normal(0.0, noise_V, t.size))


@pytest.mark.parametrize(
    ("circuit", "order"),
    [(Circuit(r1=0.0, r2=3e-3, tau2=12.0), 1), (Circuit(), 2)],
)
def test_the_order_of_the_circuit_is_found_under_noise(circuit: Circuit, order: int) -> None:
    record = record_of(circuit, 2e-4)
    best = best_circuit(fit_circuits(record, analyse(record).blocks[0]))
    assert best is not None
    assert len(best.elements) == order
    assert best.elements[-1].tau_s.estimate == pytest.approx(circuit.tau2, rel=0.03)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    circuit, inside, asked = Circuit(), 0, 0
    for seed in range(25):
        record = record_of(circuit, 5e-4, seed)
        fits = fit_circuits(record, analyse(record).blocks[0], max_order=2)
        fast, slow = fits[1].elements
        for value, truth in (
            (fits[1].r0_ohm, circuit.r0),
            (fast.resistance_ohm, circuit.r1),
            (fast.tau_s, circuit.tau1),
            (slow.resistance_ohm, circuit.r2),
            (slow.tau_s, circuit.tau2),
        ):
            asked += 1
            inside += value.low90 <= truth <= value.high90
    assert 0.8 <= inside / asked <= 0.98  # 90 % of 125, give or take three standard deviations


def test_a_third_element_that_is_not_there_is_told_apart() -> None:
    record = Record(*columns("pybamm/ecm2rc_noise05mV_pulsebat5s.csv"))
    fits = fit_circuits(record, analyse(record).blocks[0])
    assert fits[1].identified
    assert all(not fit.identified for fit in fits[2:])
    best = best_circuit(fits)
    assert best is fits[1]


def test_the_impedance_is_that_of_the_circuit() -> None:
    circuit = Circuit()
    record = record_of(circuit)
    fit = fit_circuits(record, analyse(record).blocks[0])[1]
    hertz = np.array([1e-2, 0.1, 1.0])
    omega = 2j * np.pi * hertz
    wanted = circuit.r0 + circuit.r1 / (1 + omega * circuit.tau1) + circuit.r2 / (1 + omega * circuit.tau2)
    assert fit.impedance_ohm(hertz) == pytest.approx(wanted, rel=1e-3)


def test_each_current_has_its_own_instantaneous_resistance() -> None:
    record = Record(*columns("pybamm/pybamm_chen2020_nmc811_fresh_pulsebat5s_soc50.csv"))
    fit = fit_circuits(record, analyse(record).blocks[0])[0]
    charging = {amps: ohm for amps, ohm in fit.r0_by_current_ohm.items() if amps > 0}
    ordered = [charging[amps] for amps in sorted(charging)]
    assert len(ordered) == 5
    assert ordered == sorted(ordered, reverse=True)  # charge transfer: it falls with the current


def test_nothing_is_fitted_to_a_step_sheet_or_to_three_samples() -> None:
    t, current, volts = Circuit().record([(0.0, 10.0), (20.0, 0.03), (0.0, 0.45)], 0.01)
    record = Record(t, current, volts)
    assert fit_circuits(record, analyse(record).blocks[0]) == []
    assert best_circuit([]) is None
