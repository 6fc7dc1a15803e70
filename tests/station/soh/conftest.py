"""The shipped models and the cells they have not seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from station.diagnosis.soh.model import ModelSet
from station.models.in_use import load_default
from station.models.training.table import Labelled, read_labelled

TABLE = Path(__file__).parents[3] / "data" / "pulsebat" / "pulses.parquet"


@pytest.fixture(scope="session")
def models() -> ModelSet:
    return load_default()


@pytest.fixture(scope="session")
def labelled() -> Labelled:
    return read_labelled(TABLE)


@pytest.fixture(scope="session")
def unseen(models: ModelSet, labelled: Labelled) -> Labelled:
    """Rows of the demonstration cells, kept out of the shipped fit."""
    cells = [cell for cells in models.info["held_out_cells"].values() for cell in cells]
    return labelled.where(np.isin(labelled.cells, cells))
