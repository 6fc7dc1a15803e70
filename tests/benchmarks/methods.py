"""Every profile that ships, on every kind of bench: refused with the reason, or played to its end.

The real engine plays the whole profile on the simulators' batteries in memory (``station.dryrun.in_memory``),
so hours cost seconds. ``docs/method-runs.json`` keeps what was played; it is written after each run, and what
stands there under the same hash of the profile is not played again (``METHODS_AGAIN=1``: all of it is).
``METHODS="hppc rapid"`` and ``KINDS="module"`` choose; ``METHODS_BUDGET_S`` is the processor time of one run.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

import profiles
from profiles.hashing import profile_hash
from station.dryrun import DryBench, DryRun, run_on
from station.dryrun.in_memory import MemoryBench
from station.service.profile_bench import abilities
from tests.benchmarks.table import Row
from tests.station.dryrun.kinds import KINDS, Kind

FILE = Path(__file__).resolve().parents[2] / "docs" / "method-runs.json"
BUDGET_S = float(os.environ.get("METHODS_BUDGET_S", "600"))
"""Of processor time for each run; what takes longer is stopped and told so."""


def play(name: str, kind: Kind) -> dict[str, Any]:
    """How ``name`` goes on ``kind``."""
    profile = profiles.load(name)
    with MemoryBench(kind.bench()) as dry:
        (able,) = abilities(
            profile, dry.bench, kind.capacity_Ah, {dry.channel.id: dry.capabilities}, only=dry.channel.id
        )
        told: dict[str, Any] = {
            "hash": profile_hash(profile),
            "refused": list(able.problems),
            "by": "memory",
        }
        if not able.able:
            return told
        began = time.process_time()
        watch = threading.Timer(1.0, _look, (dry, began, done := threading.Event()))
        watch.daemon = True
        watch.start()
        try:
            run = run_on(dry, profile, nominal_capacity_Ah=kind.capacity_Ah, chemistry=kind.chemistry)
        finally:
            done.set()
        return {**told, **described(run), "processor_s": round(time.process_time() - began, 1)}


def _look(dry: DryBench, began: float, done: threading.Event) -> None:
    while not done.wait(1.0):
        if time.process_time() - began > BUDGET_S:
            dry.stop.request("benchmark")


def described(run: DryRun) -> dict[str, Any]:
    """What is kept of a run."""
    totals = run.totals()
    events = [] if run.journal is None else run.journal.events
    near = run.margins[0] if run.margins else None
    return {
        "end": "completed" if run.completed else f"{run.outcome}: {(run.error or {}).get('code')}",
        "hours": round(totals.get("duration_s", 0.0) / 3600, 2),
        "charge_Ah": round(totals.get("charge_Ah", 0.0), 2),
        "discharge_Ah": round(totals.get("discharge_Ah", 0.0), 2),
        "missed": sum(one["code"].endswith("_missed") for one in events),
        "nearest": "" if near is None else f"{near.name} {near.nearest:.4g} of {near.limit:.4g} {near.unit}",
    }


def line(name: str, kind: str, row: dict[str, Any]) -> str:
    """A row of the Markdown table."""
    if row["refused"]:
        return f"| `{name}` | {kind} | refused: {row['refused'][0]} | | | |"
    moved = f"{row['charge_Ah']:.2f} / {row['discharge_Ah']:.2f}"
    return f"| `{name}` | {kind} | {row['end']} | {row['hours']:.2f} | {moved} | {row['missed']} |"


def rows() -> list[Row]:
    """Plays what was not played yet; the row says how many did not come to their end."""
    known: dict[str, dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    names = os.environ.get("METHODS", "").split() or profiles.builtin_names()
    kinds = os.environ.get("KINDS", "").split() or list(KINDS)
    again = bool(os.environ.get("METHODS_AGAIN"))
    print("| profile | bench | end | hours | Ah charged / discharged | missed |\n|---|---|---|---|---|---|")
    for name in names:
        for kind in kinds:
            kept = known.setdefault(name, {}).get(kind, {})
            if again or kept.get("hash") != profile_hash(profiles.load(name)):
                known[name][kind] = kept = play(name, KINDS[kind])
                text = json.dumps(known, ensure_ascii=False, indent=1, sort_keys=True)
                FILE.write_text(text + "\n", encoding="utf-8")
            print(line(name, kind, kept), flush=True)
    ends = [row.get("end", "refused") for name in names for row in known[name].values()]
    wrong = sum(end not in ("completed", "refused") for end in ends)
    return [Row(f"profiles on kinds of bench, of {len(ends)}, not played to their end", wrong, "", 0)]


if __name__ == "__main__":
    sys.exit(0 if rows()[0].met else 1)
