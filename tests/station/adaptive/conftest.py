"""Shipped models and gains, the cells they have not seen, and a small table of gains made by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from station.diagnosis.adaptive.gains import Gains, HistoryGain, TypeGains
from station.diagnosis.adaptive.kinds import history_of
from station.diagnosis.soh.model import ModelSet
from station.models.gains import load_default_gains
from station.models.in_use import load_default
from station.models.training.table import Labelled, read_labelled

TABLE = Path(__file__).parents[3] / "data" / "pulsebat" / "pulses.parquet"


@pytest.fixture(scope="session")
def models() -> ModelSet:
    return load_default()


@pytest.fixture(scope="session")
def gains() -> Gains:
    return load_default_gains()


@pytest.fixture(scope="session")
def unseen(models: ModelSet) -> Labelled:
    """Rows of the demonstration cells, kept out of the shipped fit."""
    rows = read_labelled(TABLE)
    cells = [cell for cells in models.info["held_out_cells"].values() for cell in cells]
    return rows.where(np.isin(rows.cells, cells))


@pytest.fixture
def known() -> TypeGains:
    """Three steps: 8, 5 and 3 points; a second SOC level takes a tenth off."""
    histories = {
        "0.7:pair": 0.08,
        "5:pair+0.7:pair": 0.05,
        "5:low+5:pair+0.7:pair": 0.03,
    }
    return TypeGains(
        {history_of(text): HistoryGain({0.0: half}, 3.0, 0.06) for text, half in histories.items()},
        prior_low=0.6,
        prior_high=0.9,
        carry=1.0,
        spread=0.05,
        level_factor={1: 1.0, 2: 0.9},
        level_step=0.05,
    )
