"""A test in progress as the adviser sees it: the rows measured so far, each with its SOC level."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from station.diagnosis.adaptive import Measured, nothing_measured
from station.diagnosis.pulses import UBlock, u_blocks
from station.diagnosis.soh.noise import Noise
from station.diagnosis.soh.recognise import CHEMISTRIES
from station.diagnosis.soh.record_noise import with_noise
from station.diagnosis.soh.rows import RowInputs
from station.diagnosis.tables import rows_from_values
from station.models import load_default
from station.rawfiles import Recording
from station.reports.diagnose import analysed, series_of, third_amplitude_C
from station.reports.strings import per_cell


def measured_so_far(
    recording: Recording,
    *,
    nominal_capacity_Ah: float,
    chemistry: str | None,
    shifts_s: Sequence[float],
    shifted: float,
) -> Measured:
    """Every pulse table of the run so far. ``shifts_s``: when the SOC was changed on purpose, in s.

    ``shifted`` is the charge moved by that, as a share of the nominal capacity. Raises DataError.
    """
    hint = chemistry.strip().upper() if chemistry else None
    hint = hint if hint in CHEMISTRIES else None
    record, analysis = analysed(recording, nominal_capacity_Ah)
    series, third_C = series_of(recording), third_amplitude_C(load_default(), nominal_capacity_Ah)
    tables: list[UBlock] = []
    levels: list[int] = []
    for block in analysis.blocks:
        found = u_blocks(
            per_cell(block, series), nominal_capacity_Ah=nominal_capacity_Ah, third_amplitude_C=third_C
        )
        tables += with_noise(found, record, block, series)
        levels += [sum(shift_s < block.start_s for shift_s in shifts_s)] * len(found)
    if not tables:
        return nothing_measured(nominal_capacity_Ah, hint)
    rows = RowInputs(
        voltages_V=rows_from_values([table.values for table in tables]),
        width_s=np.array([table.pulse_width_s for table in tables]),
        third_amplitude_C=np.array([table.third_amplitude_C for table in tables]),
        nominal_capacity_Ah=np.full(len(tables), nominal_capacity_Ah),
        chemistry_hint=hint,
        noise=[Noise.of(table.noise_V, table.last_noise_V) for table in tables],
    )
    return Measured(rows, levels, len(shifts_s), shifted)
