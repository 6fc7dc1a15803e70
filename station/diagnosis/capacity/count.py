"""Charge over a stretch of samples by the trapezoid rule, and how wrong it may be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from station.diagnosis.tables import Floats

GAP_S = 5.0
GAP_PERIODS = 5.0
"""Neighbours farther apart than this, and than so many usual periods, have a gap between them."""


@dataclass(frozen=True)
class CurrentAccuracy:
    """Largest error of a measured current: ``gain`` (share of the reading) plus ``offset_A``.

    The defaults are an engineering choice for a bench nobody has stated anything better for.
    """

    gain: float = 0.002
    offset_A: float = 0.02


@dataclass(frozen=True)
class CountedCharge:
    """``charge_Ah`` keeps the sign of the current; the error bound is the sum of all that is known.

    ``bridged_Ah`` is the part that was counted across gaps, as magnitude, and ``longest_gap_s`` the longest
    of them; ``missing_rows`` had no current or time.
    """

    charge_Ah: float
    bound_Ah: float
    duration_s: float
    rows: int
    missing_rows: int
    bridged_Ah: float
    longest_gap_s: float

    @property
    def mean_A(self) -> float:
        """Mean current in A."""
        return 3600 * self.charge_Ah / self.duration_s if self.duration_s > 0 else 0.0


def count_charge(time_s: Floats, current_A: Floats, accuracy: CurrentAccuracy) -> CountedCharge:
    """Count the charge of rows (n,) in time order; positive currents charge.

    A row without time or current is left out, and a gap is bridged by a straight line: what flowed there was
    not seen, so the whole of what was bridged is part of the bound. The edges at both ends lie somewhere
    within one period of the first and last row: half a period of the current there each.
    Raises ValueError for fewer than two usable rows or a time that runs backwards.
    """
    usable = np.isfinite(time_s) & np.isfinite(current_A)
    t, current = time_s[usable], current_A[usable]
    if len(t) < 2:
        raise ValueError(f"a charge cannot be counted from {len(t)} rows")
    apart = np.diff(t)
    if (apart < 0).any():
        raise ValueError("the time runs backwards")
    parts_Ah = (current[1:] + current[:-1]) * apart / 7200
    period_s = float(np.median(apart))
    gaps = apart > max(GAP_S, GAP_PERIODS * period_s)
    duration_s = float(t[-1] - t[0])
    magnitude_Ah = float(np.abs(parts_Ah).sum())
    bridged_Ah = float(np.abs(parts_Ah[gaps]).sum())
    ends_Ah = (abs(float(current[0])) + abs(float(current[-1]))) * period_s / 7200
    return CountedCharge(
        charge_Ah=float(parts_Ah.sum()),
        bound_Ah=accuracy.gain * magnitude_Ah + accuracy.offset_A * duration_s / 3600 + bridged_Ah + ends_Ah,
        duration_s=duration_s,
        rows=len(t),
        missing_rows=int(len(time_s) - len(t)),
        bridged_Ah=bridged_Ah,
        longest_gap_s=float(apart[gaps].max()) if gaps.any() else 0.0,
    )
