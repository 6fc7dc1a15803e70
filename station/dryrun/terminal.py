"""A curve in a terminal: dots of Braille, two by four to a character."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from station.dryrun.picture import extremes, lanes
from station.dryrun.run import DryRun

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))


def drawing(run: DryRun, *, columns: int = 72, rows: int = 6) -> list[str]:
    """Voltage and current over time, as lines of text with their extremes at the left."""
    time_s, shown = lanes(run)
    lines: list[str] = []
    for lane in shown:
        low, high = float(np.nanmin(lane.values)), float(np.nanmax(lane.values))
        picture = braille(time_s, lane.values, columns, rows)
        for number, text in enumerate(picture):
            mark = f"{high:9.4g} {lane.unit}" if number == 0 else ""
            mark = f"{low:9.4g} {lane.unit}" if number == rows - 1 else mark
            lines.append(f"{mark:12}|{text}")
    if lines:
        lines.append(f"{'':12}0{f'{float(time_s[-1] - time_s[0]):.5g} s':>{columns}}")
    return lines


def braille(time_s: NDArray[np.float64], values: NDArray[np.float64], columns: int, rows: int) -> list[str]:
    """``rows`` lines of ``columns`` characters from the least to the greatest value."""
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    tall, span = rows * 4 - 1, (high - low) or 1.0
    cells = [[0] * columns for _ in range(rows)]
    for x, one, other in extremes(time_s, values, columns * 2):
        levels = sorted(round((high - value) / span * tall) for value in (one, other))
        for y in range(levels[0], levels[1] + 1):
            cells[y // 4][x // 2] |= _DOTS[y % 4][x % 2]
    return ["".join(chr(0x2800 + cell) for cell in row) for row in cells]
