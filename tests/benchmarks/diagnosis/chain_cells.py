"""Which measured cells go behind the simulated bench, at which recorded SOC, and what their rows say."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from station.diagnosis.soh import ModelSet
from station.diagnosis.soh.rows import RowInputs, estimate_rows
from station.diagnosis.tables import COLUMNS, SUBSETS
from station.models.training.table import type_name
from tests.benchmarks.diagnosis.fold_models import WIDTH_S, folds_of, rows_of_width
from tests.benchmarks.diagnosis.place import TABLE

SEED = 1
PAIR_ONLY = frozenset({"rapid", "rapid_twice"})
"""Profiles whose only pulses are 2.5 C pairs; the others measure all amplitudes of the type's rows."""


@dataclass(frozen=True)
class Drawn:
    """A cell at one recorded SOC. ``row`` counts the cell's rows in the table, as the simulator does."""

    cell: str
    type: str
    chemistry: str
    nominal_Ah: float
    third_C: float
    row: int
    single_charge: bool
    soc: float
    soh: float
    voltages_V: tuple[float, ...]
    fold: int

    @property
    def pair_recorded(self) -> bool:
        """Whether the row goes up to the 2.5 C pair; that of other types ends at the third amplitude."""
        return bool(np.isfinite(self.voltages_V).all())

    @property
    def battery(self) -> dict[str, Any]:
        """What the simulated bench is told to connect."""
        return {"kind": "measured", "cell_id": self.cell, "soc": f"row:{self.row}"}


def draw(count: int, types: tuple[str, ...] = ()) -> list[Drawn]:
    """``count`` of the recorded cells without repetition, each at one of its recorded SOC by chance.

    Cells charged in one go to a random SOC stand there; of the others one step of the ladder is drawn. The
    first cells of a longer draw are those of a shorter one. ``types`` leaves only cells of these.
    """
    rows = _cells()
    folds = _folds()
    order = np.random.default_rng(SEED).permutation(sorted(rows)).tolist()
    found = []
    for cell in order:
        number = int.from_bytes(cell.encode(), "big") % 2**32
        chosen = _one_row(rows[cell], np.random.default_rng([SEED, number]))
        drawn = _drawn(cell, chosen, folds[cell])
        if not types or drawn.type in types:
            found.append(drawn)
    return found[:count]


def _one_row(rows: list[dict[str, Any]], chance: np.random.Generator) -> dict[str, Any]:
    single = [row for row in rows if row["random_soc"]]
    pool = single or rows
    return pool[int(chance.integers(len(pool)))]


@cache
def _folds() -> dict[str, int]:
    return folds_of(rows_of_width())


@cache
def _cells() -> dict[str, list[dict[str, Any]]]:
    """By cell, its usable rows of 5 s with their number among all rows of the cell."""
    found: dict[str, list[dict[str, Any]]] = {}
    numbers: dict[str, int] = {}
    for row in pq.read_table(TABLE).to_pylist():
        cell = str(row["cell_id"])
        number = numbers[cell] = numbers.get(cell, -1) + 1
        voltages = np.array([row[name] for name in COLUMNS], dtype=float)
        if row["pulse_width_s"] == WIDTH_S and np.isfinite(voltages[:21]).all():
            found.setdefault(cell, []).append({**row, "number": number, "voltages_V": voltages})
    return found


def _drawn(cell: str, row: dict[str, Any], fold: int) -> Drawn:
    nominal_Ah, capacity_Ah = float(row["nominal_capacity_Ah"]), float(row["capacity_Ah"])
    return Drawn(
        cell=cell,
        type=type_name(str(row["chemistry"]), nominal_Ah),
        chemistry=str(row["chemistry"]),
        nominal_Ah=nominal_Ah,
        third_C=float(row["third_amplitude_C"]),
        row=int(row["number"]),
        single_charge=bool(row["random_soc"]),
        soc=float(row["soc_nominal_pct"]) / 100 * nominal_Ah / capacity_Ah,
        soh=capacity_Ah / nominal_Ah,
        voltages_V=tuple(float(value) for value in np.around(row["voltages_V"], 4)),
        fold=fold,
    )


def by_table(drawn: Drawn, models: ModelSet, profile: str) -> dict[str, Any]:
    """What the models say to the row itself, of the voltages that the profile would measure."""
    voltages = np.array([drawn.voltages_V])
    if profile in PAIR_ONLY and np.isfinite(voltages[0, list(SUBSETS["pair"])]).all():
        outside = np.setdiff1d(np.arange(len(COLUMNS)), SUBSETS["pair"])
        voltages[:, outside] = np.nan
    inputs = RowInputs(
        voltages_V=voltages,
        width_s=np.array([WIDTH_S]),
        third_amplitude_C=np.array([drawn.third_C]),
        nominal_capacity_Ah=np.array([drawn.nominal_Ah]),
    )
    found = estimate_rows(models, inputs)
    reason = found.reasons[0]
    if reason is not None:
        return {"estimate": None, "reason": reason.code}
    return {
        "estimate": float(found.soh[0]),
        "low90": float(found.low90[0]),
        "high90": float(found.high90[0]),
        "reason": None,
    }
