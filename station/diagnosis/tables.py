"""The pulse table as arrays: column order, the subsets a test may deliver, and rows made from pulse
blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

COLUMNS: tuple[str, ...] = tuple(f"U{number}" for number in range(1, 42))
"""U1 = voltage after rest; then eight samples for each of 0.5, 1, third, 2, 2.5 C (see ``UBlock``)."""

SUBSETS: Mapping[str, tuple[int, ...]] = {
    "all": tuple(range(41)),
    "first": tuple(range(21)),
    "pair": tuple(range(32, 41)),
    "all_lasts": tuple(range(0, 41, 2)),
    "first_lasts": tuple(range(0, 21, 2)),
    "pair_lasts": tuple(range(32, 41, 2)),
}
"""Zero-based columns of what a test delivers: five amplitudes, U1-U21, or one 2.5 C pair; and the same
sampled too slowly to know the first sample after an edge (``lasts``).

The first column of a subset is the rest voltage its differences refer to: U1, or U33 before the 2.5 C pair.
"""

THIRD_AMPLITUDE_COLUMNS = slice(17, 25)
"""U18 … U25: the columns that depend on the third amplitude."""

VOLTAGE_RANGE_V = (0.5, 5.0)
"""Outside of it a single lithium cell's terminal voltage is a wrong unit or a broken reading."""


def rows_from_values(values: Sequence[Mapping[str, float]]) -> Floats:
    """Voltages in V, shape (rows, 41); what was not measured is NaN. Unknown keys raise KeyError."""
    rows = np.full((len(values), len(COLUMNS)), np.nan)
    position = {name: number for number, name in enumerate(COLUMNS)}
    for row, measured in enumerate(values):
        for name, voltage in measured.items():
            rows[row, position[name]] = voltage
    return rows


def fill_standalone(voltages_V: Floats) -> Floats:
    """Give a stand-alone 2.5 C pair its rest voltage under both names, U1 and U33.

    A pair measured alone starts from rest, so the voltage before it is U1 and U33 at once. Rows that
    hold smaller pulses are left as they are. Returns a copy.
    """
    filled = voltages_V.copy()
    alone = np.isnan(filled[:, 1:32]).all(axis=1) & np.isfinite(filled[:, 33:]).any(axis=1)
    need_u33 = alone & np.isnan(filled[:, 32])
    filled[need_u33, 32] = filled[need_u33, 0]
    need_u1 = alone & np.isnan(filled[:, 0])
    filled[need_u1, 0] = filled[need_u1, 32]
    return filled


def differences(voltages_V: Floats) -> Floats:
    """Rest voltage and the differences to it: column 0 kept, all others minus column 0. In V, same shape."""
    return np.column_stack([voltages_V[:, 0], voltages_V[:, 1:] - voltages_V[:, :1]])
