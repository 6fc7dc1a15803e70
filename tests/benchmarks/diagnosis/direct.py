"""Resistances read straight from a record, without any of the station's code: the oracle of real records."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

Values = np.ndarray[Any, np.dtype[np.float64]]

EDGE_SHARE, REST_SHARE = 0.25, 0.02
"""Of the largest current: a change that is an edge, and what still counts as rest."""


def read(
    t: Values, current: Values, volts: Values, times_s: tuple[float, ...], longest_s: float
) -> list[Any]:
    """(start, {t: ohm}) of every pulse after a rest; times by linear interpolation after the last rest row.

    Pulses whose current does not stay within 3 % of its level are left out, and times beyond the end.
    """
    largest = float(np.abs(current).max())
    edges = np.flatnonzero(np.abs(np.diff(current)) > EDGE_SHARE * largest)
    found = []
    for edge, end in pairwise(edges):
        level = float(np.median(current[edge + 1 : end + 1]))
        lasted = float(t[end] - t[edge])
        if abs(current[edge]) > REST_SHARE * largest or abs(level) < EDGE_SHARE * largest:
            continue
        steady = np.abs(current[edge + 1 : end + 1] - level) < 0.03 * abs(level)
        if lasted > longest_s or not steady.all():
            continue
        rows = slice(edge + 1, end + 1)
        ohm = {
            asked: float(
                (np.interp(t[edge] + asked, t[rows], volts[rows]) - volts[edge]) / (level - current[edge])
            )
            for asked in times_s
            if t[edge + 1] <= t[edge] + asked <= t[end]
        }
        found.append((float(t[edge]), ohm))
    return found
