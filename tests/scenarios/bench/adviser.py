"""An adviser for scenarios, as simple as can be: one wide pulse pair, then enough."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from station.diagnosis.adaptive import Action, ActionKind, Advice, Goal, Limits
from station.diagnosis.soh.rows import estimate_rows
from station.engine.record.journal_reader import read_journal
from station.engine.record.runfile import recording_of
from station.models.in_use import load_default
from station.reports.interim import measured_so_far

WIDE_S = 5.0


def wide_pair_then_enough(
    run_dir: Path, *, goal: Goal, limits: Limits, elapsed_s: float, shifted: float, **facts: Any
) -> Advice:
    """It looks at what the run has measured by then, as the station's own adviser does."""
    del goal, elapsed_s, shifted
    rows = measured_so_far(recording_of(read_journal(run_dir / "journal.jsonl")), **facts).rows
    assert np.isfinite(rows.voltages_V).any(), "nothing measured"
    results = estimate_rows(load_default(), rows)
    widest = int(np.argmax(rows.width_s))
    known = [
        float(values[widest]) if np.isfinite(values[widest]) else None
        for values in (results.soh, results.low90, results.high90)
    ]
    if rows.width_s[widest] >= WIDE_S:
        return Advice("adaptive.narrow_enough", *known)
    current_C = min(2.5, limits.charge_max_C, limits.discharge_max_C)
    action = Action(ActionKind.PULSE_PAIR, (current_C,), WIDE_S, 15 * WIDE_S, 32 * WIDE_S, 0.03)
    return Advice("adaptive.go_on", *known, action)
