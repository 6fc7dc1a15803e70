"""``python -m station.service --bench BENCH --data DIR [--idle-exit S]``: prints one line when ready."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

if __name__ == "__main__":
    from station.service.main import main

    parser = argparse.ArgumentParser(prog="station.service", description="The service of one bench.")
    parser.add_argument("--bench", required=True, help="bench file, or the name of one that ships")
    parser.add_argument("--data", required=True, type=Path, help="folder for records and runs")
    parser.add_argument("--idle-exit", type=float, help="end after so many seconds without run and client")
    given = parser.parse_args()
    sys.exit(main(given.bench, given.data, given.idle_exit))
