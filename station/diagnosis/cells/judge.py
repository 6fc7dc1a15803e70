"""From two recordings of one test to what every cell is worth: resistance with uncertainty, state, rank."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from station.diagnosis.cells.align import RATE_PPM, SEARCH_S, Alignment, align
from station.diagnosis.cells.basis import Basis
from station.diagnosis.cells.fit import CellFits
from station.diagnosis.cells.geometry import Geometry
from station.diagnosis.cells.ranking import Ranking, rank
from station.diagnosis.cells.record import CellSweeps, CurrentLevels, Floats, levels_of, without_repeats
from station.diagnosis.cells.resistances import CellResistances
from station.diagnosis.cells.rules import CellRules
from station.diagnosis.cells.status import State, states_of

#: resistances are told at these times into a pulse, in s: sooner, the sweep of a BMS knows nothing
TIMES_S = (10.0, 30.0)
#: a pulse must hold so many values of each cell
SWEEPS_PER_PULSE = 3.0
COVERAGE = 2.0
"""Stated uncertainties are this many standard errors: 95 %."""


@dataclass(frozen=True, eq=False)
class CellReport:
    """``refused``: a reason why there are no resistances; '' otherwise. Cells in the order of their
    numbers."""

    geometry: Geometry
    states: list[State]
    ocv_V: Floats
    resistances: tuple[CellResistances, ...] = ()
    ranking: Ranking | None = None
    alignment: Alignment | None = None
    refused: str = ""
    params: dict[str, float] = field(default_factory=dict)
    current_A: float = 0.0
    resolution_V: float = 0.0
    pulses: int = 0
    refresh_s: float = float("inf")
    balancing: bool = False

    def at(self, time_s: float) -> CellResistances | None:
        """The resistances at a time into a pulse; None where there are none."""
        return next((one for one in self.resistances if one.at_s == time_s), None)


def judge_cells(
    time_s: Floats,
    current_A: Floats,
    sweeps: CellSweeps,
    rules: CellRules,
    geometry: Geometry | None = None,
    *,
    edges_s: Floats | None = None,
    chemistry: str | None = None,
    pack_V: float | None = None,
    current_accuracy: float = 0.002,
    search_s: tuple[float, float, float] = SEARCH_S,
    rate_ppm: float = RATE_PPM,
    balancing: bool = False,
) -> CellReport:
    """Judge a pulse test of a pack. ``time_s`` and ``current_A`` (n,): the cycler's; positive charges.

    ``edges_s``: when the current was made to change, where that is known. ``current_accuracy``: of the
    cycler,
    as a fraction, standard error. ``rate_ppm`` 0: both clocks are the same. ``balancing``: the pack has
    balanced cells meanwhile; a shunt's drop comes and goes in what is read by an amount that nobody knows, so
    no order is told then. Raises ValueError for records that are none; what cannot be measured is refused in
    the report.
    """
    geometry = geometry or Geometry.of(None, sweeps.cells)
    if geometry.cells != sweeps.cells:
        geometry = Geometry.of(None, sweeps.cells)
    levels = levels_of(time_s, current_A, edges_s)
    told = without_repeats(sweeps)
    states = states_of(told, levels.at(told.at_s), rules, chemistry=chemistry, pack_V=pack_V)
    usable = np.array([state in ("ok", "at_low_limit", "at_high_limit") for state in states])
    pulses, longest_s = _pulses(levels)
    plain = CellReport(
        geometry, states, _rest_V(told, levels), current_A=levels.largest_A, resolution_V=told.resolution_V,
        pulses=len(pulses), refresh_s=told.period_s(), balancing=balancing,
    )  # fmt: skip
    reason, params = _refusal(told, pulses, longest_s, usable)
    if reason:
        return replace(plain, refused=reason, params=params)
    volts = np.where(usable, told.voltage_V, np.nan)
    seen = CellSweeps(told.at_s, volts, told.resolution_V, told.skew_s)
    basis = Basis(levels, bent=_several(pulses))
    alignment, seen, fits = align(seen, levels, basis, search_s=search_s, rate_ppm=rate_ppm)
    times = tuple(t for t in TIMES_S if t <= longest_s + 0.5)
    found = tuple(
        _resistances(at_s, seen, levels, basis, fits, alignment, pulses, current_accuracy) for at_s in times
    )
    ocv_V = np.where(usable, fits.weights[:, 0], plain.ocv_V)
    ranking = rank(found[0], geometry, rules)
    if balancing:
        ranking = replace(
            ranking, order=(), weak_cells=(), weak_modules=(), weakest=None, refused="balancing"
        )
    states = [
        "weak" if number in ranking.weak_cells else state for number, state in enumerate(states, start=1)
    ]
    return replace(plain, states=states, ocv_V=ocv_V, resistances=found, ranking=ranking, alignment=alignment)


def _pulses(levels: CurrentLevels) -> tuple[list[tuple[float, float, float]], float]:
    """(start, length, current) of every stretch of current, and the length of the longest, in s."""
    edges = levels.edge_s
    found, longest_s = [], 0.0
    ends = [*edges[1:].tolist(), levels.end_s]
    for start_s, end_s in zip(edges.tolist(), ends, strict=True):
        amps = float(np.median(levels.at(np.linspace(start_s, end_s, 9)[1:-1])))
        if abs(amps) > 0.2 * levels.largest_A and end_s > start_s:
            found.append((start_s, end_s - start_s, amps))
            longest_s = max(longest_s, end_s - start_s)
    return found, longest_s


def _several(pulses: list[tuple[float, float, float]]) -> bool:
    sizes = [abs(amps) for _, _, amps in pulses]
    return max(sizes) > 1.25 * min(sizes)


def _refusal(
    sweeps: CellSweeps,
    pulses: list[tuple[float, float, float]],
    longest_s: float,
    usable: npt.NDArray[np.bool_],
) -> tuple[str, dict[str, float]]:
    if not usable.any() or len(sweeps.at_s) < 3:
        return "no_cells", {}
    if not pulses:
        return "no_pulse", {}
    if longest_s < TIMES_S[0] - 0.5:
        return "pulse_too_short", {"longest_s": longest_s, "needed_s": TIMES_S[0]}
    period_s = sweeps.period_s()
    if longest_s < SWEEPS_PER_PULSE * period_s:
        return "sweep_too_slow", {"refresh_s": period_s, "longest_s": longest_s}
    return "", {}


def _rest_V(sweeps: CellSweeps, levels: CurrentLevels) -> Floats:
    """Median of each cell's values without current, of all where there are none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        resting = np.abs(levels.at(sweeps.at_s)) < 0.05 * max(levels.largest_A, 1e-9)
        rest = np.nanmedian(np.where(resting, sweeps.voltage_V, np.nan), axis=0)
        return np.where(np.isnan(rest), np.nanmedian(sweeps.voltage_V, axis=0), rest)


def _resistances(
    at_s: float,
    sweeps: CellSweeps,
    levels: CurrentLevels,
    basis: Basis,
    fits: CellFits,
    alignment: Alignment,
    pulses: list[tuple[float, float, float]],
    current_accuracy: float,
) -> CellResistances:
    value, noise = fits.resistance(basis, at_s)
    # Rounding scatters the samples as well: that part of their noise is called by its name.
    rounded = np.minimum(sweeps.resolution_V / np.sqrt(12.0) / fits.sigma_V, 1.0)
    quantum = np.hypot(_quantisation(sweeps, levels, pulses), noise * rounded)
    noise = noise * np.sqrt(1.0 - rounded**2)
    timing = _timing(at_s, sweeps, basis, fits, alignment)
    current = current_accuracy * np.abs(value)
    own = np.sqrt(noise**2 + quantum**2 + timing**2)
    whole = np.sqrt(own**2 + current**2)
    parts = {"noise": noise, "quantisation": quantum, "timing": timing, "current": current}
    return CellResistances(
        at_s, value, COVERAGE * whole, COVERAGE * own,
        {name: float(np.nanmedian(part)) for name, part in parts.items()},
    )  # fmt: skip


def _quantisation(
    sweeps: CellSweeps, levels: CurrentLevels, pulses: list[tuple[float, float, float]]
) -> Floats:
    """Rounding of the two ends of a step, LSB/(√6·I), less by repeats that did not round alike.

    Repeats from the same voltage are rounded the same way and their mean keeps the error; a rest voltage that
    walks over a whole step from one repeat to the next averages it.
    """
    single = sweeps.resolution_V / (np.sqrt(6.0) * levels.largest_A)
    before = []
    for start_s, length_s, _ in pulses:
        near = (sweeps.at_s < start_s) & (sweeps.at_s > start_s - max(length_s, 5.0))
        known = near & np.isfinite(sweeps.voltage_V)
        count = known.sum(axis=0)
        total = np.where(known, sweeps.voltage_V, 0.0).sum(axis=0)
        before.append(np.where(count > 0, total / np.maximum(count, 1), np.nan))
    table = np.array(before)
    highest = np.where(np.isnan(table), -np.inf, table).max(axis=0)
    lowest = np.where(np.isnan(table), np.inf, table).min(axis=0)
    walked = np.maximum(np.where(np.isfinite(highest), highest - lowest, 0.0), 0.0)
    share = np.clip(walked / max(sweeps.resolution_V, 1e-9), 0.0, 1.0)
    return np.asarray(single / np.sqrt(1.0 + (len(pulses) - 1) * share))


def _timing(at_s: float, sweeps: CellSweeps, basis: Basis, fits: CellFits, alignment: Alignment) -> Floats:
    """What the uncertainty of the clock does to the resistance: how it grows there, plus the missed edge."""
    later = (basis.step(at_s + 0.5) - basis.step(at_s - 0.5)) @ fits.weights.T
    shift_s = np.hypot(alignment.offset_sd_s, sweeps.skew_s)
    return np.asarray(np.abs(later) * shift_s)
