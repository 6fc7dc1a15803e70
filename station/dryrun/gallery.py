"""``python -m station.dryrun.gallery FOLDER [NAME…]``: pictures of the timelines of profiles that ship.

All of them are played in memory: what is drawn is the profile's course, whatever else the computer does.

One row per profile on stdout: name, channel, how it ended, duration, largest current, nearest limit.
"""

from __future__ import annotations

import sys
from pathlib import Path

import profiles
from station.bench import load_bench
from station.dryrun.bench import dry_bench
from station.dryrun.cells import cell_model
from station.dryrun.in_memory import MemoryBench
from station.dryrun.picture import picture
from station.dryrun.run import run_on


def main(arguments: list[str]) -> int:
    """Draw them all on the demo bench's first channel, with a modelled NMC cell of 20 Ah at 50 % SOC."""
    folder, names = Path(arguments[0]), arguments[1:] or profiles.builtin_names()
    folder.mkdir(parents=True, exist_ok=True)
    bench = load_bench("demo")
    place = bench.channels[0]
    failed = 0
    for name in names:
        with MemoryBench(dry_bench(bench, place.id, cell_model("NMC", place))) as dry:
            run = run_on(dry, profiles.load(name), chemistry="NMC")
        picture(run).save(folder / f"profile-{name}.svg")
        totals, failed = run.totals(), failed + (not run.completed)
        near = run.margins[0] if run.margins else None
        ended = run.outcome if run.error is None else f"{run.outcome} ({run.error['code']})"
        limit = f"{near.name} {near.nearest:.4g} of {near.limit:.4g} {near.unit}" if near else "-"
        largest_A = max(totals.get("current_max_A", 0.0), -totals.get("current_min_A", 0.0))
        line = f"{name:28} {ended:40} {totals.get('duration_s', 0.0):10.1f} s {largest_A:8.2f} A  {limit}"
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
