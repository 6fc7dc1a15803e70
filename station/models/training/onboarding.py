"""Which cells of a new type to label: those whose pulses differ most, so that few capacity tests cover
all."""

from __future__ import annotations

import numpy as np

from station.diagnosis.tables import SUBSETS, differences
from station.models.training.fitting import row_weights, whitening
from station.models.training.table import Labelled

DIRECTIONS = 8
"""Leading directions of the pulse voltages in which cells are told apart (two, four and eight were tried)."""


def cells_to_label(rows: Labelled, count: int, subset: str = "first") -> list[str]:
    """``count`` cells by farthest-point choice on their mean pulse response; capacities are not looked at.

    Starts with the cell nearest to the mean, then takes again and again the cell farthest from all taken
    (Gonzalez 1985). ``rows`` are pulse blocks of one type and width. Fewer cells than ``count``: all of them.
    """
    features = differences(rows.voltages_V[:, SUBSETS[subset]])
    mean, projection = whitening(features, row_weights(rows))
    components = ((features - mean) @ projection)[:, :DIRECTIONS]
    names = np.unique(rows.cells)
    places = np.array([components[rows.cells == name].mean(axis=0) for name in names])
    spread = places.std(axis=0)
    places = (places - places.mean(axis=0)) / np.where(spread > 0.0, spread, 1.0)
    taken = [int(np.argmin((places**2).sum(axis=1)))]
    away = ((places - places[taken[0]]) ** 2).sum(axis=1)
    while len(taken) < min(count, len(names)):
        taken.append(int(np.argmax(away)))
        away = np.minimum(away, ((places - places[taken[-1]]) ** 2).sum(axis=1))
    return sorted(str(names[place]) for place in taken)
