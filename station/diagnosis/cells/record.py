"""What the arithmetic takes: the cycler's current, and what the pack's own controller said of its cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

#: a cell whose time moved by less, in s, was not told anew: no known pack tells one cell so often, and the
#: clock of a record may tremble by as much
REPEAT_S = 0.05
#: a change of current by more than this share of the largest current is an edge
EDGE_SHARE = 0.2
#: current counts as one level while it stays within this share of the largest current
LEVEL_SHARE = 0.01
#: a level is cut after this time in s, so that a slowly falling current is followed
LEVEL_MAX_S = 1.0


@dataclass(frozen=True, eq=False)
class CellSweeps:
    """Cell voltages as they were told, shapes (sweeps, cells); NaN where a cell was not told.

    ``at_s``: when each value was told, in s, on the controller's or the receiver's clock. ``resolution_V``:
    the least step of the family; ``skew_s``: how far the true times inside one told instant may lie apart.
    """

    at_s: Floats
    voltage_V: Floats
    resolution_V: float
    skew_s: float = 0.0

    def __post_init__(self) -> None:
        if self.at_s.shape != self.voltage_V.shape or self.at_s.ndim != 2:
            raise ValueError(f"times {self.at_s.shape} and voltages {self.voltage_V.shape} must be one table")

    @property
    def cells(self) -> int:
        """Cells in series that the controller tells."""
        return int(self.at_s.shape[1])

    def period_s(self) -> float:
        """Median time between two values of one cell, in s; inf before the second."""
        gaps = np.diff(self.at_s, axis=0)
        gaps = gaps[np.isfinite(gaps) & (gaps > 0)]
        return float(np.median(gaps)) if gaps.size else float("inf")

    def whole_sweep(self) -> CellSweeps:
        """The same values as if every sweep had been measured at one instant, when its first value was
        told."""
        filled = np.where(np.isnan(self.at_s), np.inf, self.at_s)
        first = filled.min(axis=1, keepdims=True)
        at_s = np.where(np.isnan(self.at_s), np.nan, np.broadcast_to(first, self.at_s.shape))
        return CellSweeps(at_s, self.voltage_V, self.resolution_V, self.skew_s)


def without_repeats(sweeps: CellSweeps) -> CellSweeps:
    """A value that was told once and recorded twice counts once: its time did not move on."""
    at_s, voltage_V = sweeps.at_s.copy(), sweeps.voltage_V.copy()
    newest = np.full(sweeps.cells, -np.inf)
    for row in range(len(at_s)):
        old = ~(at_s[row] > newest + REPEAT_S)
        newest = np.where(old, newest, at_s[row])
        at_s[row, old] = voltage_V[row, old] = np.nan
    told = np.isfinite(voltage_V).any(axis=1)
    return CellSweeps(at_s[told], voltage_V[told], sweeps.resolution_V, sweeps.skew_s)


@dataclass(frozen=True, eq=False)
class CurrentLevels:
    """Current as steps: ``start_s`` (n,) where each level begins, ``current_A`` (n,), and the end of the
    last.

    Positive charges. ``edge_s``/``edge_A``: when it jumped and by how much. ``slack_s``: how uncertain an
    edge's own time is, from the spacing of the samples around it.
    """

    start_s: Floats
    current_A: Floats
    end_s: float
    edge_s: Floats
    edge_A: Floats
    slack_s: float

    @property
    def largest_A(self) -> float:
        """Largest magnitude of a level."""
        return float(np.abs(self.current_A).max()) if self.current_A.size else 0.0

    def at(self, time_s: Floats) -> Floats:
        """Current at any times, 0 outside."""
        found = np.searchsorted(self.start_s, time_s, side="right") - 1
        inside = (found >= 0) & (time_s <= self.end_s)
        return np.where(inside, self.current_A[np.clip(found, 0, None)], 0.0)


def levels_of(time_s: Floats, current_A: Floats, edges_s: Floats | None = None) -> CurrentLevels:
    """Samples (n,) as levels. ``edges_s``: edges whose times are known better than by the samples.

    A change between two samples is put in their middle, or at the known edge that lies there.
    Raises ValueError for fewer than two samples or a clock that goes back.
    """
    if len(time_s) < 2 or (np.diff(time_s) < 0).any():
        raise ValueError("current samples must be two or more, in order of time")
    largest = float(np.abs(current_A).max())
    known = np.sort(edges_s) if edges_s is not None else np.empty(0)
    starts, values, edges, steps, gaps = [float(time_s[0])], [], [], [], []
    run: list[float] = [float(current_A[0])]
    for now_s, before_s, amps in zip(
        time_s[1:].tolist(), time_s[:-1].tolist(), current_A[1:].tolist(), strict=True
    ):
        level = sum(run) / len(run)
        jumped = abs(amps - level) > max(LEVEL_SHARE * largest, 1e-9)
        if not jumped and now_s - starts[-1] <= LEVEL_MAX_S:
            run.append(amps)
            continue
        border = (before_s + now_s) / 2
        if abs(amps - level) > EDGE_SHARE * largest:
            near = known[(known >= before_s - 0.02) & (known <= now_s + 0.02)]
            if near.size:
                border = float(np.clip(near[0], before_s, now_s))
            else:
                gaps.append(now_s - before_s)
            edges.append(border)
            steps.append(amps - level)
        values.append(level)
        starts.append(max(border, starts[-1]))
        run = [amps]
    values.append(sum(run) / len(run))
    slack_s = float(np.median(gaps)) / np.sqrt(12) if gaps else 0.001
    found, jumps = _joined(edges, steps)
    return CurrentLevels(np.array(starts), np.array(values), float(time_s[-1]), found, jumps, float(slack_s))


def _joined(edges: list[float], steps: list[float]) -> tuple[Floats, Floats]:
    """An edge that slews over several samples is one edge, at its centre of gravity."""
    found: list[list[float]] = []
    for at_s, amps in zip(edges, steps, strict=True):
        if found and at_s - found[-1][2] < 0.2 and found[-1][1] * amps > 0:
            whole = found[-1][1] + amps
            found[-1] = [(found[-1][0] * found[-1][1] + at_s * amps) / whole, whole, at_s]
        else:
            found.append([at_s, amps, at_s])
    return np.array([f[0] for f in found]), np.array([f[1] for f in found])
