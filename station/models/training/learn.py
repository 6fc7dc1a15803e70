"""The whole of learning, in order: cross-validate, calibrate, fit what is shipped, write files and card."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from station.diagnosis.soh.gaussian_process import Kernel
from station.diagnosis.soh.model import Learned, ModelSet, Recipe, WidthModel
from station.diagnosis.tables import Bools
from station.models.store import load_models, save_models
from station.models.training.card import model_card
from station.models.training.crossval import (
    FOLDS,
    calibrate,
    calibration_rows,
    crossed_intervals,
    figures,
    judged_rows,
    predict_out_of_fold,
)
from station.models.training.curve import learning_curve, widest_liked
from station.models.training.fitting import (
    fit_kernel,
    fit_subset,
    fit_width,
    is_reference,
    learned_levels_V,
    learned_subsets,
)
from station.models.training.gains import write_gains
from station.models.training.table import Labelled, file_sha256, held_out, read_labelled, stratified_folds
from station.models.training.types import fit_lfp, fit_types, foreign_figures, type_figures

HELD_OUT_SHARE = 0.06
ANCHOR_WIDTHS_S = (5.0, 0.7, 0.05)
NOISY_ANCHOR_WIDTHS_S = (5.0, 0.7)
"""Widths at which kernel parameters are searched; the other widths use those of the nearest (on a log
scale)."""

EXCLUDED_CELLS = {"LMO10-016": "cell of the whole Nebula session (LMO 10 Ah, 6.0513 Ah, same voltages)"}
"""Never in the shipped fit, so that judging the session file is honest."""

SEED = 20240501

WORKERS = 2
"""Types learned at the same time; the result does not depend on it."""


@dataclass(frozen=True)
class KernelStore:
    """Kernels by subset, anchor width and noise level: one for all shipped cells and one for each fold
    without its cells."""

    shipped: dict[tuple[str, float, float], Kernel]
    by_fold: dict[tuple[str, float, float, int], Kernel]

    def of_folds(self, subset: str, anchor: float, level_V: float) -> dict[int, Kernel]:
        """Kernel by fold for one subset, anchor width and noise level."""
        wanted = (subset, anchor, level_V)
        return {key[3]: kernel for key, kernel in self.by_fold.items() if key[:3] == wanted}

    def nearest(self, width_s: float, level_V: float) -> float:
        """The anchor width nearest to a width."""
        anchors = {key[1] for key in self.shipped if key[2] == level_V}
        return min(anchors, key=lambda anchor: abs(np.log(anchor / width_s)))


def learn(table_path: Path, out_dir: Path, card_path: Path | None = None) -> dict[str, Any]:
    """Learn from a labelled table; write the model files, the gains of an adaptive test and the card.

    The card goes to ``card_path`` or into ``out_dir``. Deterministic for one table. Returns the report that
    the JSON file holds under ``info``. Raises DataError for a table that cannot be learned from.
    """
    with threadpool_limits(limits=1):  # many small matrices: more threads only wait for each other
        return _learn(Path(table_path), Path(out_dir), card_path)


def _learn(table_path: Path, out_dir: Path, card_path: Path | None) -> dict[str, Any]:
    rows = read_labelled(table_path)
    names = sorted(set(rows.types.tolist()))
    folds = {name: _folds(rows.where(rows.types == name)) for name in names}
    left_out = {name: held_out(rows.cells[rows.types == name].tolist(), HELD_OUT_SHARE) for name in names}
    unshipped = {cell for cells in left_out.values() for cell in cells} | set(EXCLUDED_CELLS)
    shipped = ~np.isin(rows.cells, sorted(unshipped))
    with ThreadPoolExecutor(WORKERS) as pool:  # linear algebra runs outside the interpreter lock
        learned = list(
            pool.map(lambda name: _learn_type(rows.where(rows.types == name), folds[name], unshipped), names)
        )
        curves = list(pool.map(lambda name: _curve(rows.where(rows.types == name), folds[name]), names))
    recipes = {name: recipe for name, (recipe, _) in zip(names, learned, strict=True)}
    found = {name: about for name, (_, about) in zip(names, learned, strict=True)}
    info: dict[str, Any] = {
        "training_table_sha256": file_sha256(table_path),
        "training_rows": int(shipped.sum()),
        "seed": SEED,
        "held_out_cells": left_out,
        "learned_cells": {
            name: sorted(set(rows.cells[(rows.types == name) & shipped].tolist())) for name in names
        },
        "excluded_cells": {
            cell: why for cell, why in EXCLUDED_CELLS.items() if cell in set(rows.cells.tolist())
        },
        "figures": found,
        "learning_curve": dict(zip(names, curves, strict=True)),
        "types": asdict(type_figures(rows, folds)),
    }
    models = ModelSet(recipes, fit_types(rows.where(shipped)), fit_lfp(rows.where(shipped)), info)
    info["foreign"] = foreign_figures(models, rows)
    save_models(models, out_dir)
    write_gains(rows, load_models(out_dir), out_dir)
    card = card_path or out_dir / "model-card.md"
    card.parent.mkdir(parents=True, exist_ok=True)
    card.write_text(model_card(load_models(out_dir)), encoding="utf-8")
    return info


def _folds(rows: Labelled) -> dict[str, int]:
    return stratified_folds(rows.cells.tolist(), rows.soh, FOLDS)


def _curve(rows: Labelled, folds: dict[str, int]) -> list[dict[str, Any]]:
    """Points with fewer cells, at the widest pulse; each of their fits searches its own kernel."""
    here, subset = widest_liked(rows)

    def fit(inside: Labelled, _fold: int) -> Learned:
        return fit_subset(inside, subset, fit_kernel(inside, subset, SEED))

    return learning_curve(here, subset, folds, fit, is_reference(here, subset))


def _learn_type(
    rows: Labelled, folds: dict[str, int], unshipped: set[str]
) -> tuple[Recipe, list[dict[str, Any]]]:
    """One type at all its widths; the figures are a list of {width_s, subset, row kind, …}."""
    widths = sorted(set(rows.width_s.tolist()))
    kernels = _find_kernels(rows, widths, folds, unshipped)
    models: dict[float, WidthModel] = {}
    found: list[dict[str, Any]] = []
    for width in widths:
        here = rows.where(rows.width_s == width)
        keep = ~np.isin(here.cells, sorted(unshipped))
        learned = {}
        for level_V in learned_levels_V(width):
            learned[level_V], figures_here = _learn_level(here, keep, level_V, folds, kernels)
            found += figures_here
        clean = learned.pop(0.0)
        models[width] = fit_width(here.where(keep), clean, learned)
    third = float(np.median(rows.third_amplitude_C))
    recipe = Recipe(
        str(rows.types[0]), str(rows.chemistries[0]), float(rows.nominal_capacity_Ah[0]), third, models
    )
    return recipe, found


def _learn_level(
    rows: Labelled, keep: Bools, level_V: float, folds: dict[str, int], kernels: KernelStore
) -> tuple[dict[str, Learned], list[dict[str, Any]]]:
    """All subsets of one width at one noise level."""
    anchor = kernels.nearest(float(rows.width_s[0]), level_V)
    judged = judged_rows(rows, level_V)
    judged_keep = np.tile(keep, len(judged.soh) // len(keep))
    learned: dict[str, Learned] = {}
    found: list[dict[str, Any]] = []
    for subset in learned_subsets(rows, level_V):
        unseen = predict_out_of_fold(rows, subset, folds, kernels.of_folds(subset, anchor, level_V), level_V)
        both = level_V == 0.0 and is_reference(rows, subset)
        half, foreign = crossed_intervals(judged, unseen, both)
        calibrating = calibration_rows(judged)
        for kind, chosen in (("calibration", calibrating), ("other", ~calibrating)):
            if chosen.any():
                label = "single charge" if judged.single_charge[chosen].any() else "ladder"
                numbers = asdict(figures(judged, unseen, half, foreign, chosen))
                about = {"width_s": float(rows.width_s[0]), "subset": subset, "noise_V": level_V}
                found.append({**about, "kind": kind, "history": label, **numbers})
        calibration = calibrate(judged, unseen, judged_keep, both)
        kernel = kernels.shipped[subset, anchor, level_V]
        learned[subset] = fit_subset(rows.where(keep), subset, kernel, calibration, level_V)
    return learned, found


def _find_kernels(
    rows: Labelled, widths: list[float], folds: dict[str, int], unshipped: set[str]
) -> KernelStore:
    shipped, by_fold = {}, {}
    for level_V in learned_levels_V(widths[-1]):
        usual = NOISY_ANCHOR_WIDTHS_S if level_V > 0.0 else ANCHOR_WIDTHS_S
        wanted = [width for width in usual if level_V in learned_levels_V(width)]
        anchors = sorted({min(widths, key=lambda width: abs(np.log(width / anchor))) for anchor in wanted})
        for anchor in anchors:
            here = rows.where(rows.width_s == anchor)
            fold = np.array([folds[cell] for cell in here.cells])
            keep = ~np.isin(here.cells, sorted(unshipped))
            for subset in learned_subsets(here, level_V):
                shipped[subset, anchor, level_V] = fit_kernel(here.where(keep), subset, SEED, level_V)
                for number in sorted(set(fold.tolist())):
                    without = here.where(fold != number)
                    by_fold[subset, anchor, level_V, number] = fit_kernel(without, subset, SEED, level_V)
    return KernelStore(shipped, by_fold)
