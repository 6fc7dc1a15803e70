"""Inputs for the estimators made from labelled rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from station.diagnosis.soh.rows import RowInputs
from station.models.training.table import Labelled


def inputs_of(rows: Labelled, **changes: Any) -> RowInputs:
    """What a station would know of these rows."""
    known: dict[str, Any] = {
        "voltages_V": rows.voltages_V.copy(),
        "width_s": rows.width_s,
        "third_amplitude_C": rows.third_amplitude_C,
        "nominal_capacity_Ah": rows.nominal_capacity_Ah,
    }
    return RowInputs(**{**known, **changes})


def nothing(rows: Labelled) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.full(len(rows.soh), np.nan)
