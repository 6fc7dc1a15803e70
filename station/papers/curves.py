"""A long recording as few points that hide nothing: least and greatest value of each column of the plot."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def reduced(time_s: Floats, values: Floats, columns: int) -> tuple[Floats, Floats]:
    """At most ``2 × columns`` points, in order of time; a dip of a single sample stays.

    ``time_s`` rises; what is not finite is left out. Shapes ``(n,)``.
    """
    usable = np.isfinite(time_s) & np.isfinite(values)
    t, v = time_s[usable], values[usable]
    if len(t) <= 2 * columns:
        return t, v
    width_s = (t[-1] - t[0]) / columns or 1.0
    keys = np.minimum(((t - t[0]) / width_s).astype(np.int64), columns - 1)
    chosen = []
    for rows in np.split(np.arange(len(t)), np.flatnonzero(np.diff(keys)) + 1):
        part = v[rows]
        chosen += sorted({int(rows[part.argmin()]), int(rows[part.argmax()])})
    return t[chosen], v[chosen]


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round values between ``low`` and ``high``, about so many."""
    span = high - low
    if not np.isfinite(span) or span <= 0:
        return [low]
    step = 10.0 ** np.floor(np.log10(span / about))
    step *= next((factor for factor in (1, 2, 5) if span / (step * factor) <= about), 10)
    return [
        float(n * step) for n in range(int(np.ceil(low / step - 1e-9)), int(np.floor(high / step + 1e-9)) + 1)
    ]
