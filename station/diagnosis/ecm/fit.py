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

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from station.diagnosis.ecm.problem import (
    MIN_RATIO,
    choose_rows,
    enough,
    lay_out,
    time_constants,
    usable_pulses,
)
from station.diagnosis.ecm.projection import Projection, solve_two
from station.diagnosis.pulses import Block, Record

Floats = NDArray[np.float64]

#: Time constants of the coarse search, per decade.
GRID_PER_DECADE = 3


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
    pulses = usable_pulses(block)
    if pulses is None:
        return None
    rows = choose_rows(record, block, pulses)
    if not enough(pulses, rows):
        return None
    low, high = time_constants(record, pulses, rows)
    if high - low < 2.0 * np.log(MIN_RATIO):
        return None
    mean = float(record.voltage_V[rows].mean())

    def fit(overrun: float) -> EcmFit | None:
        return _search(lay_out(record, pulses, rows, overrun), low, high, mean)

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
    start = coarse(problem, low, high)
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


def coarse(problem: Projection, low: float, high: float) -> Floats | None:
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
