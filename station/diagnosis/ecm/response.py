"""The voltage of one RC element of 1 ohm under any measured current."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Longest stretch in time constants that one exponential scale can carry in double precision.
STRETCH = 300.0


def rc_response(dt_s: Floats, from_A: Floats, to_A: Floats, tau_s: float) -> Floats:
    """Voltage of an RC element of 1 ohm, relaxed at the first row; shape ``(n + 1,)`` for ``n`` intervals.

    The current goes straight from ``from_A`` to ``to_A`` over each interval of ``dt_s`` s, which has an exact
    answer: x₊ = a·x + from·(1 − a) + (to − from)·(1 − (1 − a)·τ/dt) with a = exp(−dt/τ).
    The recursion is summed in stretches with one exponential scale each instead of row by row.
    """
    ratio = dt_s / tau_s
    decay = -np.expm1(-ratio)  # 1 − a
    drive = from_A * decay + (to_A - from_A) * (1.0 - decay / ratio)
    age = np.concatenate(([0.0], np.cumsum(ratio)))
    x = np.zeros(age.size)
    row = 0
    while row < drive.size:
        # A stretch ends before its scale leaves the range; a single longer interval is its own stretch.
        end = int(np.searchsorted(age, age[row] + STRETCH, side="right")) - 1
        end = min(max(end, row + 1), drive.size)
        if end == row + 1:
            x[end] = x[row] * (1.0 - decay[row]) + drive[row]
        else:
            growth = np.exp(age[row + 1 : end + 1] - age[row])
            x[row + 1 : end + 1] = (x[row] + np.cumsum(drive[row:end] * growth)) / growth
        row = end
    return x
