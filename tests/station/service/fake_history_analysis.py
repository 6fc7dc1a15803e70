"""A stand-in for the diagnosis that decides as the real one, and a BMS in the journal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from station.reports.decision import facts_of, with_decision
from tests.station.service import fake_analysis


def finalise(run_dir: Path) -> Path:
    """As the engine's; the run's BMS says 84 %, after a placeholder."""
    path = fake_analysis.finalise(run_dir)
    with (run_dir / "journal.jsonl").open("a", encoding="utf-8") as journal:
        for soh in (127.5, None, 84.0):
            journal.write(json.dumps({"k": "bms", "t": 1.0, "soh_pct": soh, "faults": []}) + "\n")
    return path


def diagnose(path: Path, *, nominal_capacity_Ah: float | None, chemistry: str | None) -> dict[str, Any]:
    """83 % by its pulses, or an abstention; decided by the rule set that ships."""
    found = fake_analysis.diagnose(path, nominal_capacity_Ah=nominal_capacity_Ah, chemistry=chemistry)
    found |= {"reason_code": None, "series_cells": 1, "level": "cell"}
    if "GOOD-ABSTAINS" in (path.parent / "job.json").read_text(encoding="utf-8"):
        found |= {"soh": None, "abstained": True, "reason": "foreign", "reason_code": "foreign_pattern"}
    return with_decision(found, facts_of(found))
