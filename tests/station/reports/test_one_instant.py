"""Samples that an edge fell into are left out; all others stay."""

from __future__ import annotations

import numpy as np
import pytest

from station.rawfiles.recording import SampleTable
from station.reports.one_instant import one_instant


def pulse(straddling: bool) -> SampleTable:
    """1 s of rest, 5 s of −87.5 A, rest; the voltage is read ``straddling`` the edges or not."""
    time_s = np.arange(0.0, 8.0, 0.01)
    flows = (time_s >= 1.0) & (time_s < 6.0)
    current_A = np.where(flows, -87.5, 0.0)
    voltage_V = 3.3 + 0.0022 * current_A
    if straddling:
        voltage_V = np.r_[voltage_V[0], voltage_V[:-1]]
    return SampleTable(time_s, current_A, voltage_V, temperature_degC=np.full(time_s.size, 25.0))


def test_old_voltages_at_both_edges_are_left_out() -> None:
    kept = one_instant(pulse(straddling=True))
    assert kept.time_s.size == 798
    assert not np.isin(kept.time_s, [1.0, 6.0]).any()
    assert kept.voltage_V == pytest.approx(3.3 + 0.0022 * kept.current_A)
    assert kept.temperature_degC is not None
    assert kept.temperature_degC.size == 798
    assert kept.step is None


def test_samples_of_one_instant_stay() -> None:
    samples = pulse(straddling=False)
    assert one_instant(samples) is samples


def test_noise_missing_readings_and_slow_cells_are_left_alone() -> None:
    rng = np.random.default_rng(1)
    samples = pulse(straddling=False)
    voltage_V = samples.voltage_V + rng.normal(0, 0.0005, samples.voltage_V.size)
    voltage_V[[50, 100, 101, 300]] = np.nan
    current_A = samples.current_A + rng.normal(0, 0.02, samples.current_A.size)
    noisy = SampleTable(samples.time_s, current_A, voltage_V)
    assert one_instant(noisy) is noisy
