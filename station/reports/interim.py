"""A test that decides on the way what to measure, as its adviser sees it: rows, each with its SOC level."""

from __future__ import annotations

from typing import Any

import numpy as np

from station.diagnosis.adaptive.belief import believe
from station.diagnosis.adaptive.measured import Measured, nothing_measured
from station.diagnosis.pulses import UBlock
from station.diagnosis.soh import Interval
from station.diagnosis.soh.noise import Noise
from station.diagnosis.soh.recognise import CHEMISTRIES
from station.diagnosis.soh.rows import RowInputs
from station.diagnosis.tables import rows_from_values
from station.errors import DataError
from station.models.gains import gains_of
from station.models.in_use import load_in_use
from station.rawfiles import Recording
from station.reports.analysed import analysed, seen_at_battery, series_of, third_amplitude_C
from station.reports.tables_of import tables_of

_MOVING = ("soc_shift", "partial_charge")


def believed(recording: Recording, nominal_capacity_Ah: float, chemistry: str | None) -> Interval | None:
    """SOH from all rows together, as the adviser saw it last; None where it gives no estimate.

    Raises DataError when the recording is no usable record.
    """
    models = load_in_use()
    try:
        gains = gains_of(models)
    except DataError:  # then it was not by these that anything was decided
        return None
    measured = measured_so_far(recording, nominal_capacity_Ah=nominal_capacity_Ah, chemistry=chemistry)
    return believe(measured, models, gains).soh


def measured_so_far(
    recording: Recording, *, nominal_capacity_Ah: float, chemistry: str | None, shifted: float = 0.0
) -> Measured:
    """Every pulse table of the run so far, and where the battery stands now; none without sense leads.

    ``shifted`` is the charge moved between SOC levels as a share of the nominal capacity. Raises DataError.
    """
    hint = chemistry.strip().upper() if chemistry else None
    hint = hint if hint in CHEMISTRIES else None
    if not seen_at_battery(recording):
        return nothing_measured(nominal_capacity_Ah, hint)
    record, analysis = analysed(recording, nominal_capacity_Ah)
    series, third_C = series_of(recording), third_amplitude_C(load_in_use(), nominal_capacity_Ah)
    moved_s = shifts_s(recording)
    tables: list[UBlock] = []
    levels: list[int] = []
    for block in analysis.blocks:
        found = tables_of(record, block, nominal_Ah=nominal_capacity_Ah, third_C=third_C, series_cells=series)
        tables += found
        levels += [sum(shift_s < block.start_s for shift_s in moved_s)] * len(found)
    if not tables:
        return nothing_measured(nominal_capacity_Ah, hint)
    rows = RowInputs(
        voltages_V=rows_from_values([table.values for table in tables]),
        width_s=np.array([table.pulse_width_s for table in tables]),
        third_amplitude_C=np.array([table.third_amplitude_C for table in tables]),
        nominal_capacity_Ah=np.full(len(tables), nominal_capacity_Ah),
        chemistry_hint=hint,
        noise=[Noise.of(table.noise_V, table.last_noise_V, table.sigma_V, table.clock_V) for table in tables],
    )
    return Measured(rows, levels, len(moved_s), shifted)


def shifts_s(recording: Recording) -> list[float]:
    """When each change of SOC that was decided on the way began, in s; one that never began is left out."""
    samples = recording.samples
    if samples is None or samples.step is None:
        return []
    began = []
    for segment in decided_segments(recording):
        rows = np.flatnonzero(samples.step == segment["index"] + 1)
        if segment["role"] in _MOVING and rows.size:
            began.append(float(samples.time_s[rows[0]]))
    return sorted(began)


def decided_segments(recording: Recording) -> list[dict[str, Any]]:
    """The segments that a run file says were decided while its test ran; none in any other file."""
    rounds = recording.metadata.get("rounds")
    return [
        segment
        for one in (rounds if isinstance(rounds, list) else [])
        for segment in (one.get("segments") or [])
    ]
