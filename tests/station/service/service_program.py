"""``python -m station.service`` with fakes in place of worker, guard and diagnosis."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[3]))
    from station.bench import Bench
    from station.service.config import ServiceConfig
    from station.service.main import main
    from tests.station.service import fakes

    parser = argparse.ArgumentParser()
    parser.add_argument("--bench", required=True)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--idle-exit", type=float)
    given = parser.parse_args()

    def configure(bench: Bench, data: Path, idle_exit_s: float | None) -> ServiceConfig:
        return dataclasses.replace(fakes.config(data), bench=bench, idle_exit_s=idle_exit_s)

    sys.exit(main(given.bench, given.data, given.idle_exit, configure))
