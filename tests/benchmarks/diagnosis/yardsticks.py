"""PyProBE and ampworks on the same record, in an environment of their own.

They need versions of shared packages that the station's own do not go with. Make it once::

    python3 -m venv .venv-yardsticks
    .venv-yardsticks/bin/pip install -r tests/benchmarks/diagnosis/yardsticks.txt
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.benchmarks.diagnosis.place import ROOT

PYTHON = ROOT / ".venv-yardsticks" / "bin" / "python"
PROGRAM = Path(__file__).with_name("yardstick_program.py")
PATIENCE_S = 600


def measure(record: Path) -> dict[str, Any] | None:
    """What ``yardstick_program`` prints for a record; None without the environment."""
    if not PYTHON.is_file():
        return None
    done = subprocess.run(
        [PYTHON, PROGRAM, record], capture_output=True, text=True, timeout=PATIENCE_S, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
