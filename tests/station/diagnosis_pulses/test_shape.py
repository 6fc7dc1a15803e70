"""Shape features against circuits and diffusion layers whose answers are known in closed form."""

from __future__ import annotations

import numpy as np
import pytest

from station.diagnosis.pulses import Record, analyse
from station.diagnosis.pulses.shape import (
    amplitude_slope,
    asymmetry,
    best_shape_pulse,
    diffusion_slope,
    relaxation,
    rest_diffusion_slope,
)
from tests.station.diagnosis_pulses.circuit import Circuit
from tests.station.diagnosis_pulses.conftest import columns

PAIRS = [(0.0, 30.0)] + [
    step for amps in (10.0, 25.0, 50.0) for step in ((amps, 5.0), (0.0, 75.0), (-amps, 5.0), (0.0, 75.0))
]
WARBURG = 4e-4
"""ohm/√s of the diffusion layer below."""


def diffusing(pulse_s: float = 20.0, rest_s: float = 200.0) -> Record:
    """A pulse of 20 A on R0 and a semi-infinite diffusion layer: V = I·(R0 + W·√t)."""
    t = np.round(np.arange(0.0, 30.0 + pulse_s + rest_s + 0.05, 0.1), 6)
    since = np.clip(t - 30.0, 0.0, None)
    after = np.clip(t - 30.0 - pulse_s, 0.0, None)
    on = (t > 30.0 + 1e-9) & (t <= 30.0 + pulse_s + 1e-9)
    volts = 3.7 + 20.0 * (0.002 * on + WARBURG * (np.sqrt(since) - np.sqrt(after)))
    return Record(t, np.where(on, 20.0, 0.0), volts)


def test_a_symmetric_circuit_has_no_asymmetry_and_no_amplitude_slope() -> None:
    record = Record(*Circuit().record(PAIRS, 0.05))
    pulses = analyse(record).blocks[0].pulses
    assert asymmetry(pulses, 1.0) == pytest.approx(0.0, abs=0.005)
    slope = amplitude_slope(pulses, 1.0, sign=1)
    assert slope is not None
    assert slope.currents == 3
    assert abs(slope.slope_ohm_per_A) * 50.0 < 0.005 * slope.resistance_at_zero_ohm
    assert slope.resistance_at_zero_ohm == pytest.approx(Circuit().resistance(1.0), rel=0.005)


def test_charge_transfer_shows_as_a_resistance_that_falls_with_the_current() -> None:
    record = Record(*columns("pybamm/pybamm_chen2020_nmc811_fresh_pulsebat5s_soc50.csv"))
    pulses = analyse(record).blocks[0].pulses
    for sign in (1, -1):
        slope = amplitude_slope(pulses, 1.0, sign=sign)
        assert slope is not None
        assert slope.slope_ohm_per_A < 0


def test_two_currents_make_no_slope() -> None:
    record = Record(*Circuit().record(PAIRS[:9], 0.05))
    assert amplitude_slope(analyse(record).blocks[0].pulses, 1.0, sign=1) is None


def test_the_diffusion_slope_is_that_of_the_layer_in_pulse_and_rest() -> None:
    record = diffusing()
    (pulse,) = analyse(record).blocks[0].pulses
    assert diffusion_slope(record, pulse) == pytest.approx(WARBURG, rel=0.02)
    assert rest_diffusion_slope(record, pulse) == pytest.approx(WARBURG, rel=0.02)


def test_the_relaxation_of_one_element_has_its_time_constant() -> None:
    circuit = Circuit(r1=1e-9, r2=3e-3, tau2=25.0, docv_per_Ah=0.0)
    record = Record(*circuit.record([(0.0, 30.0), (-20.0, 10.0), (0.0, 300.0)], 0.1))
    (pulse,) = analyse(record).blocks[0].pulses
    found = relaxation(record, pulse)
    assert found is not None
    assert found.mean_tau_s == pytest.approx(25.0, rel=0.02)
    assert found.amplitude_V == pytest.approx(-20.0 * 3e-3 * -np.expm1(-10.0 / 25.0), rel=0.02)
    assert found.final_V == pytest.approx(circuit.ocv, abs=1e-4)


def test_a_pulse_without_a_rest_after_it_tells_nothing_of_relaxation() -> None:
    record = Record(*Circuit().record([(0.0, 30.0), (-20.0, 10.0)], 0.1))
    (pulse,) = analyse(record).blocks[0].pulses
    assert relaxation(record, pulse) is None
    assert rest_diffusion_slope(record, pulse) is None
    assert best_shape_pulse(analyse(record).blocks[0]) is None  # its end is not in the record
