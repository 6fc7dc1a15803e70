"""Fits a two-RC equivalent circuit to the pulses of one block by variable projection.

Model: V = OCV₀ + dOCV/dAh · q + R₀·I + R₁·x₁ + R₂·x₂, where q is the charge since the start of the block and
xᵢ the response of a 1 ohm RC element with time constant τᵢ. For given τ₁, τ₂ all else is linear and solved
exactly, so that only two numbers are searched (Golub and Pereyra's variable projection).

The instantaneous resistance of a real cell falls with the current (charge transfer) and differs between
charge and discharge. A single R₀ over pulses of 0.5 to 2.5 C would push that misfit into R₁ and R₂, so every
distinct pulse current of the block has its own R₀; the one reported is their mean.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from station.diagnosis.ecm.projection import Projection, solve_two
from station.diagnosis.pulses import Block, Pulse, Record

Floats = NDArray[np.float64]

#: Time constants of the coarse search, per decade.
GRID_PER_DECADE = 3
#: Neighbouring time constants must differ by this factor to count as two elements.
MIN_RATIO = 2.0
#: Fewest samples inside the pulses that can carry six unknowns.
MIN_PULSE_ROWS = 12
MAX_ROWS = 4000
#: Rest taken in before the first pulse, and after the last, in s.
LEAD_S = 60.0
TAIL_S = 600.0


@dataclass(frozen=True)
class EcmFit:
    """A fitted 2RC circuit, tau1 < tau2; ``rmse_V`` is the root mean square residual over the block.

    ``r0_ohm`` is the mean over the distinct pulse currents of the block.
    """

    r0_ohm: float
    r1_ohm: float
    tau1_s: float
    r2_ohm: float
    tau2_s: float
    rmse_V: float
    ocv_V: float
    docv_V_per_Ah: float


def fit_ecm(record: Record, block: Block) -> EcmFit | None:
    """Fit the 2RC circuit to one block of a record.

    Returns None when the record cannot support it: pulses from a step sheet, no rest before the first pulse,
    too few samples, clearly fewer than two relaxations in the data, or a fit with a negative resistance.
    """
    pulses = [pulse for pulse in block.pulses if pulse.first_row >= 0]
    if len(pulses) != len(block.pulses) or not pulses or not pulses[0].after_rest:
        return None
    rows = _rows(record, block, pulses)
    inside = sum(pulse.last_row - pulse.first_row + 1 for pulse in pulses)
    if inside < MIN_PULSE_ROWS or rows.size < 2 * MIN_PULSE_ROWS:
        return None
    # The shortest time constant that the samples can show, the longest that the block can.
    shortest = min(_sampling_s(record, pulse) for pulse in pulses)
    longest_pulse = max(pulse.duration_s for pulse in pulses)
    span = float(record.time_s[rows[-1]] - pulses[0].start_s)
    low, high = np.log(max(2.0 * shortest, 1e-4 * span)), np.log(min(span, 40.0 * longest_pulse))
    if high - low < 2.0 * np.log(MIN_RATIO):
        return None
    mean = float(record.voltage_V[rows].mean())

    def fit(overrun: float) -> EcmFit | None:
        return _search(_problem(record, pulses, rows, overrun), float(low), float(high), mean)

    plain = fit(0.0)
    if plain is None or not any(pulse.clipped for pulse in pulses):
        return plain
    return _with_overrun(plain, fit)


def _with_overrun(plain: EcmFit, fit: Callable[[float], EcmFit | None]) -> EcmFit:
    """The best fit over how far a cut pulse ran on after its last sample, as a share of the interval.

    A protection acts between two samples and nobody logs when; the squared residual is a parabola of that.
    """
    half, full = fit(0.5), fit(1.0)
    if half is None or full is None:
        return plain
    a, b, c = plain.rmse_V**2, half.rmse_V**2, full.rmse_V**2
    bend = a - 2.0 * b + c
    found = [plain, half, full]
    if bend > 0.0:
        best = fit(float(np.clip(0.5 + 0.25 * (a - c) / bend, 0.0, 1.0)))
        found += [best] if best is not None else []
    return min(found, key=lambda one: one.rmse_V)


def _search(problem: Projection, low: float, high: float, mean_V: float) -> EcmFit | None:
    """The best fit between two logarithmic time constants; None when it ends at one or makes no sense."""
    start = _coarse(problem, low, high)
    if start is None:
        return None

    def residual(theta: Floats) -> Floats:
        tau1, tau2 = np.exp(np.clip(theta, low, high)).tolist()
        return problem.solve(tau1, tau2)[1]

    best = least_squares(residual, start, method="lm", xtol=1e-10, ftol=1e-13, gtol=1e-14, max_nfev=200)
    tau1, tau2 = np.sort(np.exp(np.clip(best.x, low, high))).tolist()
    (r1, r2), left_over = problem.solve(tau1, tau2)
    ocv, docv, *r0s = problem.constants(tau1, tau2, r1, r2).tolist()
    r0 = float(np.mean(r0s))
    at_bound = bool(np.any(best.x < low + 1e-3) or np.any(best.x > high - 1e-3))
    if at_bound or tau2 < MIN_RATIO * tau1 or min(r0, r1, r2) <= 0.0:
        return None
    return EcmFit(r0, r1, tau1, r2, tau2, float(np.sqrt(np.mean(left_over**2))), mean_V + ocv, docv)


def _sampling_s(record: Record, pulse: Pulse) -> float:
    """Spacing of the first samples of a pulse in s."""
    spacing = np.diff(record.time_s[pulse.first_row : min(pulse.first_row + 5, pulse.last_row) + 1])
    return float(np.median(spacing)) if spacing.size else pulse.duration_s


def _rows(record: Record, block: Block, pulses: list[Pulse]) -> NDArray[np.int64]:
    """Rows of the block with some rest at both ends, thinned where there are very many."""
    t = record.time_s
    first = int(np.searchsorted(t, pulses[0].start_s - min(LEAD_S, block.rest_before_s)))
    last = pulses[-1].last_row
    if pulses[-1].rest_after_s > 0.0:
        tail = min(pulses[-1].rest_after_s, TAIL_S)
        last = int(np.searchsorted(t, pulses[-1].start_s + pulses[-1].duration_s + tail, side="right")) - 1
    rows = np.arange(first, last + 1)
    if rows.size <= MAX_ROWS:
        return rows
    keep = np.zeros(rows.size, dtype=bool)
    keep[:: -(-rows.size // (MAX_ROWS // 2))] = True
    edges = [row for pulse in pulses for row in (pulse.first_row, pulse.last_row + 1)]
    # Dense after each edge, where the fast element shows, thinner towards the next.
    for edge, following in pairwise([*edges, last + 1]):
        offsets = np.unique(np.geomspace(1, max(following - edge, 2), 40).astype(np.int64)) - 1
        chosen = edge - first + np.concatenate(([-1], offsets))
        keep[chosen[(chosen >= 0) & (chosen < rows.size)]] = True
    return rows[keep]


def _problem(record: Record, pulses: list[Pulse], rows: NDArray[np.int64], overrun: float) -> Projection:
    t, current = record.time_s, record.current_A
    rest = pulses[0].rest_current_A
    amps = current[rows] - rest
    from_A, to_A = amps[:-1].copy(), amps[1:].copy()
    # A step between two samples happened at the earlier one (see pulses.edges): the new level holds on.
    first_of_edge = {pulse.first_row for pulse in pulses} | {pulse.last_row + 1 for pulse in pulses}
    edge = np.isin(rows[1:], list(first_of_edge))
    from_A[edge] = to_A[edge]
    if overrun > 0.0:
        cut = np.isin(rows[1:], [pulse.last_row + 1 for pulse in pulses if pulse.clipped])
        from_A[cut] = to_A[cut] = overrun * amps[:-1][cut] + (1.0 - overrun) * amps[1:][cut]
    dt = np.diff(t[rows])
    charge = np.concatenate(([0.0], np.cumsum(0.5 * (from_A + to_A) * dt))) / 3600.0
    voltage = record.voltage_V[rows]
    groups = _current_groups(pulses)
    owner = np.searchsorted([pulse.first_row for pulse in pulses], rows, side="right") - 1
    group = np.array([groups[0], *groups])[owner + 1]
    instant = amps[:, None] * (group[:, None] == np.arange(max(groups) + 1))
    fixed = np.concatenate((np.ones((rows.size, 1)), charge[:, None], instant), axis=1)
    return Projection(dt, from_A, to_A, fixed, voltage - float(voltage.mean()))


def _current_groups(pulses: list[Pulse]) -> list[int]:
    """The number of the distinct current (within 3 %) of each pulse."""
    seen: list[float] = []
    groups: list[int] = []
    for pulse in pulses:
        amps = pulse.current_A - pulse.rest_current_A
        match = [n for n, other in enumerate(seen) if abs(amps - other) <= 0.03 * abs(other)]
        if not match:
            seen.append(amps)
        groups.append(match[0] if match else len(seen) - 1)
    return groups


def _coarse(problem: Projection, low: float, high: float) -> Floats | None:
    """The best pair of a logarithmic grid of time constants, as logarithms; None without a positive one."""
    count = max(4, int(np.ceil((high - low) / np.log(10.0) * GRID_PER_DECADE)))
    grid = np.linspace(low, high, count + 2)[1:-1]
    columns = np.stack([problem.column(float(np.exp(value))) for value in grid])
    gram = np.einsum("in,jn->ij", columns, columns)
    target = np.einsum("in,n->i", columns, problem.target)
    best, found = 0.0, None
    for i in range(grid.size):
        for j in range(i + 1, grid.size):
            if grid[j] - grid[i] < np.log(MIN_RATIO):
                continue
            r1, r2 = solve_two(gram[i, i], gram[i, j], gram[j, j], target[i], target[j])
            gain = r1 * target[i] + r2 * target[j]
            if gain > best and min(r1, r2) > 0.0:
                best, found = gain, np.array([grid[i], grid[j]])
    return found
