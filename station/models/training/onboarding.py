"""Which cells of a new type to label: those whose pulses differ most, so that few capacity tests cover
all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from station.diagnosis.tables import SUBSETS, differences
from station.models.training.fitting import row_weights, whitening
from station.models.training.table import Labelled

DIRECTIONS = 4
"""Leading directions of the pulse voltages in which cells are told apart. Four and eight were compared over
five splits of five types: four was better on three of them, eight on one."""


@dataclass(frozen=True)
class Proposal:
    """A cell worth a capacity test. ``distance`` is that to the nearest cell taken before it (to the mean for
    the first), in standard deviations of the type; ``near`` is that cell, None for the mean."""

    cell: str
    distance: float
    near: str | None


def propose_cells(
    rows: Labelled, count: int, subset: str = "first", *, labelled: Sequence[str] = ()
) -> list[Proposal]:
    """``count`` cells by farthest-point choice on their mean pulse response; capacities are not looked at.

    Starts with the cell nearest to the mean, then takes again and again the cell farthest from all taken
    (Gonzalez 1985); cells that are ``labelled`` already count as taken. ``rows`` are pulse blocks of one type
    and width. Fewer cells than ``count``: all of them.
    """
    features = differences(rows.voltages_V[:, SUBSETS[subset]])
    mean, projection = whitening(features, row_weights(rows))
    components = ((features - mean) @ projection)[:, :DIRECTIONS]
    names = np.unique(rows.cells)
    places = np.array([components[rows.cells == name].mean(axis=0) for name in names])
    spread = places.std(axis=0)
    places = (places - places.mean(axis=0)) / np.where(spread > 0.0, spread, 1.0)
    apart = np.linalg.norm(places[:, None, :] - places[None, :, :], axis=2)
    taken = [int(place) for place in np.flatnonzero(np.isin(names, list(labelled)))]
    found: list[Proposal] = []
    if not taken:
        centre = np.linalg.norm(places, axis=1)
        taken.append(int(np.argmin(centre)))
        found.append(Proposal(str(names[taken[0]]), float(centre[taken[0]]), None))
    while len(found) < count and len(taken) < len(names):
        to_taken = apart[:, taken]
        away = to_taken.min(axis=1)
        away[taken] = -1.0
        place = int(np.argmax(away))
        near = str(names[taken[int(np.argmin(to_taken[place]))]])
        found.append(Proposal(str(names[place]), float(away[place]), near))
        taken.append(place)
    return found[:count]


def cells_to_label(rows: Labelled, count: int, subset: str = "first") -> list[str]:
    """The names of ``propose_cells``, sorted."""
    return sorted(proposal.cell for proposal in propose_cells(rows, count, subset))
