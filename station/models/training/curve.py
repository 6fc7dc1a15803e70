"""How the error on unseen cells falls with the number of cells learned from: a few fits with fewer cells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np

from station.diagnosis.soh.model import Learned
from station.models.cards import LIKED
from station.models.training.crossval import (
    calibration_rows,
    crossed_intervals,
    figures,
    judged_rows,
    predict_unseen,
)
from station.models.training.fitting import learned_subsets
from station.models.training.table import Labelled

SHARES = (0.25, 0.5, 0.75)
"""Shares of the cells; the whole is what the model's own figures say."""

LEAST_LEARNED = 4
"""A share that leaves fewer cells to learn from is left out: nothing can be learned from so few."""

DRAW_SEED = 11

KEPT = ("trivial_mape", "mape", "half_width", "coverage")


def widest_liked(rows: Labelled) -> tuple[Labelled, str]:
    """The rows at the widest pulse and the subset that a model's summary shows."""
    here = rows.where(rows.width_s == rows.width_s.max())
    known = learned_subsets(here)
    return here, next((name for name in LIKED if name in known), known[0])


def learning_curve(
    rows: Labelled,
    subset: str,
    folds: dict[str, int],
    fit: Callable[[Labelled, int], Learned],
    both_histories: bool = False,
) -> list[dict[str, Any]]:
    """One point for each of ``SHARES``: ``cells`` (that share of all) and the figures of unseen cells in %.

    ``rows`` are of one type and width, with clean voltages. Every point judges the same cells in the same
    folds; what is learned outside a fold is a random share of its cells, the smaller inside the larger.
    ``fit`` must search its kernel in the rows it is given, else a point would know cells it is not to see.
    """
    names = sorted(set(rows.cells.tolist()))
    judged = judged_rows(rows, 0.0)
    points = []
    for share in SHARES:
        if learned_in(names, folds, share) < LEAST_LEARNED:
            continue

        def thin(inside: Labelled, number: int, share: float = share) -> Labelled:
            return drawn(inside, number, share)

        unseen = predict_unseen(rows, subset, folds, fit, thin=thin)
        half, foreign = crossed_intervals(judged, unseen, both_histories)
        told = asdict(figures(judged, unseen, half, foreign, calibration_rows(judged)))
        points.append({"cells": round(share * len(names)), **{key: told[key] for key in KEPT}})
    return points


def drawn(rows: Labelled, number: int, share: float) -> Labelled:
    """The rows of a random share of the cells; for one fold's ``number`` always in the same order."""
    names = sorted(set(rows.cells.tolist()))
    order = np.random.default_rng([DRAW_SEED, number]).permutation(len(names))
    chosen = [names[place] for place in order[: round(share * len(names))]]
    return rows.where(np.isin(rows.cells, chosen))


def learned_in(names: list[str], folds: dict[str, int], share: float) -> int:
    """The fewest cells that a fold leaves to learn from at this share."""
    fold = np.array([folds[name] for name in names])
    return min(round(share * int((fold != number).sum())) for number in set(fold.tolist()))
