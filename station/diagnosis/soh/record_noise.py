"""How noisy a record's voltages are, read from the record itself."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from station.diagnosis.pulses import Block, Record, UBlock
from station.diagnosis.soh.noise import LAST_SHARE
from station.diagnosis.tables import Floats

WINDOW_S, MOST_ROWS, LEAST_ROWS = 60.0, 400, 12
"""The rest before a block is looked at this far back."""

STEPS_V = (0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002, 0.0001)
"""Resolutions that a printed step sheet may have."""

SMALLEST_V = 1e-6
"""Differences below are rounding of the file."""

LINE_ROWS, LINE_WINDOW = 5, 0.02
"""The end of a pulse is read from a line through its last 2 % when these hold so many samples."""


def sample_noise_V(record: Record, block: Block) -> float:
    """Standard deviation of one voltage sample in V, from the rest before the block; steps included.

    Second differences, so that relaxation does not count; the largest 2 % are cut to the rest's range. A
    record that steps more coarsely than it scatters has at least the noise of its steps (step / sqrt 12).
    """
    first = block.pulses[0].first_row
    start = max(first - MOST_ROWS, int(np.searchsorted(record.time_s, block.pulses[0].start_s - WINDOW_S)))
    volts = record.voltage_V[start : max(first - 1, start)]  # the last row may already belong to the edge
    last = block.pulses[-1].last_row
    step = _step_V(record.voltage_V[start : min(last + 1, first + 20 * MOST_ROWS)])
    scatter = 0.0
    if len(volts) >= LEAST_ROWS:
        bends = np.abs(np.diff(volts, n=2))
        bends = np.minimum(bends, np.quantile(bends, 0.98))
        scatter = float(np.sqrt(np.mean(bends**2) / 6.0))
    return max(scatter, step / math.sqrt(12.0))


def _step_V(volts: Floats) -> float:
    """The smallest difference between values that occurs again and again; 0 where there is none."""
    gaps = np.diff(np.unique(np.round(volts / SMALLEST_V)))
    if len(gaps) < 3:
        return 0.0
    smallest = float(np.quantile(gaps, 0.1))
    regular = np.mean(np.abs(gaps / smallest - np.round(gaps / smallest)) < 0.1) > 0.9
    return smallest * SMALLEST_V if regular and smallest > 10.0 else 0.0


def printed_step_V(values: Iterable[float]) -> float:
    """The coarsest usual resolution of which all values are multiples, in V; 0 if none or too few values."""
    found = np.array(list(values))
    if len(found) < LINE_ROWS:
        return 0.0
    for step in STEPS_V:
        if np.all(np.abs(found / step - np.round(found / step)) < 0.01):
            return step
    return 0.0


def with_noise(
    tables: Sequence[UBlock], record: Record | None, block: Block, series_cells: int = 1
) -> list[UBlock]:
    """The tables of a block with what is known of their noise.

    ``record`` at the terminals of ``series_cells`` in series; None for a step sheet, whose printed
    resolution counts then.
    """
    if record is None:
        return [_of_sheet(table, series_cells) for table in tables]
    noise = sample_noise_V(record, block) / series_cells
    rows = slice(block.pulses[0].first_row, block.pulses[-1].last_row + 1)
    apart = np.diff(record.time_s[rows])
    spacing = float(np.quantile(apart, 0.1)) if len(apart) else float("inf")
    return [
        replace(table, noise_V=noise, last_noise_V=noise * _last_share(table.pulse_width_s, spacing))
        for table in tables
    ]


def _last_share(width_s: float, spacing_s: float) -> float:
    """Noise of a value from the last samples over that of one: the end of a line through n has 2 / sqrt n."""
    rows = LINE_WINDOW * width_s / spacing_s + 1.0
    if rows >= 2 * LINE_ROWS:
        return LAST_SHARE
    return min(1.0, 2.0 / math.sqrt(rows)) if rows >= LINE_ROWS else 1.0


def _of_sheet(table: UBlock, series_cells: int) -> UBlock:
    step = printed_step_V(value * series_cells for value in table.values.values()) / series_cells
    return replace(table, noise_V=step / math.sqrt(12.0), last_noise_V=step / math.sqrt(12.0))
