"""Voltages of a noisy record are read from many samples, and say how well they are known."""

from __future__ import annotations

import numpy as np
import pytest

from station.diagnosis.pulses import Pulse, Record, analyse
from station.diagnosis.soh.noise import Noise
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


def test_edges_of_one_program_are_off_together() -> None:
    """Edges told 0.5 ms late move all first values as their common clock error says."""
    time_s = np.arange(0.007, 40.0, 0.01)
    course = np.cumsum(np.r_[0.0, np.full(3, 5.0)]) + 15.0  # charge, rest, discharge, rest
    steps = np.array([50.0, -50.0, -50.0, 50.0])
    volts, current = np.full(time_s.size, 3.3), np.zeros(time_s.size)
    for edge_s, step_A in zip(course, steps, strict=True):
        since = np.maximum(time_s - edge_s, 0.0)
        volts += step_A * (0.001 * (since > 0.0) + 0.0003 * np.sqrt(since))
        current += step_A * (since > 0.0)

    def read(late_s: float) -> list[Pulse]:
        record = Record(time_s, current, volts, edges_s=course + late_s)
        block = analyse(record, nominal_capacity_Ah=20.0).blocks[-1]
        return list(steadied(record, block, NOISE_V).pulses)

    for pulse, other in zip(read(0.0), read(0.0005), strict=True):
        for name in ("voltage_10ms_V", "rest_voltage_10ms_V"):
            sigma_s = 0.01 / np.sqrt(12.0)  # all that the gaps between samples leave open, as they never move
            moved_V = getattr(other, name) - getattr(pulse, name)
            assert moved_V == pytest.approx(pulse.clock_V[name] * 0.0005 / sigma_s, rel=0.2)
            assert abs(pulse.clock_V[name]) > 1e-4


def test_the_covariance_has_the_common_clock_in_it() -> None:
    noise = Noise.of(6e-4, None, {"U34": 4e-4, "U36": 4e-4}, {"U34": 2e-4, "U36": -3e-4})
    plain = Noise.of(6e-4, None, {"U34": 4e-4, "U36": 4e-4})
    added = noise.covariance_V2() - plain.covariance_V2()
    assert added[33, 35] == pytest.approx(-6e-8)
    assert (added[33, 33], added[35, 35]) == (pytest.approx(4e-8), pytest.approx(9e-8))
    assert np.count_nonzero(added) == 4
