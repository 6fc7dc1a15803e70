"""Resistances of all cells at one time into a pulse."""

from __future__ import annotations

from dataclasses import dataclass

from station.diagnosis.cells.record import Floats


@dataclass(frozen=True, eq=False)
class CellResistances:
    """At ``at_s``: Ω per cell, NaN where it could not be measured, and expanded uncertainties (k = 2) in Ω.

    ``own_ohm`` leaves out what is common to all cells: it tells cells of one pack apart. ``parts_ohm``:
    standard errors by cause, median over the cells.
    """

    at_s: float
    value_ohm: Floats
    uncertainty_ohm: Floats
    own_ohm: Floats
    parts_ohm: dict[str, float]
