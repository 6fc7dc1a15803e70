"""A cell type the station has not learned: how many labelled cells it takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from station.diagnosis.soh.model import Learned
from station.diagnosis.tables import SUBSETS, Floats
from station.models.in_use import load_default
from station.models.training.few_cells import expected_of, fit_few, relatives_of
from station.models.training.fitting import fit_kernel, fit_subset, fit_width
from station.models.training.learn import SEED
from station.models.training.onboarding import cells_to_label
from station.models.training.table import Labelled, held_out, read_labelled
from tests.benchmarks.diagnosis.place import TABLE, remembered
from tests.benchmarks.diagnosis.soh import WIDTH_S, subset_of

COUNTS = (10, 20, 30)
CHOSEN = (10, 20)
DRAWS = 3
TEST_SHARE = 0.3
SPLITS = 4
"""Further seeded draws of the cells that are never learned: one split of some twenty cells says little."""
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
            found[name]["splits"] = _splits(name, rows, cache)
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
            errors.append(_mape(guess, unseen))
        curve[str(count)] = float(np.mean(errors))
    picked = _picked(f"onboarding/{name}", inside, unseen, cache)
    return {
        "all": len(cells),
        "unseen_cells": len(set(unseen.cells.tolist())),
        "mape": curve,
        "chosen": CHOSEN[-1],
        "picked": picked,
    }


def _splits(name: str, rows: Labelled, cache: Path | None) -> list[dict[str, Any]]:
    """The same with other cells held out: MAPE with all cells and with the picked ones."""
    names = sorted(set(rows.cells.tolist()))
    found = []
    for split in range(SPLITS):
        draw = np.random.default_rng(100 + split)
        away = draw.choice(names, int(TEST_SHARE * len(names)), replace=False)
        inside, unseen = rows.where(~np.isin(rows.cells, away)), rows.where(np.isin(rows.cells, away))
        key = f"onboarding/{name}/split{split}"
        whole = remembered(cache, f"{key}/all", lambda a=inside, b=unseen: _predict(a, b))
        found.append({"all": _mape(whole, unseen), "picked": _picked(key, inside, unseen, cache)})
    return found


def _picked(key: str, inside: Labelled, unseen: Labelled, cache: Path | None) -> dict[str, dict[str, float]]:
    """By number of picked cells: MAPE of the start from relatives, and of a fit that knows no relatives."""
    found = {}
    for count in CHOSEN:
        cells = cells_to_label(inside, count, subset_of(inside))
        rows = inside.where(np.isin(inside.cells, cells))
        started = remembered(cache, f"{key}/started/{count}", lambda rows=rows: _start(rows, unseen))
        plain = remembered(cache, f"{key}/plain/{count}", lambda rows=rows: _predict(rows, unseen))
        found[str(count)] = {"started": _mape(started, unseen), "plain": _mape(plain, unseen)}
    return found


def _mape(guess: Floats, unseen: Labelled) -> float:
    return float(100 * np.mean(np.abs(guess - unseen.soh) / unseen.soh))


def _start(rows: Labelled, unseen: Labelled) -> Floats:
    """As ``station learn start-type``: the type itself is not among the relatives."""
    subset = subset_of(rows)
    relatives = relatives_of(load_default(), str(rows.chemistries[0]), str(rows.types[0]))
    return _said(rows, unseen, fit_few(rows, subset, SEED, expected_of(relatives, subset, WIDTH_S)))


def _predict(rows: Labelled, unseen: Labelled) -> Floats:
    subset = subset_of(rows)
    return _said(rows, unseen, fit_subset(rows, subset, fit_kernel(rows, subset, SEED)))


def _said(rows: Labelled, unseen: Labelled, learned: Learned) -> Floats:
    model = fit_width(rows, {learned.subset: learned}, {})
    assert np.isfinite(unseen.voltages_V[:, SUBSETS[learned.subset]]).all()
    return model.estimator(learned.subset).predict(unseen.voltages_V).mean
