"""Which channel reads otherwise than its peers on alike batteries, and which one drifts.

Batteries are alike when type, level, profile and number of cells are the same. In each such group every
reading is told against the group's median on the other channels; a channel is named when its median of all
these lies off by more than chance and by more than is worth a look. Batteries reach channels in no order, so
what they differ by falls on all channels alike; a site that sends one supplier's to one channel must read the
answer with that in mind.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Floats = NDArray[np.float64]

QUANTITIES: Final = {
    "resistance_100ms_ohm": 0.01,
    "resistance_1s_ohm": 0.01,
    "soh": 0.01,
    "temperature_degC": 1.0,
}
"""What is compared, and the least difference worth a look: a share, for temperatures degC."""
FEWEST: Final = 20
"""Readings of a channel, and of its peers in the same groups."""
SIGMAS: Final = 4.0


@dataclass(frozen=True)
class ChannelReading:
    """How one channel reads one quantity against its peers; shares, for temperatures degC."""

    bench: str
    channel: str
    quantity: str
    readings: int
    offset: float
    standard_error: float
    drift_per_100: float
    drift_standard_error: float
    named: bool
    drifts: bool


def compare_channels(table: pa.Table) -> list[dict[str, Any]]:
    """One row for every channel and quantity with enough readings; those named first, the largest first."""
    rows = table.to_pylist()
    found = []
    for quantity, least in QUANTITIES.items():
        for place, (steps, peers_error) in against_peers(rows, quantity).items():
            if len(steps) >= FEWEST:
                found.append(_judged(place, quantity, steps, peers_error, least))
    found.sort(key=lambda one: (not (one.named or one.drifts), -abs(one.offset)))
    return [asdict(one) for one in found]


def against_peers(rows: list[dict[str, Any]], quantity: str) -> dict[tuple[str, str], tuple[Floats, float]]:
    """By channel: each reading against the median of alike batteries elsewhere, in the order they were made.

    With it the standard error of those medians, as it falls on the median of the readings.
    """
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        if row[quantity] is not None and (quantity == "temperature_degC" or row[quantity] > 0):
            alike = ("chemistry", "nominal_capacity_Ah", "level", "series_cells", "profile")
            groups[tuple(row[name] for name in alike)].append(row)
    steps: dict[tuple[str, str], list[tuple[int, float]]] = defaultdict(list)
    variances: dict[tuple[str, str], float] = defaultdict(float)
    for members in groups.values():
        values = np.array([row[quantity] for row in members], dtype=np.float64)
        if quantity != "temperature_degC":
            values = np.log(values)
        places = [(row["bench"], row["channel"]) for row in members]
        for place in set(places):
            own = np.array([one == place for one in places])
            if np.count_nonzero(~own) < FEWEST:
                continue
            peers, error = _median_with_error(values[~own])
            variances[place] += (np.count_nonzero(own) * error) ** 2
            for i in np.flatnonzero(own):
                steps[place].append((members[i]["number"], float(values[i]) - peers))
    return {
        place: (np.array([step for _, step in sorted(pairs)]), float(np.sqrt(variances[place])) / len(pairs))
        for place, pairs in steps.items()
    }


def _judged(
    place: tuple[str, str], quantity: str, steps: Floats, peers_error: float, least: float
) -> ChannelReading:
    offset, own_error = _median_with_error(steps)
    error = float(np.hypot(own_error, peers_error))
    slope, slope_error = _slope_with_error(steps)
    off = abs(offset) > max(least, SIGMAS * error)
    drifts = abs(slope) * len(steps) > least and abs(slope) > SIGMAS * slope_error
    return ChannelReading(
        bench=place[0],
        channel=place[1],
        quantity=quantity,
        readings=len(steps),
        offset=offset,
        standard_error=error,
        drift_per_100=slope * 100,
        drift_standard_error=slope_error * 100,
        named=bool(off),
        drifts=bool(drifts),
    )


def _median_with_error(steps: Floats) -> tuple[float, float]:
    """Median, and its standard error from the readings in order, whatever their distribution.

    The true median lies between the readings of rank n/2 +- z sqrt(n)/2 as surely as z standard deviations.
    """
    ordered, count = np.sort(steps), len(steps)
    ranks = SIGMAS * np.sqrt(count) / 2
    low = max(int(np.floor(count / 2 - ranks)), 0)
    high = min(int(np.ceil(count / 2 + ranks)) - 1, count - 1)
    return float(np.median(steps)), float(ordered[high] - ordered[low]) / (2 * SIGMAS)


def _slope_with_error(steps: Floats) -> tuple[float, float]:
    """Change per reading: the median of the slopes between the two halves' pairs, and its standard error.

    Theil's incomplete method: reading i with reading i + n/2, each used once; an outlier moves little.
    """
    half = len(steps) // 2
    slopes = (steps[-half:] - steps[:half]) / (len(steps) - half)
    return _median_with_error(slopes)
