"""The engine's HPPC beside PyBaMM's own simulation of the same experiment, at every SOC block.

``PYBAMM_PYTHON=…/bin/python`` names an interpreter that has PyBaMM (it is no dependency of this project); it
runs ``pybamm_hppc.py``. Then the engine plays each block in memory on a cell that replays the simulated
voltages, at its full sampling rate. ``docs/pybamm-runs.json`` keeps what was compared.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from station.bench import load_bench
from station.dryrun import DryRun, dry_bench, run_on
from station.dryrun.in_memory import MemoryBench
from tests.benchmarks.table import Row
from tests.station.dryrun.hppc import HPPC, SAMPLING_HZ

SCRIPT = Path(__file__).with_name("pybamm_hppc.py")
FILE = Path(__file__).resolve().parents[2] / "docs" / "pybamm-runs.json"
CAPACITY_AH = 5.0


def simulated(folder: Path) -> dict[str, Any]:
    """PyBaMM's run. Raises CalledProcessError."""
    subprocess.run([os.environ["PYBAMM_PYTHON"], str(SCRIPT), str(folder)], check=True, cwd=folder)
    found: dict[str, Any] = json.loads((folder / "hppc.json").read_text(encoding="utf-8"))
    return found


def block(folder: Path, begin_s: float, end_s: float) -> Path:
    """The rows of one block as a table of its own."""
    with (folder / "hppc.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if begin_s <= float(row["time_s"]) <= end_s]
    path = folder / f"block-{begin_s:.0f}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def played(table: Path) -> DryRun:
    """The block by the engine."""
    cell = {"kind": "replay", "table": str(table), "chemistry": "NMC", "nominal_capacity_Ah": CAPACITY_AH}
    with MemoryBench(dry_bench(load_bench("demo"), "1", cell)) as bench:
        bench.sparse = False
        return run_on(bench, HPPC, chemistry="NMC")


def compared(theirs: dict[str, Any], run: DryRun) -> dict[str, Any]:
    """The largest differences of one block: resistances as shares, edges in s."""
    if not run.completed or run.journal is None:
        return {"soc": theirs["soc"], "end": f"{run.outcome}: {(run.error or {}).get('code')}"}
    ours = [pulse for one in run.result["blocks"] for pulse in one["pulses"]][1:]
    shares = []
    for pulse, reference in zip(ours, theirs["pulses"], strict=True):
        for at, ohm in reference["resistance_ohm"].items():
            measured_ohm = pulse["resistance_ohm"].get(at)
            if measured_ohm is not None:
                shares.append(measured_ohm / ohm - 1)
    edges = {edge["segment"]: edge["achieved_s"] for edge in run.journal.edges}
    roles = [segment["role"] for segment in run.journal.segments]
    begin = roles.index("discharge_pulse")
    wanted_s = (0.0, 10.0, 50.0, 60.0)
    late_s = [edges[begin + n] - edges[begin] - at_s for n, at_s in enumerate(wanted_s)]
    return {
        "soc": theirs["soc"],
        "end": "completed",
        "resistances": len(shares),
        "worst_share": round(max(shares, key=abs), 5),
        "worst_edge_s": round(max(late_s, key=abs), 4),
    }


def rows() -> list[Row]:
    """Simulates, plays, writes the file; nothing where no interpreter with PyBaMM is named."""
    if "PYBAMM_PYTHON" not in os.environ:
        print("no PYBAMM_PYTHON: left out")
        return []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        theirs = simulated(folder)
        found = []
        for one in theirs["blocks"]:
            found.append(compared(one, played(block(folder, one["from_s"], one["to_s"]))))
            print(json.dumps(found[-1]), flush=True)
    told = {"pybamm": theirs["pybamm"], "model": theirs["model"], "sampling_Hz": SAMPLING_HZ, "blocks": found}
    FILE.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    whole = [one for one in found if one["end"] == "completed"]
    return [
        Row("HPPC blocks not played to their end", len(found) - len(whole), "", 0),
        Row("HPPC resistance beside PyBaMM's", max(abs(one["worst_share"]) for one in whole), "", 0.02),
        Row("HPPC edge beside the experiment", max(abs(one["worst_edge_s"]) for one in whole), "s",
            1 / SAMPLING_HZ),
    ]  # fmt: skip


if __name__ == "__main__":
    sys.exit(0 if all(row.met for row in rows()) else 1)
