"""A cell type the station has not learned: how many labelled cells it takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from station.diagnosis.tables import SUBSETS, Floats
from station.models.training.fitting import fit_kernel, fit_subset, fit_width
from station.models.training.learn import SEED
from station.models.training.onboarding import cells_to_label
from station.models.training.table import Labelled, held_out, read_labelled
from tests.benchmarks.diagnosis.place import TABLE, remembered
from tests.benchmarks.diagnosis.soh import WIDTH_S, subset_of

COUNTS = (10, 20, 30)
CHOSEN = 20
DRAWS = 3
TEST_SHARE = 0.3
FEWEST = 25
"""Types with fewer cells than that to learn from are left out."""


def measure(cache: Path | None) -> dict[str, Any]:
    """MAPE on cells that are never learned, by the number of cells that are; the mean of seeded draws."""
    table = read_labelled(TABLE)
    table = table.where(table.width_s == WIDTH_S)
    found = {}
    for name in sorted(set(table.types.tolist())):
        rows = table.where(table.types == name)
        away = held_out(rows.cells.tolist(), TEST_SHARE)
        inside, unseen = rows.where(~np.isin(rows.cells, away)), rows.where(np.isin(rows.cells, away))
        cells = sorted(set(inside.cells.tolist()))
        if len(cells) >= FEWEST:
            found[name] = _curve(name, inside, unseen, cells, cache)
    return found


def _curve(
    name: str, inside: Labelled, unseen: Labelled, cells: list[str], cache: Path | None
) -> dict[str, Any]:
    curve = {}
    for count in (*(count for count in COUNTS if count < len(cells)), len(cells)):
        errors = []
        for draw in range(1 if count == len(cells) else DRAWS):
            chosen = np.random.default_rng(draw).choice(cells, count, replace=False)
            guess = remembered(
                cache,
                f"onboarding/{name}/{count}/{draw}",
                lambda chosen=chosen: _predict(inside.where(np.isin(inside.cells, chosen)), unseen),
            )
            errors.append(float(100 * np.mean(np.abs(guess - unseen.soh) / unseen.soh)))
        curve[str(count)] = float(np.mean(errors))
    spread = cells_to_label(inside, CHOSEN, subset_of(inside))
    guess = remembered(
        cache,
        f"onboarding/{name}/spread",
        lambda: _predict(inside.where(np.isin(inside.cells, spread)), unseen),
    )
    return {
        "all": len(cells),
        "unseen_cells": len(set(unseen.cells.tolist())),
        "mape": curve,
        "chosen": CHOSEN,
        "chosen_mape": float(100 * np.mean(np.abs(guess - unseen.soh) / unseen.soh)),
    }


def _predict(rows: Labelled, unseen: Labelled) -> Floats:
    subset = subset_of(rows)
    learned = fit_subset(rows, subset, fit_kernel(rows, subset, SEED))
    model = fit_width(rows, {subset: learned}, {})
    assert np.isfinite(unseen.voltages_V[:, SUBSETS[subset]]).all()
    return model.estimator(subset).predict(unseen.voltages_V).mean
