"""Which cells a model has seen: by name where it names them, and by the voltages it keeps in any case."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from station.diagnosis.soh.model import ModelSet
from station.models.store import pack_voltages
from station.models.training.table import Labelled


def seen_cells(models: ModelSet, rows: Labelled) -> set[str]:
    """The cells of ``rows`` that ``models`` learned from.

    A cell is seen when the model names it, or when one of its blocks, to 0.1 mV, is among those the model
    keeps. A block measured another time is another block: a model that names no cells cannot tell then.
    """
    named = {cell for cells in models.info.get("learned_cells", {}).values() for cell in cells}
    kept = {
        row.tobytes()
        for recipe in models.recipes.values()
        for model in recipe.widths.values()
        for row in _packed(model.voltages_V)
    }
    blocks = _packed(rows.voltages_V)
    found = {str(cell) for cell, row in zip(rows.cells, blocks, strict=True) if row.tobytes() in kept}
    return found | (named & set(rows.cells.tolist()))


def _packed(voltages_V: NDArray[np.float64]) -> NDArray[np.uint16]:
    return np.ascontiguousarray(pack_voltages(voltages_V))
