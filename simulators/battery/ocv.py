"""Open-circuit voltage against true SOC, on one grid for every cell so that packs can be stacked."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simulators.battery.errors import BatteryError

Floats = NDArray[np.float64]

GRID_FIRST = -0.1
GRID_STEP = 0.001
GRID_POINTS = 1201
GRID: Floats = GRID_FIRST + GRID_STEP * np.arange(GRID_POINTS, dtype=np.float64)

# (SOC fraction, V). The middle of each curve is the median rest voltage, 10 min after a charge step at
# 25 degC, of the retired cells in the pulse table (true-SOC basis unless said). The ends, where the
# table has no rows, are chosen: a 1C discharge to the usual cut-off ends near SOC 0, because capacity
# is defined by it (so they lie below a fully rested voltage), and a CCCV charge ends near SOC 1.
_POINTS: dict[str, tuple[tuple[float, float], ...]] = {
    # Mean of the 20, 35 and 68 Ah prismatic cells.
    "lfp": (
        (-0.10, 1.20), (-0.05, 1.90), (0.00, 2.66), (0.02, 2.97), (0.05, 3.155), (0.10, 3.217),
        (0.20, 3.247), (0.30, 3.291), (0.40, 3.3035), (0.50, 3.3055), (0.60, 3.307), (0.70, 3.312),
        (0.80, 3.331), (0.90, 3.336), (0.95, 3.345), (0.98, 3.38), (1.00, 3.60), (1.05, 4.20), (1.10, 4.80),
    ),
    # 21 Ah pouch up to 50 % (nominal basis, SOH near 1), generic mid-nickel NMC/graphite above.
    "nmc_pouch": (
        (-0.10, 1.40), (-0.05, 2.10), (0.00, 2.80), (0.02, 3.24), (0.05, 3.45), (0.10, 3.482), (0.15, 3.524),
        (0.20, 3.566), (0.25, 3.599), (0.30, 3.616), (0.35, 3.630), (0.40, 3.643), (0.45, 3.659),
        (0.50, 3.680), (0.60, 3.780), (0.70, 3.890), (0.80, 3.980), (0.90, 4.080), (1.00, 4.195),
        (1.05, 4.35), (1.10, 4.70),
    ),
    # 2.1 Ah cylinder up to 70 %.
    "nmc_cylinder": (
        (-0.10, 1.40), (-0.05, 2.10), (0.00, 2.78), (0.03, 3.32), (0.10, 3.529), (0.20, 3.606), (0.30, 3.668),
        (0.40, 3.739), (0.50, 3.819), (0.60, 3.885), (0.70, 3.921), (0.80, 3.990), (0.90, 4.080),
        (1.00, 4.195), (1.05, 4.35), (1.10, 4.70),
    ),
    # A pouch set whose curve has the shape of spinel LMO (nominal basis), up to 50 %.
    "lmo_spinel": (
        (-0.10, 1.40), (-0.05, 2.10), (0.00, 3.17), (0.02, 3.53), (0.05, 3.762), (0.10, 3.819), (0.15, 3.876),
        (0.20, 3.911), (0.25, 3.950), (0.30, 3.989), (0.35, 4.016), (0.40, 4.043), (0.45, 4.059),
        (0.50, 4.079), (0.60, 4.095), (0.70, 4.110), (0.80, 4.130), (0.90, 4.155), (1.00, 4.190),
        (1.05, 4.35), (1.10, 4.70),
    ),
    # 10 Ah cell of a hybrid car up to 80 %: far below spinel LMO, not for other LMO cells.
    "lmo_hev": (
        (-0.10, 0.80), (-0.05, 1.40), (0.00, 2.11), (0.03, 2.52), (0.10, 2.976), (0.20, 3.188), (0.30, 3.321),
        (0.40, 3.468), (0.50, 3.619), (0.60, 3.760), (0.70, 3.869), (0.80, 3.953), (0.90, 4.060),
        (1.00, 4.195), (1.05, 4.35), (1.10, 4.70),
    ),
}  # fmt: skip


class OcvCurve:
    """A non-decreasing OCV curve, linear between the points of ``GRID`` and beyond its ends."""

    __slots__ = ("_list", "voltages_V")

    def __init__(self, voltages_V: Floats) -> None:
        """``voltages_V``: one value per point of ``GRID``."""
        self.voltages_V = voltages_V
        self._list: list[float] = voltages_V.tolist()

    def voltage_V(self, soc: float) -> float:
        """OCV in V at ``soc`` (fraction)."""
        x = (soc - GRID_FIRST) / GRID_STEP
        i = int(x)
        if i < 0:
            i = 0
        elif i > GRID_POINTS - 2:
            i = GRID_POINTS - 2
        low = self._list[i]
        return low + (x - i) * (self._list[i + 1] - low)

    def shifted(self, offset_V: float) -> OcvCurve:
        """The same curve, ``offset_V`` higher."""
        return OcvCurve(self.voltages_V + offset_V)


def curve_names() -> tuple[str, ...]:
    """Names accepted by ``named_curve``."""
    return tuple(_POINTS)


@lru_cache(maxsize=16)
def named_curve(name: str) -> OcvCurve:
    """The curve of that name. Raises BatteryError for an unknown one."""
    if name not in _POINTS:
        raise BatteryError(f"no OCV curve {name!r}; known: {', '.join(_POINTS)}")
    soc, volts = (np.array(c, dtype=np.float64) for c in zip(*_POINTS[name], strict=True))
    return OcvCurve(monotone_cubic(soc, volts, GRID))


def monotone_cubic(x: Floats, y: Floats, at: Floats) -> Floats:
    """Values at ``at``, inside ``x``, of the cubic through the points that nowhere overshoots them.

    Slopes: weighted harmonic mean of the neighbouring chords, three-point formula at the ends (Fritsch and
    Butland 1984), which is what ``scipy.interpolate.PchipInterpolator`` gives. Written out here because
    loading that package takes as long as all else that a simulated bench does before it is ready.
    """
    step = np.diff(x)
    chord = np.diff(y) / step
    slope = np.zeros_like(y)
    left, right = 2 * step[1:] + step[:-1], step[1:] + 2 * step[:-1]
    same_way = chord[:-1] * chord[1:] > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (left + right) / (left / chord[:-1] + right / chord[1:])
    slope[1:-1] = np.where(same_way, mean, 0.0)
    slope[0] = _end_slope(step[0], step[1], chord[0], chord[1])
    slope[-1] = _end_slope(step[-1], step[-2], chord[-1], chord[-2])
    i = np.clip(np.searchsorted(x, at, side="right") - 1, 0, len(x) - 2)
    h, d = step[i], at - x[i]
    third = (slope[i] + slope[i + 1] - 2 * chord[i]) / h**2
    second = (3 * chord[i] - 2 * slope[i] - slope[i + 1]) / h
    return np.asarray(y[i] + d * (slope[i] + d * (second + d * third)), dtype=np.float64)


def _end_slope(near: float, next_: float, chord: float, next_chord: float) -> float:
    """Three-point slope at an end, kept within what stays monotone."""
    slope = ((2 * near + next_) * chord - near * next_chord) / (near + next_)
    if slope * chord <= 0:
        return 0.0
    if chord * next_chord <= 0 and abs(slope) > 3 * abs(chord):
        return 3 * chord
    return slope


def through_points(soc: Sequence[float], volts: Sequence[float], outside: OcvCurve) -> OcvCurve:
    """A non-decreasing curve along measured points, continued by the shape of ``outside``.

    Rest voltages ten minutes after a step wander by some mV; the mean of the two monotone
    envelopes (running maximum from below, running minimum from above) takes the dips out.
    ``soc`` must ascend.
    """
    v = np.asarray(volts, dtype=np.float64)
    up = np.maximum.accumulate(v)
    down = np.minimum.accumulate(v[::-1])[::-1]
    s = np.asarray(soc, dtype=np.float64)
    smooth = (up + down) / 2
    inside = np.interp(GRID, s, smooth)
    shape = outside.voltages_V
    at_first, at_last = outside.voltage_V(float(s[0])), outside.voltage_V(float(s[-1]))
    low = smooth[0] + shape - at_first
    high = smooth[-1] + shape - at_last
    return OcvCurve(np.where(s[0] > GRID, low, np.where(s[-1] < GRID, high, inside)))


class OcvBank:
    """The curves of many cells, looked up together."""

    __slots__ = ("_base", "_flat")

    def __init__(self, curves: Sequence[OcvCurve]) -> None:
        self._flat: Floats = np.concatenate([c.voltages_V for c in curves])
        self._base = np.arange(len(curves), dtype=np.int64) * GRID_POINTS

    def voltages_V(self, soc: Floats) -> Floats:
        """OCV in V of each cell at its SOC, shape (cells,)."""
        x = (soc - GRID_FIRST) * (1 / GRID_STEP)
        i = np.minimum(np.maximum(x, 0.0), GRID_POINTS - 2).astype(np.int64)
        x -= i
        i += self._base
        low = self._flat[i]
        i += 1
        return np.asarray(low + x * (self._flat[i] - low))
