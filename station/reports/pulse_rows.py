"""Rows of the pulse table from a run file, as the estimators learn from them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from station.diagnosis.pulses import u_blocks
from station.diagnosis.tables import COLUMNS
from station.rawfiles import read_record
from station.reports.analysed import analysed, seen_at_battery


def pulse_rows(path: Path) -> list[dict[str, Any]]:
    """One row per pulse block and width of a cell's run: who, which type, when, and ``U1`` … ``U41`` in V.

    Empty for a string, a run without pulses, one without sense leads, and one whose chemistry was not named:
    nobody could say which type it belongs to. Raises DataError.
    """
    recording = read_record(path)
    about = recording.metadata
    battery = about.get("battery") or {}
    chemistry, nominal_Ah = battery.get("chemistry"), recording.nominal_capacity_Ah
    if battery.get("series_cells") not in (None, 1) or battery.get("level") != "cell":
        return []
    if not chemistry or not nominal_Ah or not seen_at_battery(recording):
        return []
    _, analysis = analysed(recording, nominal_Ah)
    return [
        {
            "cell_id": str(battery["code"]),
            "chemistry": chemistry,
            "nominal_capacity_Ah": nominal_Ah,
            "random_soc": True,
            "pulse_width_s": table.pulse_width_s,
            "third_amplitude_C": table.third_amplitude_C,
            **{name: table.values.get(name) for name in COLUMNS},
            "run_id": about.get("run_id"),
            "started_utc": about.get("started_utc"),
            "simulated": bool(about.get("simulated")),
        }
        for block in analysis.blocks
        for table in u_blocks(block, nominal_capacity_Ah=nominal_Ah)
    ]
