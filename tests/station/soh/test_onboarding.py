"""Choosing the cells of a new type that are worth a capacity test."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from station.models.training.onboarding import cells_to_label
from station.models.training.table import Labelled


def of_type(labelled: Labelled, name: str) -> Labelled:
    return labelled.where((labelled.types == name) & (labelled.width_s == 5.0))


def test_capacities_are_not_looked_at(labelled: Labelled) -> None:
    rows = of_type(labelled, "LMO 10 Ah")
    blind = replace(rows, soh=np.zeros_like(rows.soh))
    assert cells_to_label(blind, 20) == cells_to_label(rows, 20)


def test_picked_cells_span_the_type_better_than_the_usual_draw(labelled: Labelled) -> None:
    rows = of_type(labelled, "LMO 10 Ah")
    capacity = {cell: float(rows.soh[rows.cells == cell].mean()) for cell in set(rows.cells.tolist())}
    picked = np.array([capacity[cell] for cell in cells_to_label(rows, 10)])
    draw = np.random.default_rng(1)
    spans = [np.ptp(draw.choice(sorted(capacity.values()), 10, replace=False)) for _ in range(200)]
    assert np.mean(np.ptp(picked) > np.array(spans)) > 0.5


def test_each_cell_once_and_no_more_than_there_are(labelled: Labelled) -> None:
    rows = of_type(labelled, "NMC 2.1 Ah")
    found = cells_to_label(rows, 50)
    assert found == sorted(set(rows.cells.tolist()))
    assert len(set(cells_to_label(of_type(labelled, "LFP 35 Ah"), 7, "all"))) == 7
