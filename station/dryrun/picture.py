"""A run over time as a picture: voltage, current and temperature, its steps, and the limits near by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from station.dryrun.run import DryRun
from station.dryrun.sketch import Box, Line, Sketch, Word

Floats = NDArray[np.float64]
WIDTH, LANE, GAP, LEFT, RIGHT, TOP, BOTTOM = 960, 150, 26, 62, 18, 52, 34
INK, GRID, LIMIT, BANDS = "#1f3a5f", "#dddddd", "#b3261e", ("#f3f5f8", "#e7ecf2")
COLOURS = {"V": "#1f5fa8", "A": "#a84a1f", "°C": "#3a7d34"}


@dataclass(frozen=True)
class Lane:
    """One quantity; ``limits`` are drawn where they lie near what was measured."""

    label: str
    unit: str
    values: Floats
    limits: tuple[float, ...] = ()

    def span(self) -> tuple[float, float]:
        """Lowest and highest value shown."""
        low, high = float(np.nanmin(self.values)), float(np.nanmax(self.values))
        spare = (high - low) * 0.08 or max(abs(high) * 0.02, 0.01)
        for limit in self.limits:
            if low - 4 * spare <= limit <= high + 4 * spare:
                low, high = min(low, limit), max(high, limit)
        return low - spare, high + spare


def lanes(run: DryRun) -> tuple[Floats, list[Lane]]:
    """Time in s and the quantities that were measured."""
    journal = run.journal
    if journal is None or not journal.samples:
        return np.zeros(0), []
    envelope = journal.header.get("envelope") or {}

    def limits(*names: str) -> tuple[float, ...]:
        return tuple(float(envelope[name]["value"]) for name in names if name in envelope)

    found = [
        Lane("voltage", "V", journal.column("voltage_V"), limits("voltage_min_V", "voltage_max_V")),
        Lane(
            "current", "A", journal.column("current_A"),
            tuple(s * v for s, v in zip((1, -1), limits("charge_current_max_A", "discharge_current_max_A"),
                                        strict=False)),
        ),
    ]  # fmt: skip
    surface = journal.column("surface_degC")
    if not np.all(np.isnan(surface)):
        found.append(
            Lane("temperature", "°C", surface, limits("temperature_min_degC", "temperature_max_degC"))
        )
    return journal.column("t_s"), found


def picture(run: DryRun) -> Sketch:
    """The whole run. Steps are numbered as in the profile's file."""
    time_s, shown = lanes(run)
    height = TOP + max(1, len(shown)) * (LANE + GAP) + BOTTOM
    sketch = Sketch(WIDTH, height)
    cell = f"{run.truth['chemistry']} {run.truth['nominal_capacity_Ah']:g} Ah"
    sketch.add(
        Word(
            LEFT, 22, f"{run.profile.name}  ·  {run.bench} channel {run.channel}  ·  {cell}", 14, "start", INK
        )
    )
    if not len(time_s):
        sketch.add(Word(LEFT, TOP + 40, "nothing was measured", 12))
        return sketch
    first, last = float(time_s[0]), float(time_s[-1])
    width = WIDTH - LEFT - RIGHT

    def x_of(t_s: float) -> float:
        return LEFT + (t_s - first) / max(last - first, 1e-9) * width

    floor = TOP + len(shown) * (LANE + GAP) - GAP
    _bands(sketch, run.steps(), x_of, floor)
    for number, lane in enumerate(shown):
        _lane(sketch, lane, time_s, TOP + number * (LANE + GAP), width)
    unit, factor = _time_unit(last - first)
    for tick in ticks(0.0, (last - first) / factor, 8):
        x = x_of(first + tick * factor)
        sketch.add(
            Line([(x, floor), (x, floor + 4)], "#666666"), Word(x, floor + 17, f"{tick:g}", 10, "middle")
        )
    sketch.add(Word(WIDTH - RIGHT, floor + 30, f"t / {unit}", 10, "end"))
    return sketch


def _bands(sketch: Sketch, steps: Sequence[dict[str, object]], x_of, floor: float) -> None:  # type: ignore[no-untyped-def]
    free_from = 0.0
    for number, step in enumerate(steps):
        a, b = x_of(float(str(step["begin_s"]))), x_of(float(str(step["end_s"])))
        sketch.add(Box(a, TOP, max(b - a, 0.5), floor - TOP, BANDS[number % 2]))
        text = f"{step['step']} {step['kind']}" if b - a > 8 * len(str(step["kind"])) else str(step["step"])
        if a + 2 >= free_from:
            sketch.add(Word(a + 2, TOP - 6, text, 10, "start", "#555555"))
            free_from = a + 4 + 6.2 * len(text)


def _lane(sketch: Sketch, lane: Lane, time_s: Floats, top: float, width: float) -> None:
    low, high = lane.span()

    def y_of(value: float) -> float:
        return top + (high - value) / (high - low) * LANE

    for tick in ticks(low, high, 4):
        y = y_of(tick)
        sketch.add(
            Line([(LEFT, y), (LEFT + width, y)], GRID), Word(LEFT - 5, y + 3.5, f"{tick:g}", 10, "end")
        )
    for limit in lane.limits:
        if low <= limit <= high:
            sketch.add(Line([(LEFT, y_of(limit)), (LEFT + width, y_of(limit))], LIMIT, 1.0, dashed=True))
    points: list[tuple[float, float]] = []
    for column, least, most in extremes(time_s, lane.values, int(width)):
        x = LEFT + column
        if points and x - points[-1][0] > 1.5:  # nothing was measured in between: no edge is a slope
            points.append((x, points[-1][1]))
        points += [(x, y_of(least))] if least == most else [(x, y_of(least)), (x, y_of(most))]
    if len(points) > 1:
        sketch.add(Line(points, COLOURS[lane.unit], 1.3))
    sketch.add(Word(4, top - 6, f"{lane.label} / {lane.unit}", 10, "start", COLOURS[lane.unit]))


def extremes(time_s: Floats, values: Floats, columns: int) -> list[tuple[int, float, float]]:
    """Column, least and greatest value for every column that holds a value, in the order they came."""
    good = ~np.isnan(values)
    t, v = time_s[good], values[good]
    if not len(t):
        return []
    span = max(float(t[-1] - t[0]), 1e-9)
    column = np.minimum(((t - t[0]) / span * columns).astype(int), columns - 1)
    found = []
    for number, begin, end in _runs(column):
        part = v[begin:end]
        least, most = float(part.min()), float(part.max())
        # Drawn towards where the curve goes on, so that a step has no spike.
        found.append((number, least, most) if part[-1] >= part[0] else (number, most, least))
    return found


def _runs(column: NDArray[np.int_]) -> list[tuple[int, int, int]]:
    edges = [0, *(np.flatnonzero(np.diff(column)) + 1).tolist(), len(column)]
    return [(int(column[a]), a, b) for a, b in pairwise(edges)]


def ticks(low: float, high: float, about: int) -> list[float]:
    """Round numbers between both."""
    step = 10 ** np.floor(np.log10(max((high - low) / about, 1e-12)))
    step *= next(m for m in (1, 2, 5, 10) if (high - low) / (step * m) <= about)
    first = np.ceil(low / step) * step
    return [round(float(value), 10) for value in np.arange(first, high + step * 1e-6, step)]


def _time_unit(span_s: float) -> tuple[str, float]:
    return ("h", 3600.0) if span_s > 3 * 3600 else ("min", 60.0) if span_s > 600 else ("s", 1.0)
