"""What can be matched, and what unlikeness costs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class MatchingError(ValueError):
    """The stock or the order makes no sense; the text names the part and the remedy."""


@dataclass(frozen=True)
class Part:
    """A tested cell or module. ``ocv_V`` None where it is not known at the same state of all parts."""

    code: str
    capacity_Ah: float
    resistance_ohm: float
    ocv_V: float | None = None


@dataclass(frozen=True)
class Weights:
    """The spread of each quantity inside a group that weighs as much as the others.

    Spreads are max − min: of capacity and resistance as a share of the stock's median, of OCV in V. A group
    in series holds what its weakest part holds, which is why the range counts and not the variance.
    """

    capacity_share: float = 0.02
    resistance_share: float = 0.05
    ocv_V: float = 0.01


def as_matrix(parts: Sequence[Part], weights: Weights) -> Floats:
    """Shape (parts, 2 or 3): each quantity in units of its weight. Raises MatchingError."""
    seen: set[str] = set()
    for part in parts:
        if part.code in seen:
            raise MatchingError(f"{part.code} is in the stock twice: take one of the two out")
        seen.add(part.code)
        values = [part.capacity_Ah, part.resistance_ohm, *([] if part.ocv_V is None else [part.ocv_V])]
        if not all(math.isfinite(value) for value in values) or min(values[:2]) <= 0:
            raise MatchingError(
                f"{part.code}: capacity and resistance must be positive numbers: test it again"
            )
    with_ocv = [part.ocv_V is not None for part in parts]
    if any(with_ocv) and not all(with_ocv):
        missing = parts[with_ocv.index(False)].code
        raise MatchingError(f"{missing} has no OCV while others have one: measure it, or match without OCV")
    capacity = np.array([part.capacity_Ah for part in parts])
    resistance = np.array([part.resistance_ohm for part in parts])
    columns = [
        capacity / (np.median(capacity) * weights.capacity_share),
        resistance / (np.median(resistance) * weights.resistance_share),
    ]
    if all(with_ocv):
        columns.append(np.array([part.ocv_V for part in parts], dtype=np.float64) / weights.ocv_V)
    return np.column_stack(columns)


def spread(matrix: Floats, members: Sequence[int]) -> float:
    """Sum over the quantities of max − min inside one group, in weights."""
    rows = matrix[list(members)]
    return float((rows.max(axis=0) - rows.min(axis=0)).sum())
