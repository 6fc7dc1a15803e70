"""Where the data stand, and predictions that were made before on the same table."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from station.diagnosis.tables import Floats

ROOT = Path(__file__).parents[3]
TABLE = ROOT / "data" / "pulsebat" / "pulses.parquet"
RECORDS = ROOT / "tests" / "data"
PAGE, RESULTS = ROOT / "docs" / "diagnosis.md", ROOT / "docs" / "diagnosis.json"


def remembered(cache: Path | None, key: str, make: Callable[[], Floats]) -> Floats:
    """The array of ``key`` from the folder ``cache``, made (and kept) when it is not there.

    None: always made. The folder belongs to one state of table and code: it is for going on after a break.
    """
    if cache is None:
        return make()
    file = cache / f"{hashlib.sha256(key.encode()).hexdigest()[:16]}.npy"
    if not file.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        np.save(file, make(), allow_pickle=False)
    found: Floats = np.load(file, allow_pickle=False)
    return found
