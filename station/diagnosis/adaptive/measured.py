"""What a test has measured so far, and where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from station.diagnosis.soh.rows import RowInputs
from station.diagnosis.tables import COLUMNS


@dataclass(frozen=True)
class Measured:
    """Rows of one battery cell, each measured at one SOC level.

    ``level`` (one number per row, counted from 0 in the order of the test) tells which rows belong to one
    rest; None: all at the same. ``at_level`` is where the cell stands now (None: at the last row's), and
    ``shifted`` the charge moved between levels so far as a share of the nominal capacity (absolute sum).
    """

    rows: RowInputs
    level: Sequence[int] | None = None
    at_level: int | None = None
    shifted: float = 0.0

    def __post_init__(self) -> None:
        if self.level is not None and len(self.level) != len(self.rows.width_s):
            raise ValueError(f"{len(self.level)} levels for {len(self.rows.width_s)} rows")

    @property
    def levels(self) -> tuple[int, ...]:
        """Level of each row."""
        return (0,) * len(self.rows.width_s) if self.level is None else tuple(self.level)

    @property
    def current_level(self) -> int:
        """The level at which the next pulses would be."""
        if self.at_level is not None:
            return self.at_level
        return max(self.levels, default=0)


def nothing_measured(nominal_capacity_Ah: float | None, chemistry_hint: str | None = None) -> Measured:
    """A test that has not begun: one row without voltages that only tells the nominal capacity."""
    nominal = np.array([np.nan if nominal_capacity_Ah is None else nominal_capacity_Ah])
    nothing = np.array([np.nan])
    return Measured(RowInputs(np.full((1, len(COLUMNS)), np.nan), nothing, nothing, nominal, chemistry_hint))


def as_measured(rows: RowInputs | Measured) -> Measured:
    """Rows alone are rows of one rest."""
    return rows if isinstance(rows, Measured) else Measured(rows)
