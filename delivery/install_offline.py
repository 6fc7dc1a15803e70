#!/usr/bin/env python3
"""Installs Pulse Station from the wheels beside this file; asks no network. Standard library only.

python3 install-offline.py [--to DIR] [--extras window,neware]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> int:
    """Make an environment and fill it. Returns the exit code."""
    parser = argparse.ArgumentParser(description="Install Pulse Station from the wheels beside this file.")
    parser.add_argument("--to", type=Path, default=Path.home() / ".local" / "opt" / "pulse-station-venv")
    parser.add_argument("--extras", default="window,neware", help="empty: service and command line only")
    options = parser.parse_args()
    pips = sorted((HERE / "wheels").glob("pip-*.whl"))
    if not pips:
        print(f"there are no wheels in {HERE / 'wheels'}", file=sys.stderr)
        return 2
    # pip comes from its own wheel: some systems ship a venv that cannot bring one.
    venv.EnvBuilder(with_pip=False, clear=False).create(options.to)
    python = options.to / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    wanted = f"pulse-station[{options.extras}]" if options.extras else "pulse-station"
    command = [
        str(python), "-m", "pip", "install", "--no-index", "--find-links", str(HERE / "wheels"),
        "--constraint", str(HERE / "constraints.txt"), "--disable-pip-version-check", "-q", "pip", wanted,
    ]  # fmt: skip
    code = subprocess.call(command, env={**os.environ, "PYTHONPATH": str(pips[-1])})
    if code == 0:
        print(f"installed; start it with {python.with_name('station')} demo")
    return code


if __name__ == "__main__":
    sys.exit(main())
