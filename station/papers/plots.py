"""Curves and bars on a page, as vectors, in ink only: a paper is copied in black and white."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from station.papers.curves import Floats, reduced, ticks
from station.papers.facts import PulseRow
from station.papers.sheet import INNER, MARGIN, MM, SOFT, Sheet

COLUMNS = 700
"""Columns of a curve: more than a printer shows on this width, so nothing is lost."""


@dataclass(frozen=True, eq=False)
class Samples:
    """What was measured, in s, V and A; shapes ``(n,)``; positive currents charge."""

    time_s: Floats
    voltage_V: Floats
    current_A: Floats


def curve(sheet: Sheet, time_s: Floats, values: Floats, label: str, height: float) -> None:
    """One quantity over time, least and greatest value of every column, with its own axis."""
    sheet.need(height + 16)
    t, v = reduced(time_s, values, COLUMNS)
    if len(t) < 2:
        return
    left, right = MARGIN + 14 * MM, MARGIN + INNER
    top, bottom = sheet.y - 12, sheet.y - height + 12
    low, high = float(v.min()), float(v.max())
    spare = (high - low) * 0.06 or max(abs(high) * 0.01, 0.01)
    low, high = low - spare, high + spare
    first, last = float(t[0]), float(t[-1])
    x = left + (t - first) / (last - first) * (right - left)
    y = bottom + (v - low) / (high - low) * (top - bottom)
    canvas = sheet.canvas
    canvas.setLineWidth(0.3)
    canvas.setStrokeColorRGB(0.8, 0.8, 0.8)
    for value in ticks(low, high, 4):
        level = bottom + (value - low) / (high - low) * (top - bottom)
        canvas.line(left, level, right, level)
        sheet.at(left - 3, level - 2.2, f"{value:.6g}", 6.5, SOFT, "end")
    for value in ticks(first, last, 8):
        place = left + (value - first) / (last - first) * (right - left)
        canvas.line(place, bottom, place, bottom - 2.5)
        sheet.at(place, bottom - 9, f"{value:g}", 6.5, SOFT, "middle")
    canvas.setStrokeColorRGB(0.4, 0.4, 0.4)
    canvas.rect(left, bottom, right - left, top - bottom, stroke=1, fill=0)
    canvas.setStrokeColorRGB(0.05, 0.2, 0.4)
    canvas.setLineWidth(0.5)
    path = canvas.beginPath()
    path.moveTo(float(x[0]), float(y[0]))
    for px, py in zip(x[1:].tolist(), y[1:].tolist(), strict=True):
        path.lineTo(px, py)
    canvas.drawPath(path, stroke=1, fill=0)
    sheet.at(MARGIN, top + 3, label, 7.5, SOFT)
    sheet.at(right, top + 3, "t / s", 6.5, SOFT, "end")
    canvas.setLineWidth(1)
    sheet.y -= height


def resistances(sheet: Sheet, pulses: tuple[PulseRow, ...], at_s: str, label: str, height: float) -> None:
    """Resistance of every pulse at one time, in mΩ: a mark for each, up for discharge, down for charge."""
    rows = [p for p in pulses if at_s in p.resistance_ohm]
    if len(rows) < 2:
        return
    sheet.need(height + 16)
    values = np.array([p.resistance_ohm[at_s] * 1e3 for p in rows])
    left, right, top, bottom = MARGIN + 14 * MM, MARGIN + INNER, sheet.y - 12, sheet.y - height + 12
    low, high = 0.0, float(values.max()) * 1.15
    canvas = sheet.canvas
    canvas.setLineWidth(0.3)
    for value in ticks(low, high, 4):
        level = bottom + value / high * (top - bottom)
        canvas.setStrokeColorRGB(0.8, 0.8, 0.8)
        canvas.line(left, level, right, level)
        sheet.at(left - 3, level - 2.2, f"{value:g}", 6.5, SOFT, "end")
    canvas.setStrokeColorRGB(0.4, 0.4, 0.4)
    canvas.rect(left, bottom, right - left, top - bottom, stroke=1, fill=0)
    step = (right - left) / len(rows)
    for number, (pulse, value) in enumerate(zip(rows, values.tolist(), strict=True)):
        x, level = left + (number + 0.5) * step, bottom + value / high * (top - bottom)
        canvas.setFillColorRGB(*((0.05, 0.2, 0.4) if pulse.current_A < 0 else (0.65, 0.65, 0.65)))
        canvas.rect(x - min(step * 0.3, 8), bottom, 2 * min(step * 0.3, 8), level - bottom, stroke=0, fill=1)
        if len(rows) <= 24:
            sheet.at(x, bottom - 8, f"{pulse.current_A:+.3g} A", 5.5, SOFT, "middle", step)
    sheet.at(MARGIN, top + 3, label, 7.5, SOFT)
    canvas.setLineWidth(1)
    sheet.y -= height
