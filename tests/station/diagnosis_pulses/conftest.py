"""Fixtures: stored records and their oracle."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

DATA = Path(__file__).parents[2] / "data"


def columns(name: str) -> list[np.ndarray]:
    """Time, current and voltage of a stored CSV record."""
    return list(np.genfromtxt(DATA / name, delimiter=",", skip_header=1, usecols=(0, 1, 2)).T)


@pytest.fixture(scope="session")
def oracle() -> dict[str, Any]:
    files: dict[str, Any] = json.loads((DATA / "pybamm" / "oracle.json").read_text())["files"]
    return files
