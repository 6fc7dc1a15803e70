"""The recorded pulses of a cell, read straight from the table: what a test of that cell must come to."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

TABLE = Path(__file__).resolve().parents[3] / "data" / "pulsebat" / "pulses.parquet"
AMPLITUDES_C = (0.5, 1.0, 1.5, 2.0, 2.5)
PULSE_S = 5.0


@cache
def _rows() -> list[dict[str, Any]]:
    filters = [("pulse_width_s", ">", PULSE_S - 0.01), ("pulse_width_s", "<", PULSE_S + 0.01)]
    return list(pq.read_table(TABLE, filters=filters).to_pylist())


def recorded_resistances(truth: dict[str, Any]) -> dict[float, float]:
    """Resistance in ohm after 5 s by signed C-rate, of the recording that a simulated cell plays.

    ``truth`` is the witness's word on the cell: id, capacity, SOC. Eight voltages belong to each amplitude,
    of which the second ends the charge pulse and the sixth the discharge pulse; the voltage before each
    is the last one of the rest before it.
    """
    (cell,), nominal_Ah = truth["cell_ids"], truth["nominal_capacity_Ah"]
    of_cell = [
        row
        for row in _rows()
        if row["cell_id"] == cell and abs(row["capacity_Ah"] / truth["capacity_Ah"] - 1) < 1e-6
    ]

    def distance(row: dict[str, Any]) -> float:
        soc = row["soc_nominal_pct"] / 100 * nominal_Ah / row["capacity_Ah"]
        return float(abs(soc - truth["soc"]))

    row = min(of_cell, key=distance)
    assert distance(row) < 0.005, (distance(row), truth)
    found = {}
    for number, amplitude_C in enumerate(AMPLITUDES_C):
        amplitude_C = row["third_amplitude_C"] if number == 2 else amplitude_C
        for sign, before, end in ((1, 1, 3), (-1, 5, 7)):
            before_V, end_V = row[f"U{before + 8 * number}"], row[f"U{end + 8 * number}"]
            if before_V is not None and end_V is not None and before_V == before_V and end_V == end_V:
                found[sign * amplitude_C] = abs(end_V - before_V) / (amplitude_C * nominal_Ah)
    return found
