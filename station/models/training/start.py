"""Starts a cell type from a few labelled cells and puts it beside the types that are known already."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from station.diagnosis.adaptive.gains import Gains
from station.diagnosis.soh.model import Learned, ModelSet, Recipe, WidthModel
from station.diagnosis.soh.noise import LEVELS_V
from station.diagnosis.tables import Bools
from station.errors import DataError
from station.models.gains import save_gains
from station.models.store import load_models, save_models
from station.models.training.crossval import (
    FOLDS,
    calibrate,
    calibration_rows,
    crossed_intervals,
    figures,
    judged_rows,
    predict_unseen,
)
from station.models.training.curve import learning_curve, widest_liked
from station.models.training.few_cells import expected_of, fit_few, relatives_of
from station.models.training.fitting import (
    SINGLE_CHARGE_WEIGHT,
    fit_kernel,
    fit_subset,
    fit_width,
    learned_subsets,
)
from station.models.training.learn import SEED
from station.models.training.start_gains import started_gains
from station.models.training.table import Labelled, stratified_folds, type_name
from station.models.training.types import fit_lfp, fit_types

LEAST_CELLS = 10
"""Fewer cells give no 90 % interval: with k cells its level is 0.9 (k + 1) / k, which must stay below 1."""


@dataclass(frozen=True)
class Started:
    """What was learned: the type, its cells, its relatives, and figures on cells left out."""

    name: str
    cells: list[str]
    relatives: list[str]
    figures: list[dict[str, Any]]


def start_type(base: ModelSet, rows: Labelled) -> tuple[ModelSet, Started]:
    """The models of ``base`` and a new type learned from ``rows`` (one type, all labelled).

    Types known already stay as they are; what tells types apart is learned anew with the new one among them.
    Intervals come from cells left out, as for every type. Raises DataError for several types, a known one,
    or fewer than ``LEAST_CELLS`` cells.
    """
    with threadpool_limits(limits=1):
        return _start(base, rows)


def save_started(
    base: ModelSet, rows: Labelled, out: Path, sources: Mapping[str, Any], gains: Gains | None = None
) -> Started:
    """``start_type``, written to ``out`` with the gains of an adaptive test beside it.

    ``sources`` (checksums of the tables) go into the header; ``gains`` are those of ``base``.
    """
    models, started = start_type(base, rows)
    info = {**models.info, "sources": dict(sources)}
    save_models(replace(models, info=info), out)
    found = started_gains(load_models(out), rows, gains)
    if found is not None:
        save_gains(found, out)
    return started


def _start(base: ModelSet, rows: Labelled) -> tuple[ModelSet, Started]:
    name = _checked(base, rows)
    cells = sorted(set(rows.cells.tolist()))
    relatives = relatives_of(base, str(rows.chemistries[0]), name)
    folds = stratified_folds(rows.cells.tolist(), rows.soh, FOLDS)
    widths: dict[float, WidthModel] = {}
    found: list[dict[str, Any]] = []
    for width in sorted(set(rows.width_s.tolist())):
        here = rows.where(rows.width_s == width)
        by_level: dict[float, dict[str, Learned]] = {}
        for level_V in (0.0, *LEVELS_V):
            by_level[level_V] = {}
            for subset in learned_subsets(here):
                learned, told = _learn_subset(here, subset, level_V, folds, relatives)
                by_level[level_V][subset] = learned
                found.append({"width_s": width, "subset": subset, "noise_V": level_V, **told})
        clean = by_level.pop(0.0)
        widths[width] = fit_width(here, clean, by_level)
    curve = _curve(rows, folds, relatives)
    third = float(np.median(rows.third_amplitude_C))
    recipe = Recipe(name, str(rows.chemistries[0]), float(rows.nominal_capacity_Ah[0]), third, widths)
    everything = _together(rows_of(base), rows)
    models = ModelSet(
        {**base.recipes, name: recipe},
        {**base.types, **fit_types(everything)},
        fit_lfp(everything),
        _info(base, name, cells, [relative.name for relative in relatives], found, curve),
    )
    return models, Started(name, cells, [relative.name for relative in relatives], found)


def _checked(base: ModelSet, rows: Labelled) -> str:
    names = sorted(set(rows.types.tolist()))
    if len(names) != 1:
        raise DataError(
            f"the labelled cells belong to {len(names)} types: {', '.join(names)}",
            remedy="start one type at a time: choose it by chemistry and nominal capacity",
            code="learn.several_types",
            types=names,
        )
    if names[0] in base.recipes:
        raise DataError(
            f"{names[0]} is known already",
            remedy="learn it anew from all its rows: station learn",
            code="learn.type_known",
            type=names[0],
        )
    count = len(set(rows.cells.tolist()))
    if count < LEAST_CELLS:
        raise DataError(
            f"{count} labelled cells of {names[0]}; {LEAST_CELLS} are the least",
            remedy="test the capacity of more cells; which ones: station learn propose",
            code="learn.few_cells",
            cells=count,
            least=LEAST_CELLS,
        )
    return str(names[0])


def _learn_subset(
    rows: Labelled, subset: str, level_V: float, folds: dict[str, int], relatives: list[Recipe]
) -> tuple[Learned, dict[str, Any]]:
    """One subset at one noise level with its calibration, and its figures on cells left out.

    Views of few cells are for clean voltages with all samples; elsewhere the noise leaves few directions.
    """
    fit = _fitting(rows, subset, level_V, relatives)
    unseen = predict_unseen(rows, subset, folds, fit, level_V)
    judged = judged_rows(rows, level_V)
    everyone: Bools = np.ones(len(judged.soh), dtype=bool)
    half, foreign = crossed_intervals(judged, unseen)
    chosen = calibration_rows(judged)
    history = "single charge" if judged.single_charge[chosen].any() else "ladder"
    told = {"kind": "calibration", "history": history}
    told |= asdict(figures(judged, unseen, half, foreign, chosen))
    return replace(fit(rows, -1), calibration=calibrate(judged, unseen, everyone)), told


def _fitting(
    rows: Labelled, subset: str, level_V: float, relatives: list[Recipe]
) -> Callable[[Labelled, int], Learned]:
    """What learns a subset from some of the rows, whatever the fold."""
    expected = expected_of(relatives, subset, float(rows.width_s[0]))

    def fit(inside: Labelled, _fold: int) -> Learned:
        if level_V == 0.0 and not subset.endswith("_lasts"):
            return fit_few(inside, subset, SEED, expected)
        return fit_subset(inside, subset, fit_kernel(inside, subset, SEED, level_V), level_V=level_V)

    return fit


def _curve(rows: Labelled, folds: dict[str, int], relatives: list[Recipe]) -> list[dict[str, Any]]:
    """Points with fewer of the labelled cells, learned in the same way."""
    here, subset = widest_liked(rows)
    return learning_curve(here, subset, folds, _fitting(here, subset, 0.0, relatives))


def rows_of(models: ModelSet) -> Labelled:
    """The rows that learned models stand on, as far as they are kept: cells bear numbers, SOC is unknown."""
    parts = []
    for name, recipe in models.recipes.items():
        for width, model in recipe.widths.items():
            size = len(model.soh)
            parts.append(
                Labelled(
                    types=np.full(size, type_name(recipe.chemistry, recipe.nominal_capacity_Ah)),
                    chemistries=np.full(size, recipe.chemistry),
                    nominal_capacity_Ah=np.full(size, recipe.nominal_capacity_Ah),
                    cells=np.array([f"{name}#{number}" for number in model.cells]),
                    single_charge=model.weights >= SINGLE_CHARGE_WEIGHT,
                    soh=model.soh,
                    width_s=np.full(size, width),
                    third_amplitude_C=np.full(size, recipe.third_amplitude_C),
                    voltages_V=model.voltages_V,
                    soc_nominal_pct=np.full(size, np.nan),
                )
            )
    return _together(*parts)


def _together(*parts: Labelled) -> Labelled:
    return Labelled(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in Labelled.__dataclass_fields__)
    )


def _info(
    base: ModelSet,
    name: str,
    cells: list[str],
    relatives: list[str],
    found: list[dict[str, Any]],
    curve: list[dict[str, Any]],
) -> dict[str, Any]:
    inherited = {key: value for key, value in base.info.items() if key not in ("arrays_sha256", "model_id")}
    return {
        **inherited,
        "figures": {**inherited.get("figures", {}), name: found},
        "learning_curve": {**inherited.get("learning_curve", {}), name: curve},
        "learned_cells": {**inherited.get("learned_cells", {}), name: cells},
        "started": {
            **inherited.get("started", {}),
            name: {"relatives": relatives, "base": base.info.get("model_id"), "seed": SEED},
        },
    }
