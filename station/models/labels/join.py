"""Labels and pulse tests of the same cells become training rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from station.errors import DataError
from station.models.labels.label import Label
from station.models.training.table import Labelled

RATE_SHARE = 0.2
"""Labels measured at currents that differ by more than this share are no labels of one thing."""


def join(pulses: Labelled, labels: Sequence[Label], *, simulated: bool = False) -> Labelled:
    """The rows of labelled cells with their SOH; of several labels of a cell the newest counts.

    ``simulated``: take labels from simulated benches, and nothing else. Raises DataError when no cell has
    both, or when the labels were measured at different rates.
    """
    newest: dict[str, Label] = {}
    for label in sorted((x for x in labels if x.simulated == simulated), key=_begun):
        newest[label.cell_id] = label
    keep = np.isin(pulses.cells, sorted(newest))
    if not keep.any():
        raise DataError(
            f"none of the {len(newest)} labelled cells has pulses in the table",
            remedy="run the pulse test on labelled cells, or check the battery codes",
            code="label.no_pulses",
            labels=len(newest),
        )
    rows = pulses.where(keep)
    used = [newest[cell] for cell in sorted(set(rows.cells.tolist()))]
    _same_rate(used)
    found: Any = [newest[cell].capacity_Ah / newest[cell].nominal_capacity_Ah for cell in rows.cells]
    return replace(rows, soh=np.array(found))


def _begun(label: Label) -> str:
    return label.started_utc


def _same_rate(labels: Sequence[Label]) -> None:
    rates = [label.rate_C for label in labels if np.isfinite(label.rate_C)]
    if rates and max(rates) > (1 + RATE_SHARE) * min(rates):
        raise DataError(
            f"the labels were measured between {min(rates):.3g} C and {max(rates):.3g} C",
            remedy="learn from labels of one capacity profile: capacity depends on the current",
            code="label.rates",
            low_C=min(rates),
            high_C=max(rates),
        )
