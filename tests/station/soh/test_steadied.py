"""Voltages of a noisy record are read from many samples, and say how well they are known."""

from __future__ import annotations

import numpy as np

from station.diagnosis.pulses import Record, analyse
from station.diagnosis.soh.steadied import steadied

NOISE_V = 0.6e-3


def test_the_ends_of_a_noisy_pulse_come_nearer_and_tell_their_noise() -> None:
    time_s = np.arange(0.0, 120.0, 0.01)
    since = time_s - 20.0
    current = np.where((since > 0.0) & (since <= 5.0), 50.0, 0.0)
    clean = 3.3 + 0.001 * current
    inside, after = current > 0.0, since > 5.0
    clean[inside] += 0.02 * np.sqrt(since[inside] / 5.0)
    clean[after] += 0.02 * np.exp(-(since[after] - 5.0) / 10.0)
    missed: dict[str, list[float]] = {"before": [], "after": []}
    for seed in range(8):
        noisy = clean + np.random.default_rng(seed).normal(scale=NOISE_V, size=clean.size)
        record = Record(time_s, current, noisy)
        (block,) = analyse(record, nominal_capacity_Ah=20.0).blocks
        (pulse,) = steadied(record, block, NOISE_V).pulses
        missed["before"].append(block.pulses[0].end_voltage_V - 3.37)
        missed["after"].append(pulse.end_voltage_V - 3.37)
        assert 0.0 < pulse.sigma_V["end_voltage_V"] < 0.3 * NOISE_V
        assert abs(pulse.end_voltage_V - 3.37) < 4.0 * pulse.sigma_V["end_voltage_V"]
    assert np.std(missed["after"]) < 0.7 * np.std(missed["before"])


def test_a_contact_check_before_the_pulse_is_no_rest() -> None:
    time_s = np.arange(0.0, 40.0, 0.01)
    current = np.select(
        [(time_s > 15.0) & (time_s <= 16.0), (time_s > 20.0) & (time_s <= 25.0)], [-2.0, 50.0], 0.0
    )
    volts = 3.3 + 0.005 * current + np.random.default_rng(1).normal(scale=NOISE_V, size=time_s.size)
    record = Record(time_s, current, volts)
    block = analyse(record, nominal_capacity_Ah=20.0).blocks[-1]
    pulse = steadied(record, block, NOISE_V).pulses[-1]
    assert abs(pulse.voltage_before_V - 3.3) < 4.0 * pulse.sigma_V["voltage_before_V"]
    assert pulse.sigma_V["voltage_before_V"] < 0.2 * NOISE_V
