"""Leaves out the samples of a run that an edge fell into: their voltage is older than their current.

The station asks an instrument for the voltage and then for the current. Where the instrument's own program
changes the current between the two, the sample holds the voltage of before and the current of after. Left
in, it reads like a voltage channel that is one row late.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from station.rawfiles.recording import SampleTable

STEP_SHARE, STEP_A = 0.02, 0.3
"""A change of current from row to row beyond the larger of this share of the largest current, and this."""
OLD_SHARE = 0.2
"""The voltage is old when it has done less than this part of the change it has done one row later."""
CHANGE_MIN_V = 0.004
"""Smaller changes of voltage drown in the resolution of a 70 V instrument: nothing is left out for them."""


def one_instant(samples: SampleTable) -> SampleTable:
    """The rows whose voltage and current belong to the same moment, in file order."""
    straddling = _straddling(samples.current_A, samples.voltage_V)
    if not straddling.any():
        return samples
    keep = ~straddling
    return SampleTable(
        samples.time_s[keep],
        samples.current_A[keep],
        samples.voltage_V[keep],
        None if samples.temperature_degC is None else samples.temperature_degC[keep],
        None if samples.step is None else samples.step[keep],
    )


def _straddling(current_A: NDArray[np.float64], voltage_V: NDArray[np.float64]) -> NDArray[np.bool_]:
    found = np.zeros(current_A.size, dtype=np.bool_)
    if current_A.size < 3:
        return found
    step_A = np.diff(current_A)
    # Of row k: what the current did to get there, the voltage likewise, and the voltage to the row after it.
    into_A, into_V = step_A[:-1], voltage_V[1:-1] - voltage_V[:-2]
    beyond_V = voltage_V[2:] - voltage_V[:-2]
    with np.errstate(invalid="ignore"):  # rows without a reading compare false
        large = np.abs(into_A) > max(STEP_SHARE * float(np.nanmax(np.abs(current_A))), STEP_A)
        followed = (np.abs(beyond_V) > CHANGE_MIN_V) & (np.sign(beyond_V) == np.sign(into_A))
        found[1:-1] = large & followed & (np.abs(into_V) < OLD_SHARE * np.abs(beyond_V))
    return found
