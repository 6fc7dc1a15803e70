"""How a channel's readings went against its peers', test after test: what a picture of a drift shows."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa

from station.archive.channels import FEWEST, QUANTITIES, against_peers

POINTS: Final = 24
"""So many medians of neighbouring readings at most."""


def courses(table: pa.Table) -> list[dict[str, Any]]:
    """For every channel and quantity that ``compare_channels`` judges: medians of readings in their order.

    ``points`` are ``{"reading", "median"}``: the middle of the readings' places, counted from 1, and their
    median against the peers, a share (for temperatures degC).
    """
    rows = table.to_pylist()
    return [
        {"bench": bench, "channel": channel, "quantity": quantity, "points": _points(steps)}
        for quantity in QUANTITIES
        for (bench, channel), (steps, _) in sorted(against_peers(rows, quantity).items())
        if len(steps) >= FEWEST
    ]


def _points(steps: Any) -> list[dict[str, float]]:
    parts = np.array_split(np.arange(len(steps)), min(POINTS, len(steps)))
    return [{"reading": float(np.mean(part)) + 1, "median": float(np.median(steps[part]))} for part in parts]
