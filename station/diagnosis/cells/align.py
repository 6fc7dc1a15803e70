"""Two clocks made one by the edges of the pulses.

A value is told later than it was measured: filter, sweep and bus take their time, and a recording of the bus
may have a clock of its own that starts elsewhere and runs faster or slower. Every edge of the current falls
between some samples of some cells; together they say when it happened on the other clock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from station.diagnosis.cells.basis import Basis
from station.diagnosis.cells.fit import CellFits, fit_cells
from station.diagnosis.cells.record import CellSweeps, CurrentLevels, Floats

#: offsets that are looked at first, in s: from, to, step
SEARCH_S = (-5.0, 20.0, 0.1)
FINE_S = 0.01
COARSE_CELLS = 16
PROFILE_CELLS = 24
PROFILE_STEPS = 17
EDGE_CELLS = 48
#: what is believed of a clock's rate before anything is known: crystals, in parts per million
RATE_PPM = 100.0

SweepKind = Literal["one_by_one", "at_once"]


@dataclass(frozen=True)
class Alignment:
    """True time = told time − ``offset_s`` − ``drift_ppm`` · 1e-6 · (told time − ``about_s``).

    ``*_sd``: standard errors. ``sweep``: whether cells were measured as they were told, or all at once and
    told one after the other. ``edges``: how many edges it rests on.
    """

    offset_s: float
    offset_sd_s: float
    drift_ppm: float
    drift_sd_ppm: float
    about_s: float
    edges: int
    sweep: SweepKind = "one_by_one"

    def taken_off(self, at_s: Floats, more_s: float = 0.0) -> Floats:
        """What to take off told times, shape as they."""
        return self.offset_s + more_s + self.drift_ppm * 1e-6 * (at_s - self.about_s)


def align(
    sweeps: CellSweeps,
    levels: CurrentLevels,
    basis: Basis,
    *,
    search_s: tuple[float, float, float] = SEARCH_S,
    rate_ppm: float = RATE_PPM,
) -> tuple[Alignment, CellSweeps, CellFits]:
    """Find the other clock; gives the alignment, the sweeps with the times it holds for, and their fits."""
    period_s = sweeps.period_s()
    spread_s = float(np.nanmedian(np.nanmax(sweeps.at_s, axis=1) - np.nanmin(sweeps.at_s, axis=1)))
    kinds: list[tuple[SweepKind, CellSweeps]] = [("one_by_one", sweeps)]
    if spread_s > 0.1:
        kinds.append(("at_once", sweeps.whole_sweep()))
    places = [_coarse(one, levels, basis, search_s) for _, one in kinds]
    best = int(np.argmin([cost for _, cost in places]))
    kind, seen = kinds[best]
    alignment, fits = _aligned(seen, levels, basis, period_s, places[best][0], rate_ppm, kind)
    return alignment, seen, fits


def _aligned(
    sweeps: CellSweeps,
    levels: CurrentLevels,
    basis: Basis,
    period_s: float,
    offset_s: float,
    rate_ppm: float,
    kind: SweepKind,
) -> tuple[Alignment, CellFits]:
    about_s = float(levels.edge_s.mean())
    now = Alignment(offset_s, 0.0, 0.0, 0.0, about_s, 0, kind)
    reach_s = 0.25
    fits = fit_cells(sweeps, basis, now.taken_off(sweeps.at_s), forgive=False)
    for _ in range(6):
        before = now.offset_s
        now = _refined(sweeps, levels, basis, fits, now, period_s, reach_s, rate_ppm)
        fits = fit_cells(sweeps, basis, now.taken_off(sweeps.at_s), forgive=False)
        reach_s = max(8 * now.offset_sd_s, 0.15)
        if abs(now.offset_s - before) < 0.1 * max(now.offset_sd_s, 0.002):
            break
    now = _profiled(sweeps, levels, basis, fits, now)
    return now, fit_cells(sweeps, basis, now.taken_off(sweeps.at_s))


def _profiled(
    sweeps: CellSweeps, levels: CurrentLevels, basis: Basis, fits: CellFits, now: Alignment
) -> Alignment:
    """The offset with its true width: at every offset the cells are fitted anew, as a fit makes up for a
    wrong one."""
    fair = np.flatnonzero(
        np.isfinite(fits.weights).all(axis=1) & (fits.sigma_V < 5 * np.nanmedian(fits.sigma_V))
    )
    if not fair.size:
        return now
    some = fair[np.linspace(0, len(fair) - 1, min(len(fair), PROFILE_CELLS)).astype(int)]
    part = CellSweeps(sweeps.at_s[:, some], sweeps.voltage_V[:, some], sweeps.resolution_V)
    noise_V2 = float(np.mean(fits.sigma_V[some] ** 2))
    # As wide as the time between two values, which may be all that is known; then closer.
    reach_s = float(np.clip(0.7 * sweeps.period_s(), 0.1, 1.0))
    shift = width = 0.0
    for _ in range(2):
        shifts = shift + np.linspace(-reach_s, reach_s, PROFILE_STEPS)
        taken = now.taken_off(part.at_s)
        squares = np.array(
            [fit_cells(part, basis, taken + s, forgive=False).squares_V2 for s in shifts.tolist()]
        )
        likely = np.exp(-0.5 * (squares - squares.min()) / noise_V2)
        likely /= likely.sum()
        shift = float(likely @ shifts)
        step_s = float(shifts[1] - shifts[0])
        width = float(np.sqrt(likely @ (shifts - shift) ** 2 + step_s**2 / 12))
        if width > 1.5 * step_s:
            break
        reach_s = max(3 * step_s, 0.02)
    floor = levels.slack_s / np.sqrt(max(now.edges, 1))
    return replace(now, offset_s=now.offset_s + shift, offset_sd_s=float(np.hypot(width, floor)))


def _coarse(
    sweeps: CellSweeps, levels: CurrentLevels, basis: Basis, search_s: tuple[float, float, float]
) -> tuple[float, float]:
    """Offset in s, and what is left over there. Where some of the cells, each less its own mean, go best
    with the current; then with the whole basis."""
    told = np.isfinite(sweeps.voltage_V)
    swing = np.array(
        [np.std(v[m]) if m.any() else 0.0 for v, m in zip(sweeps.voltage_V.T, told.T, strict=True)]
    )
    middle = float(np.median(swing[swing > 0])) if (swing > 0).any() else 0.0
    usual = np.flatnonzero(
        (swing > 0.3 * middle) & (swing < 3 * middle + 1e-9)
    )  # a dead cell speaks for none
    usual = (
        usual[np.linspace(0, len(usual) - 1, min(len(usual), COARSE_CELLS)).astype(int)]
        if len(usual)
        else usual
    )
    at_s, volts = [], []
    for number in usual.tolist():
        mine = told[:, number]
        at_s.append(sweeps.at_s[mine, number])
        volts.append(sweeps.voltage_V[mine, number] - sweeps.voltage_V[mine, number].mean())
    if not at_s:
        return 0.0, float("inf")
    when, rest = np.concatenate(at_s), np.concatenate(volts)

    def by_current(offset: float) -> float:
        amps = levels.at(when - offset)
        amps = amps - amps.mean()
        power = float((amps**2).sum())
        return -float((rest * amps).sum()) / np.sqrt(power) if power > 0 else np.inf

    def by_basis(offset: float) -> float:
        rows = basis.at(when - offset)
        rows = rows / np.maximum(np.abs(rows).max(axis=0), 1e-12)
        normal = rows.T @ rows + 1e-6 * np.eye(rows.shape[1])
        return -float((rest @ rows) @ np.linalg.solve(normal, rows.T @ rest))

    first, last, step = search_s
    at = _least(by_current, np.arange(first, last + step / 2, step))
    at = _least(by_basis, np.clip(at + np.arange(-2.5, 2.55, 0.1), first, last))
    at = _least(by_basis, at + np.arange(-0.1, 0.105, 0.02))
    return at, by_basis(at)


def _least(cost: Callable[[float], float], places: Floats) -> float:
    costs = [cost(place) for place in places.tolist()]
    return float(places[int(np.argmin(costs))])


def _refined(
    sweeps: CellSweeps,
    levels: CurrentLevels,
    basis: Basis,
    fits: CellFits,
    now: Alignment,
    period_s: float,
    reach_s: float,
    rate_ppm: float,
) -> Alignment:
    """The middle of all offsets and rates, each weighed by how well the samples near the edges agree with
    it."""
    shifts = np.arange(-reach_s, reach_s + FINE_S / 2, max(FINE_S / 2, reach_s / 25))
    tables = []
    cells = np.flatnonzero(
        np.isfinite(fits.weights).all(axis=1) & (fits.sigma_V < 5 * np.median(fits.sigma_V))
    )
    cells = (
        cells[np.linspace(0, len(cells) - 1, min(len(cells), EDGE_CELLS)).astype(int)]
        if len(cells)
        else cells
    )
    noise = np.broadcast_to(fits.sigma_V, sweeps.at_s.shape)
    near_s = 1.2 * period_s + reach_s
    true_s = sweeps.at_s - now.taken_off(sweeps.at_s)
    which = np.broadcast_to(np.arange(sweeps.cells), sweeps.at_s.shape)
    usable = np.isfinite(sweeps.voltage_V) & np.isin(which, cells)
    for edge_s in levels.edge_s.tolist():
        chosen = usable & (np.abs(true_s - edge_s) <= near_s)
        if not chosen.any():
            continue
        weights = fits.weights[which[chosen]]
        rows = basis.at(true_s[chosen][None, :] - shifts[:, None])
        rest = sweeps.voltage_V[chosen][None, :] - np.einsum("snk,nk->sn", rows, weights)
        tables.append((edge_s, ((rest / noise[chosen]) ** 2).sum(axis=1)))
    if not tables:
        return now
    about = np.array([edge_s for edge_s, _ in tables]) - now.about_s
    span_s = float(about.max() - about.min())
    rates = np.linspace(-3 * rate_ppm, 3 * rate_ppm, 61) if span_s > 30 and rate_ppm > 0 else np.zeros(1)
    total = np.zeros((len(rates), len(shifts)))
    for after_s, (_, squares) in zip(about.tolist(), tables, strict=True):
        for number, ppm in enumerate(rates.tolist()):
            total[number] += np.interp(shifts + ppm * 1e-6 * after_s, shifts, squares)
    prior = 0.0 if rate_ppm <= 0 else ((rates + now.drift_ppm) / rate_ppm)[:, None] ** 2
    total = total + prior
    likely = np.exp(-0.5 * (total - total.min()))
    likely /= likely.sum()
    by_shift, by_rate = likely.sum(axis=0), likely.sum(axis=1)
    shift, ppm = float(by_shift @ shifts), float(by_rate @ rates)
    shift_sd = float(np.sqrt(by_shift @ (shifts - shift) ** 2))
    ppm_sd = float(np.sqrt(by_rate @ (rates - ppm) ** 2))
    if len(rates) > 1:
        ppm_sd = float(np.hypot(ppm_sd, 1e6 * levels.slack_s / (np.std(about) * np.sqrt(len(tables)))))
    floor = np.hypot(levels.slack_s / np.sqrt(max(len(tables), 1)), (shifts[1] - shifts[0]) / np.sqrt(12))
    return Alignment(
        now.offset_s + shift,
        float(np.hypot(shift_sd, floor)),
        now.drift_ppm + ppm,
        ppm_sd,
        now.about_s,
        len(tables),
        now.sweep,
    )
