"""A candidate beside the running models, on cells that neither has seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from station.diagnosis.soh.model import ModelSet
from station.diagnosis.soh.rows import RowInputs, RowResults, estimate_rows
from station.diagnosis.tables import Bools, Floats
from station.errors import DataError
from station.models.training.seen import seen_cells
from station.models.training.table import Labelled

DRAWS, SEED = 2000, 20240501
"""Bootstrap draws of cells for the interval of the difference."""


@dataclass(frozen=True)
class OneSide:
    """Figures of one model, in percent (of SOH: percentage points). Cells have one vote each. ``abstained``
    rows give no estimate and are in no other figure; None where nothing was estimated."""

    model_id: str
    mape: float | None
    p95: float | None
    coverage: float | None
    half_width: float | None
    abstained: float


@dataclass(frozen=True)
class Comparison:
    """``difference`` of the absolute errors in points, candidate minus running, over rows that both estimate,
    mean over cells, with its 90 % bootstrap interval; None where they share no row."""

    cells: list[str]
    seen: list[str]
    rows: int
    candidate: OneSide
    running: OneSide
    shared_cells: int
    difference: float | None
    difference_low90: float | None
    difference_high90: float | None

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def compare(candidate: ModelSet, running: ModelSet, rows: Labelled) -> Comparison:
    """Judge both on the cells of ``rows`` (labelled) unseen by both. Raises DataError when there are none."""
    seen = seen_cells(candidate, rows) | seen_cells(running, rows)
    unseen = rows.where(~np.isin(rows.cells, sorted(seen)))
    if not len(unseen.soh):
        raise DataError(
            f"all {len(seen)} cells were learned by one of the two models",
            remedy="test the capacity of cells that neither has learned from",
            code="compare.none_unseen",
            cells=len(seen),
        )
    inputs = RowInputs(
        unseen.voltages_V, unseen.width_s, unseen.third_amplitude_C, unseen.nominal_capacity_Ah
    )
    found = [estimate_rows(models, inputs) for models in (candidate, running)]
    errors = [np.abs(results.soh - unseen.soh) for results in found]
    both = np.isfinite(errors[0]) & np.isfinite(errors[1])
    mean, low, high = _difference(100 * (errors[0] - errors[1])[both], unseen.cells[both].tolist())
    return Comparison(
        cells=sorted(set(unseen.cells.tolist())),
        seen=sorted(seen),
        rows=len(unseen.soh),
        candidate=_side(candidate, found[0], unseen),
        running=_side(running, found[1], unseen),
        shared_cells=len(set(unseen.cells[both].tolist())),
        difference=mean,
        difference_low90=low,
        difference_high90=high,
    )


def _side(models: ModelSet, results: RowResults, rows: Labelled) -> OneSide:
    given: Bools = np.isfinite(results.soh)
    share = float(100 * (1 - given.mean()))
    identity = str(models.info.get("model_id", ""))
    if not given.any():
        return OneSide(identity, None, None, None, None, share)
    cells = rows.cells[given].tolist()
    truth, guess = rows.soh[given], results.soh[given]
    low, high = results.low90[given], results.high90[given]
    errors: Floats = np.abs(guess - truth)
    return OneSide(
        identity,
        mape=_by_cell(100 * errors / truth, cells),
        p95=float(100 * np.quantile(errors, 0.95)),
        coverage=_by_cell(100.0 * ((low <= truth) & (truth <= high)), cells),
        half_width=_by_cell(50 * (high - low), cells),
        abstained=share,
    )


def _by_cell(values: NDArray[np.floating[Any]], cells: Sequence[str]) -> float:
    return float(np.mean(_cell_means(values, cells)))


def _cell_means(values: NDArray[np.floating[Any]], cells: Sequence[str]) -> Floats:
    _, inverse = np.unique(np.asarray(cells), return_inverse=True)
    means: Floats = np.bincount(inverse.reshape(-1), weights=values) / np.bincount(inverse.reshape(-1))
    return means


def _difference(values: Floats, cells: Sequence[str]) -> tuple[float | None, float | None, float | None]:
    """Mean over cells and its 90 % interval, cells drawn with replacement; no interval of a single cell."""
    if not len(values):
        return None, None, None
    means = _cell_means(values, cells)
    if len(means) < 2:
        return float(means[0]), None, None
    drawn = np.random.default_rng(SEED).integers(0, len(means), (DRAWS, len(means)))
    low, high = np.quantile(means[drawn].mean(axis=1), [0.05, 0.95])
    return float(means.mean()), float(low), float(high)
