"""Fits a two-RC equivalent circuit to the pulses of one block by variable projection.

Model: V = OCV₀ + dOCV/dAh · q + R₀·I + R₁·x₁ + R₂·x₂, where q is the charge since the start of the block and
xᵢ the response of a 1 ohm RC element with time constant τᵢ. For given τ₁, τ₂ all else is linear and solved
exactly, so that only two numbers are searched (Golub and Pereyra's variable projection).

The instantaneous resistance of a real cell falls with the current (charge transfer) and differs between
charge and discharge. A single R₀ over pulses of 0.5 to 2.5 C would push that misfit into R₁ and R₂, so every
distinct pulse current of the block has its own R₀; the one reported is their mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from station.diagnosis.ecm.response import rc_response
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


@dataclass(frozen=True)
class _Data:
    dt_s: Floats
    from_A: Floats
    to_A: Floats
    charge_Ah: Floats
    voltage_V: Floats
    """Relative to its mean."""
    instant_A: Floats
    """Current per distinct pulse current, shape ``(rows, groups)``: the columns of R0."""

    def basis(self, tau_s: float) -> Floats:
        return rc_response(self.dt_s, self.from_A, self.to_A, tau_s)


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
    data = _data(record, pulses, rows)

    # The shortest time constant that the samples can show, the longest that the block can.
    shortest = min(_sampling_s(record, pulse) for pulse in pulses)
    longest_pulse = max(pulse.duration_s for pulse in pulses)
    span = float(record.time_s[rows[-1]] - pulses[0].start_s)
    bounds = (np.log(max(2.0 * shortest, 1e-4 * span)), np.log(min(span, 40.0 * longest_pulse)))
    if bounds[1] - bounds[0] < 2.0 * np.log(MIN_RATIO):
        return None
    start = _coarse(data, bounds)
    if start is None:
        return None

    def residual(theta: Floats) -> Floats:
        return _solve(data, float(np.exp(theta[0])), float(np.exp(theta[1])))[1]

    best = least_squares(
        residual, start, bounds=bounds, xtol=1e-10, ftol=1e-12, gtol=1e-14, x_scale=1.0, max_nfev=60
    )
    tau1, tau2 = sorted(float(np.exp(value)) for value in best.x)
    linear, left_over = _solve(data, tau1, tau2)
    ocv, docv = float(linear[0]), float(linear[1])
    r0, r1, r2 = float(linear[2:-2].mean()), float(linear[-2]), float(linear[-1])
    at_bound = bool(np.any(best.x < bounds[0] + 1e-3) or np.any(best.x > bounds[1] - 1e-3))
    if at_bound or tau2 < MIN_RATIO * tau1 or min(r0, r1, r2) <= 0.0:
        return None
    mean = float(record.voltage_V[rows].mean())
    return EcmFit(r0, r1, tau1, r2, tau2, float(np.sqrt(np.mean(left_over**2))), mean + ocv, docv)


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


def _data(record: Record, pulses: list[Pulse], rows: NDArray[np.int64]) -> _Data:
    t, current = record.time_s, record.current_A
    rest = pulses[0].rest_current_A
    amps = current[rows] - rest
    from_A, to_A = amps[:-1].copy(), amps[1:]
    # A step between two samples happened at the earlier one (see pulses.edges): the new level holds on.
    first_of_edge = {pulse.first_row for pulse in pulses} | {pulse.last_row + 1 for pulse in pulses}
    edge = np.isin(rows[1:], list(first_of_edge))
    from_A[edge] = to_A[edge]
    times = t[rows]
    dt = np.diff(times)
    charge = np.concatenate(([0.0], np.cumsum(0.5 * (from_A + to_A) * dt))) / 3600.0
    voltage = record.voltage_V[rows]
    groups = _current_groups(pulses)
    owner = np.searchsorted([pulse.first_row for pulse in pulses], rows, side="right") - 1
    instant = amps[:, None] * (
        np.array([groups[0], *groups])[owner + 1][:, None] == np.arange(max(groups) + 1)
    )
    return _Data(dt, from_A, to_A, charge, voltage - float(voltage.mean()), instant)


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


def _coarse(data: _Data, bounds: tuple[float, float]) -> Floats | None:
    """The best pair of a logarithmic grid of time constants, as logarithms."""
    count = max(4, int(np.ceil((bounds[1] - bounds[0]) / np.log(10.0) * GRID_PER_DECADE)))
    grid = np.linspace(bounds[0], bounds[1], count + 2)[1:-1]
    columns = np.stack([data.basis(float(np.exp(value))) for value in grid], axis=1)
    fixed = _fixed(data)
    everything = np.concatenate((fixed, columns), axis=1)
    scale = np.sqrt(np.sum(everything**2, axis=0))
    if bool(np.any(scale == 0.0)):
        return None
    everything = everything / scale
    gram = everything.T @ everything
    target = everything.T @ data.voltage_V
    always = list(range(fixed.shape[1]))
    best, found = np.inf, None
    for i in range(grid.size):
        for j in range(i + 1, grid.size):
            if grid[j] - grid[i] < np.log(MIN_RATIO):
                continue
            pick = [*always, len(always) + i, len(always) + j]
            linear = np.linalg.lstsq(gram[np.ix_(pick, pick)], target[pick], rcond=1e-12)[0]
            gain = float(-linear @ target[pick])
            if gain < best and min(linear[-2], linear[-1]) > 0.0:
                best, found = gain, np.array([grid[i], grid[j]])
    return found


def _fixed(data: _Data) -> Floats:
    """The columns that do not depend on the time constants: OCV, its slope, and R0 per pulse current."""
    return np.concatenate(
        (np.ones((data.voltage_V.size, 1)), data.charge_Ah[:, None], data.instant_A), axis=1
    )


def _solve(data: _Data, tau1_s: float, tau2_s: float) -> tuple[Floats, Floats]:
    """The linear unknowns (OCV, slope, R0 …, R1, R2) for given time constants, and the residuals in V."""
    basis = np.concatenate((_fixed(data), data.basis(tau1_s)[:, None], data.basis(tau2_s)[:, None]), axis=1)
    scale = np.sqrt(np.sum(basis**2, axis=0))
    scale[scale == 0.0] = 1.0
    linear = np.linalg.lstsq(basis / scale, data.voltage_V, rcond=1e-13)[0] / scale
    return linear, basis @ linear - data.voltage_V
