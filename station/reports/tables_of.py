"""The pulse tables of a block as the estimators take them, with what the record tells of their noise."""

from __future__ import annotations

from station.diagnosis.pulses import Block, Record, UBlock, u_blocks
from station.diagnosis.soh.noise import CLEAN_BELOW_V
from station.diagnosis.soh.record_noise import sample_noise_V, with_noise
from station.diagnosis.soh.steadied import steadied
from station.reports.strings import per_cell, scaled


def tables_of(
    record: Record | None,
    block: Block,
    *,
    nominal_Ah: float,
    third_C: float | None,
    series_cells: int = 1,
    factor: float = 1.0,
) -> list[UBlock]:
    """Tables of the mean cell of ``series_cells``; ``record`` None for a step sheet.

    ``factor``: of a cell whose resistance is so many times that of the mean one.

    Where one sample is noisier than what was learned from, voltages are read from many.
    """
    if record is not None:
        noise_V = sample_noise_V(record, block)
        if noise_V > CLEAN_BELOW_V * series_cells:
            block = steadied(record, block, noise_V)
    mean = per_cell(block, series_cells)
    tables = u_blocks(
        mean if factor == 1.0 else scaled(mean, factor),
        nominal_capacity_Ah=nominal_Ah,
        third_amplitude_C=third_C,
    )
    return with_noise(tables, record, block, series_cells)
