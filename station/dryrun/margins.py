"""How near a recorded run came to each limit it ran under: what could trip next time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from station.engine.record.journal import Journal
from station.safety.envelope import CURRENT_TOLERANCE, CURRENT_TOLERANCE_A

Floats = NDArray[np.float64]
NEAR = 0.05
"""A margin below this share of the limit (of the span between both, for a voltage or temperature)
is worth a look."""


@dataclass(frozen=True)
class Margin:
    """``nearest`` is the value that came nearest to ``limit``, at ``t_s`` in bench time (None: a total).

    ``share`` is what was left before it trips, as a share of the limit, or of the span where there is a lower
    and an upper one; below 0 it tripped. ``source`` is whose limit it is. Measured currents and powers may
    exceed their limit a little before it trips (noise, calibration): see ``station.safety.envelope``.
    """

    name: str
    unit: str
    limit: float
    source: str
    nearest: float
    t_s: float | None
    segment: int | None
    share: float

    @property
    def near(self) -> bool:
        """True when little was left."""
        return self.share < NEAR

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {**asdict(self), "near": self.near}


def margins(journal: Journal) -> list[Margin]:
    """One for every limit of the run's envelope for which something was measured; the nearest first."""
    envelope = journal.header.get("envelope")
    if not envelope or not journal.samples:
        return []
    return sorted(_all(journal, envelope), key=lambda margin: margin.share)


def _all(journal: Journal, envelope: dict[str, Any]) -> Iterator[Margin]:
    t, segment = journal.column("t_s"), journal.column("segment")
    voltage, current = journal.column("voltage_V"), journal.column("current_A")
    surface = journal.column("surface_degC")
    yield from _between(envelope, "voltage", "V", t, voltage, segment)
    yield from _between(envelope, "temperature", "degC", t, surface, segment)
    amps = (CURRENT_TOLERANCE, CURRENT_TOLERANCE_A)
    yield from _below(envelope, "charge_current_max_A", "A", t, np.maximum(current, 0.0), segment, amps)
    yield from _below(envelope, "discharge_current_max_A", "A", t, np.maximum(-current, 0.0), segment, amps)
    watts = (CURRENT_TOLERANCE, float(voltage.max()) * CURRENT_TOLERANCE_A)
    yield from _below(envelope, "power_max_W", "W", t, np.abs(voltage * current), segment, watts)
    yield from _cells(journal, envelope)
    step_h = np.diff(t, prepend=t[:1]) / 3600
    charge, discharge = np.maximum(current, 0.0) * step_h, np.maximum(-current, 0.0) * step_h
    yield from _total(envelope, "charge_max_Ah", "Ah", float(charge.sum()))
    yield from _total(envelope, "discharge_max_Ah", "Ah", float(discharge.sum()))
    energy_Wh = max(float((charge * voltage).sum()), float((discharge * voltage).sum()))
    yield from _total(envelope, "energy_max_Wh", "Wh", energy_Wh)


def _between(
    envelope: dict[str, Any], name: str, unit: str, t: Floats, values: Floats, segment: Any
) -> Iterator[Margin]:
    low, high = envelope.get(f"{name}_min_{unit}"), envelope.get(f"{name}_max_{unit}")
    if low is None or high is None or np.all(np.isnan(values)):
        return
    span = float(high["value"]) - float(low["value"])
    for bound, limit, sign, at in (
        ("max", high, 1.0, int(np.nanargmax(values))),
        ("min", low, -1.0, int(np.nanargmin(values))),
    ):
        left = sign * (float(limit["value"]) - float(values[at])) / span
        yield Margin(
            f"{name}_{bound}", unit, float(limit["value"]), limit["source"], float(values[at]),
            float(t[at]), int(segment[at]), left,
        )  # fmt: skip


def _below(
    envelope: dict[str, Any],
    name: str,
    unit: str,
    t: Floats,
    values: Floats,
    segment: Any,
    tolerance: tuple[float, float] = (0.0, 0.0),
) -> Iterator[Margin]:
    limit = envelope.get(name)
    if limit is None or float(limit["value"]) <= 0:
        return
    at = int(np.nanargmax(values))
    trips_at = float(limit["value"]) * (1 + tolerance[0]) + tolerance[1]
    left = (trips_at - float(values[at])) / float(limit["value"])
    yield Margin(
        name.removesuffix(f"_{unit}"), unit, float(limit["value"]), limit["source"], float(values[at]),
        float(t[at]), int(segment[at]), left,
    )  # fmt: skip


def _cells(journal: Journal, envelope: dict[str, Any]) -> Iterator[Margin]:
    """Of the single cells, where they were measured, and of their spread."""
    rows = [
        (float(row["t"]), [v for v in row["voltages_V"] if v is not None])
        for row in journal.cells
        if any(v is not None for v in row["voltages_V"])
    ]
    if not rows:
        return
    t = np.array([row[0] for row in rows])
    none = np.full(len(rows), -1)
    low, high = envelope.get("cell_voltage_min_V"), envelope.get("cell_voltage_max_V")
    if low and high:
        span = float(high["value"]) - float(low["value"])
        most, least = np.array([max(v) for _, v in rows]), np.array([min(v) for _, v in rows])
        for bound, limit, sign, values, at in (
            ("max", high, 1.0, most, int(most.argmax())),
            ("min", low, -1.0, least, int(least.argmin())),
        ):
            left = sign * (float(limit["value"]) - float(values[at])) / span
            yield Margin(
                f"cell_voltage_{bound}", "V", float(limit["value"]), limit["source"], float(values[at]),
                float(t[at]), None, left,
            )  # fmt: skip
    spread = np.array([max(v) - min(v) for _, v in rows])
    yield from _below(envelope, "cell_spread_max_V", "V", t, spread, none)


def _total(envelope: dict[str, Any], name: str, unit: str, value: float) -> Iterator[Margin]:
    limit = envelope.get(name)
    if limit is not None and float(limit["value"]) > 0:
        yield Margin(
            name.removesuffix(f"_{unit}"), unit, float(limit["value"]), limit["source"], value, None, None,
            1 - value / float(limit["value"]),
        )  # fmt: skip
