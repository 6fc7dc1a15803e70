"""A test run to its end before any hardware: the real engine on a simulated bench of one channel."""

from station.dryrun.bench import DryBench, dry_bench
from station.dryrun.cells import cell_model
from station.dryrun.margins import Margin, margins
from station.dryrun.run import DryRun, dry_run, run_on

__all__ = ["DryBench", "DryRun", "Margin", "cell_model", "dry_bench", "dry_run", "margins", "run_on"]
