"""Noise as read from a record: scatter, steps of the instrument, printed resolution."""

from __future__ import annotations

import numpy as np
import pytest

from station.diagnosis.pulses import Record, UBlock, analyse, u_blocks
from station.diagnosis.soh.record_noise import printed_step_V, sample_noise_V, with_noise

STEP_V = 70.0 / 65536


def record(noise_V: float, step_V: float, *, spacing_s: float = 0.01, width_s: float = 5.0) -> Record:
    """A rest and one ± pair of 50 A with a slow relaxation before it."""
    parts = [(20.0, 0.0), (width_s, 50.0), (15 * width_s, 0.0), (width_s, -50.0), (15 * width_s, 0.0)]
    current = np.concatenate([np.full(round(seconds / spacing_s), amps) for seconds, amps in parts])
    time = np.arange(len(current)) * spacing_s
    volts = 3.3 + 2e-3 * current + 0.01 * np.exp(-time / 30.0)
    volts += np.random.default_rng(3).normal(size=len(time)) * noise_V
    if step_V > 0.0:
        volts = np.round(volts / step_V) * step_V
    return Record(time, current, volts)


@pytest.mark.parametrize(
    ("noise_V", "step_V", "low_V", "high_V"),
    [
        (0.0, 0.0, 0.0, 2e-5),
        (5e-4, 0.0, 4.3e-4, 5.7e-4),
        (5e-4, STEP_V, 5e-4, 7.5e-4),
        (1e-4, 1.5e-4, 0.8e-4, 1.5e-4),
        (0.0, STEP_V, 2.5e-4, 6e-4),
        (0.0, 1e-4, 2e-5, 4.5e-5),
    ],
)
def test_noise_of_a_rest(noise_V: float, step_V: float, low_V: float, high_V: float) -> None:
    found = record(noise_V, step_V)
    (block,) = analyse(found).blocks
    assert low_V <= sample_noise_V(found, block) <= high_V


def tables(found: Record, series_cells: int = 1) -> list[UBlock]:
    (block,) = analyse(found).blocks
    return with_noise(u_blocks(block, nominal_capacity_Ah=20.0), found, block, series_cells)


def test_tables_say_how_noisy_they_are() -> None:
    found = record(5e-4, STEP_V)
    (table,) = tables(found)
    assert table.noise_V == pytest.approx(5.8e-4, rel=0.2)
    assert table.last_noise_V == pytest.approx(0.5 * table.noise_V)
    (cell,) = tables(found, series_cells=4)
    assert cell.noise_V == pytest.approx(table.noise_V / 4)


def test_the_end_of_a_short_pulse_is_one_sample() -> None:
    (table,) = tables(record(5e-4, STEP_V, width_s=0.7))
    assert table.last_noise_V == pytest.approx(table.noise_V)


def test_printed_resolution() -> None:
    assert printed_step_V([3.301, 3.45, 3.212, 3.3, 3.299]) == 0.001
    assert printed_step_V([3.3011, 3.45, 3.212, 3.3, 3.299]) == 0.0001
    assert printed_step_V([3.30112, 3.45, 3.212, 3.3, 3.299]) == 0.0
    assert printed_step_V([3.3, 3.4]) == 0.0


def test_a_step_sheet_is_as_noisy_as_its_last_digit() -> None:
    found = record(0.0, 0.0)
    (block,) = analyse(found).blocks
    sheet = UBlock(5.0, 1.5, {f"U{number}": 3.3 + number * 0.001 for number in range(1, 10)}, False)
    (table,) = with_noise([sheet], None, block)
    assert table.noise_V == pytest.approx(0.001 / np.sqrt(12))
    assert table.last_noise_V == table.noise_V
