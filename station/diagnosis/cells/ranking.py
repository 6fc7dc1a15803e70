"""Which cells are weak, as far as the uncertainty lets anybody say so."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from station.diagnosis.cells.geometry import Geometry
from station.diagnosis.cells.record import Floats
from station.diagnosis.cells.resistances import CellResistances
from station.diagnosis.cells.rules import CellRules

#: cells whose spread is below this share of the mean are alike: there is nothing to rank, and no need
ALIKE = 0.02


@dataclass(frozen=True)
class Ranking:
    """``order``: cell numbers from the highest resistance down; empty where it is refused.

    ``spread`` and ``uncertainty`` as fractions of the median: between the cells (their own, without the
    error of measuring), and of telling one from another (k = 2). ``weakest``: the cell that limits the pack.
    ``refused``: '' or why there is no order: ``resolution``, ``noise``, ``timing``, ``alike``;
    or ``balancing``, whatever the figures say.
    """

    order: tuple[int, ...]
    weak_cells: tuple[int, ...]
    weak_modules: tuple[int, ...]
    weakest: int | None
    spread: float
    uncertainty: float
    refused: str = ""
    params: dict[str, float] = field(default_factory=dict)
    module_growth: tuple[float, ...] = ()


def rank(resistances: CellResistances, geometry: Geometry, rules: CellRules) -> Ranking:
    """Order the cells, or refuse: only where the uncertainty is below the spread it says anything."""
    value, own = resistances.value_ohm, resistances.own_ohm
    seen = np.isfinite(value) & np.isfinite(own)
    middle = float(np.median(value[seen])) if seen.any() else float("nan")
    if not seen.any() or not middle > 0:
        return Ranking((), (), (), None, float("nan"), float("nan"), "noise")
    uncertainty = float(np.median(own[seen]) / middle)
    scatter = float(np.std(value[seen], ddof=1)) if seen.sum() > 1 else 0.0
    error = float(np.sqrt(np.mean((own[seen] / 2.0) ** 2)))
    spread = float(np.sqrt(max(scatter**2 - error**2, 0.0)) / middle)
    growths = _modules(value / middle - 1.0, geometry)
    if uncertainty >= spread:
        alike = uncertainty < ALIKE or (spread < ALIKE and uncertainty < 2 * ALIKE)
        reason = "alike" if alike else _largest(resistances.parts_ohm)
        params = {"uncertainty": uncertainty, "spread": spread}
        return Ranking((), (), (), None, spread, uncertainty, reason, params, growths)
    numbers = np.flatnonzero(seen)
    order = numbers[np.argsort(-value[numbers], kind="stable")] + 1
    growth = rules.weak_growth.value
    # A cell is weak when even the lower end of what it may have is above the limit's middle.
    surely = (value - own > middle) & (value > (1.0 + growth) * middle) & seen
    weak = tuple(int(n) for n in order if surely[n - 1])
    modules = tuple(
        number
        for number, more in enumerate(growths, start=1)
        if np.isfinite(more) and more > rules.module_growth.value
    )
    return Ranking(
        tuple(int(n) for n in order), weak, modules, int(order[0]), spread, uncertainty, "", {}, growths
    )


def _modules(growth: Floats, geometry: Geometry) -> tuple[float, ...]:
    """Mean growth of each module over the pack's median cell, NaN where no cell of it was measured."""
    found = []
    for module in range(1, len(geometry.modules) + 1):
        members = growth[[n - 1 for n in geometry.members(module)]]
        members = members[np.isfinite(members)]
        found.append(float(members.mean()) if members.size else float("nan"))
    return tuple(found)


def _largest(parts: dict[str, float]) -> str:
    """The cause that stands behind the uncertainty."""
    own = {name: part for name, part in parts.items() if name != "current" and np.isfinite(part)}
    name = max(own, key=lambda one: own[one]) if own else "noise"
    return {"quantisation": "resolution"}.get(name, name)
