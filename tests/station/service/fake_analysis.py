"""Stand-ins for finalising and diagnosis; a module of its own, as the analysis process imports it."""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from station.diagnosis.adaptive.advice import Action, ActionKind, Advice, Goal, Limits
from station.errors import DataError


def finalise(run_dir: Path) -> Path:
    """As the engine's: journal to Parquet."""
    lines = (run_dir / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    if len(lines) < 2:
        raise DataError("the journal holds no sample", remedy="test again", code="data.no_samples")
    path = run_dir / "run.parquet"
    path.write_text(f"{len(lines)} lines\n", encoding="utf-8")
    return path


def advise(
    run_dir: Path,
    *,
    goal: Goal,
    limits: Limits,
    elapsed_s: float,
    shifted: float,
    nominal_capacity_Ah: float,
    chemistry: str | None,
) -> Advice:
    """A pulse pair, then a change of SOC, then enough. What it was asked is left in the run's folder."""
    del nominal_capacity_Ah, chemistry
    job = (run_dir / "job.json").read_text(encoding="utf-8")
    if "ASKS-CRASH" in job:
        raise ZeroDivisionError("fake")
    if "ASKS-KILLED" in job:
        os._exit(3)
    if "ASKS-SLOW" in job:
        time.sleep(3.0)
    log = run_dir / "asked.jsonl"
    with log.open("a", encoding="utf-8") as file:
        asked = {"goal": asdict(goal), "limits": asdict(limits), "elapsed_s": elapsed_s, "shifted": shifted}
        file.write(json.dumps(asked, default=str) + "\n")
    number = len(log.read_text(encoding="utf-8").splitlines())
    actions = {
        1: Action(ActionKind.PULSE_PAIR, (2.0,), 0.5, 1.0, 17.0, 0.03),
        2: Action(ActionKind.SHIFT_SOC, (-1.0,), 36.0, 600.0, 636.0, 0.02),
    }
    action = actions.get(number)
    reason = "adaptive.go_on" if action else "adaptive.inside_grade"
    return Advice(reason, 0.8, 0.78, 0.82, action)


def diagnose(path: Path, *, nominal_capacity_Ah: float | None, chemistry: str | None) -> dict[str, Any]:
    """As the lead's: a result object. The battery's fate is in the name of the run's folder's job."""
    job = (path.parent / "job.json").read_text(encoding="utf-8")
    if "GOOD-CRASH" in job:
        raise ZeroDivisionError("fake")
    if "GOOD-KILLED" in job:
        os._exit(3)
    if "GOOD-NAN" in job:
        return {"verdict": "pass", "soh": {"estimate": float("nan")}}
    verdict = "fail" if "GOOD-FAIL" in job else "quarantine" if "GOOD-QUARANTINE" in job else "pass"
    return {
        "source": str(path),
        "nominal_capacity_Ah": nominal_capacity_Ah,
        "blocks": [
            {
                "pulses": [
                    {"current_A": 5.0, "resistance_ohm": {"1": 0.0030}},
                    {"current_A": -5.0, "resistance_ohm": {"0.1": 0.0010, "1": 0.0020, "5": None}},
                ]
            }
        ],
        "soh": {"estimate": 0.83, "low90": 0.80, "high90": 0.86},
        "chemistry": {"label": chemistry or "LFP", "confidence": 0.9},
        "abstained": False,
        "reason": None,
        "grade": "B",
        "rules": [],
        "verdict": verdict,
    }
