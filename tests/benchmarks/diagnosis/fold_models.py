"""Model folders for cells that are judged: each fold's models have never seen the fold's cells.

What the station ships was fitted to nearly all recorded cells. To judge a recorded cell honestly it takes
models without it, learned the same way: five folds, each physical cell in one.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from station.diagnosis.soh.gaussian_process import Kernel
from station.diagnosis.soh.model import Learned, ModelSet, Recipe
from station.diagnosis.tables import Floats
from station.models.adoption import Adoptions
from station.models.in_use import DEFAULT_FOLDER
from station.models.store import load_models, save_models
from station.models.training.crossval import FOLDS, calibrate, judged_rows, predict_out_of_fold
from station.models.training.fitting import (
    fit_kernel,
    fit_subset,
    fit_width,
    learned_levels_V,
    learned_subsets,
)
from station.models.training.learn import SEED
from station.models.training.table import Labelled, read_labelled, stratified_folds
from station.models.training.types import fit_lfp, fit_types
from tests.benchmarks.diagnosis.place import TABLE, remembered

WIDTH_S = 5.0


def rows_of_width() -> Labelled:
    """The labelled rows of 5 s pulses, the one width that all types have."""
    table = read_labelled(TABLE)
    return table.where(table.width_s == WIDTH_S)


def folds_of(rows: Labelled) -> dict[str, int]:
    """The fold of each cell; the cells of a type are dealt out by their SOH."""
    found: dict[str, int] = {}
    for name in sorted(set(rows.types.tolist())):
        here = rows.where(rows.types == name)
        found |= stratified_folds(here.cells.tolist(), here.soh, FOLDS)
    return found


def adopted_folders(folder: Path, cache: Path | None) -> dict[int, Path]:
    """By fold, a folder for STATION_MODELS whose adopted models were learned without the fold's cells.

    Folders that are there already are used again.
    """
    wanted = {number: folder / f"fold-{number}" for number in range(FOLDS)}
    if all((place / "adoptions.jsonl").is_file() for place in wanted.values()):
        return wanted
    for number, models in _fold_models(rows_of_width(), cache).items():
        candidate = folder / f"candidate-{number}"
        save_models(models, candidate)
        adoptions = Adoptions(wanted[number], DEFAULT_FOLDER)
        adoptions.adopt(candidate, "benchmark", f"learned without the cells of fold {number}")
    return wanted


def models_in(folder: Path) -> ModelSet:
    """The models that a station with this folder judges by."""
    adoptions = Adoptions(folder, DEFAULT_FOLDER)
    return load_models(folder / "sets" / adoptions.in_use())


def _fold_models(rows: Labelled, cache: Path | None) -> dict[int, ModelSet]:
    folds = folds_of(rows)
    recipes: dict[int, dict[str, Recipe]] = {number: {} for number in range(FOLDS)}
    for name in sorted(set(rows.types.tolist())):
        for number, recipe in _recipes(rows.where(rows.types == name), name, folds, cache).items():
            recipes[number][name] = recipe
    fold = np.array([folds[cell] for cell in rows.cells])
    found = {}
    for number in range(FOLDS):
        inside = rows.where(fold != number)
        info = {"judges": sorted(cell for cell, place in folds.items() if place == number)}
        found[number] = ModelSet(recipes[number], fit_types(inside), fit_lfp(inside), info)
    return found


def _recipes(rows: Labelled, name: str, folds: dict[str, int], cache: Path | None) -> dict[int, Recipe]:
    fold = np.array([folds[cell] for cell in rows.cells])
    learned: dict[int, dict[float, dict[str, Learned]]] = {number: {} for number in range(FOLDS)}
    for level_V in learned_levels_V(WIDTH_S):
        for subset in learned_subsets(rows, level_V):
            kernels = {
                number: _kernel(rows.where(fold != number), subset, level_V, f"{name}/{number}", cache)
                for number in range(FOLDS)
            }
            unseen = predict_out_of_fold(rows, subset, folds, kernels, level_V)
            judged = judged_rows(rows, level_V)
            for number in range(FOLDS):
                # A fold's interval comes from the other folds' cells alone, as in `crossed_intervals`.
                calibration = calibrate(judged, unseen, unseen.fold != number)
                inside = rows.where(fold != number)
                learned[number].setdefault(level_V, {})[subset] = fit_subset(
                    inside, subset, kernels[number], calibration, level_V
                )
    found = {}
    for number, by_level in learned.items():
        clean = by_level.pop(0.0)
        width = fit_width(rows.where(fold != number), clean, by_level)
        third_C = float(np.median(rows.third_amplitude_C))
        nominal_Ah = float(rows.nominal_capacity_Ah[0])
        found[number] = Recipe(name, str(rows.chemistries[0]), nominal_Ah, third_C, {WIDTH_S: width})
    return found


def _kernel(rows: Labelled, subset: str, level_V: float, key: str, cache: Path | None) -> Kernel:
    def search() -> Floats:
        kernel = fit_kernel(rows, subset, SEED, level_V)
        return np.concatenate([[kernel.linear, kernel.bend, kernel.noise], kernel.lengths])

    linear, bend, noise, *lengths = remembered(cache, f"chain/{key}/{subset}/{level_V:g}", search)
    return Kernel(np.array(lengths), float(linear), float(bend), float(noise))
