"""Circuits of one to three RC elements with intervals, and which of them the data can carry.

The linear half (OCV, its slope, R0 of each current, the resistances) is solved exactly for given time
constants, as in ``station.diagnosis.ecm.fit``; intervals come from the linearised problem at the optimum,
with the residuals' own autocorrelation taken into account: neighbouring residuals that agree are fewer facts
than they are rows.
"""

from __future__ import annotations

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
from station.diagnosis.ecm.projection import Projection
from station.diagnosis.pulses import Block, Record

Floats = NDArray[np.float64]

MAX_ORDER = 3
GRID_PER_DECADE = 3
NORMAL_90 = 1.645
"""Half-width of a two-sided 90 % interval in standard deviations."""
IDENTIFIABLE = 0.5
"""A parameter whose 90 % half-width is beyond this share of its value is not known."""
BETTER_BIC = 6.0
"""A further element must lower the information criterion by this much ("strong evidence")."""
STEP_LOG = 1e-4


@dataclass(frozen=True)
class Value:
    """An estimate with its 90 % interval; ``identified`` False when the interval says nothing."""

    estimate: float
    low90: float
    high90: float
    identified: bool


@dataclass(frozen=True)
class Element:
    """One RC element."""

    resistance_ohm: Value
    tau_s: Value

    @property
    def capacitance_F(self) -> float:
        """τ / R."""
        return self.tau_s.estimate / self.resistance_ohm.estimate


@dataclass(frozen=True)
class CircuitFit:
    """A circuit of ``len(elements)`` RC elements, fastest first. ``r0_ohm`` is the mean over the currents.

    ``r0_by_current_ohm`` maps each distinct pulse current in A to its own R0: the amplitude element.
    ``bic`` compares orders on the same rows (lower is better).
    """

    r0_ohm: Value
    r0_by_current_ohm: dict[float, float]
    elements: tuple[Element, ...]
    ocv_V: float
    docv_V_per_Ah: float
    rmse_V: float
    bic: float
    rows: int

    @property
    def identified(self) -> bool:
        """True when every parameter is known within its interval."""
        return self.r0_ohm.identified and all(
            element.resistance_ohm.identified and element.tau_s.identified for element in self.elements
        )

    def impedance_ohm(self, frequency_Hz: Floats) -> NDArray[np.complex128]:
        """Impedance of the circuit (without the OCV slope) at each frequency.

        It means something between 1 / (2π · longest rest) and 1 / (2π · shortest sampling interval).
        """
        omega = 2j * np.pi * np.asarray(frequency_Hz, dtype=np.float64)
        total = np.full(omega.shape, self.r0_ohm.estimate, dtype=np.complex128)
        for element in self.elements:
            total += element.resistance_ohm.estimate / (1.0 + omega * element.tau_s.estimate)
        return total


def fit_circuits(record: Record, block: Block, *, max_order: int = MAX_ORDER) -> list[CircuitFit]:
    """Circuits of 1, 2, … ``max_order`` elements; shorter or empty where the record cannot carry them."""
    pulses = usable_pulses(block)
    if pulses is None:
        return []
    rows = choose_rows(record, block, pulses)
    if not enough(pulses, rows):
        return []
    low, high = time_constants(record, pulses, rows)
    if high - low < 2.0 * np.log(MIN_RATIO):
        return []
    problem = lay_out(record, pulses, rows, 0.0)
    mean_V = float(record.voltage_V[rows].mean())
    currents = _currents(problem, record, rows, pulses[0].rest_current_A)
    fits: list[CircuitFit] = []
    taus = np.empty(0)
    for _ in range(max_order):
        found = _grow(problem, taus, low, high)
        if found is None:
            break
        taus = found
        fits.append(_describe(problem, taus, mean_V, currents))
    return fits


def best_circuit(fits: list[CircuitFit]) -> CircuitFit | None:
    """The smallest circuit that no larger one clearly beats, among those that are identified."""
    chosen: CircuitFit | None = None
    for fit in fits:
        if fit.identified and (chosen is None or fit.bic < chosen.bic - BETTER_BIC):
            chosen = fit
    return chosen


def _currents(problem: Projection, record: Record, rows: NDArray[np.int64], rest_A: float) -> list[float]:
    """The pulse current in A behind each R0 column."""
    amps = record.current_A[rows] - rest_A
    instant = problem.fixed[:, 2:]
    return [
        float(np.median(amps[np.abs(column) > 0.5 * np.abs(column).max()]))
        if np.abs(column).max() > 0
        else 0.0
        for column in instant.T
    ]


def _grow(problem: Projection, taus: Floats, low: float, high: float) -> Floats | None:
    """One more time constant, all of them fitted together; None when it finds no element of its own."""
    count = max(4, int(np.ceil((high - low) / np.log(10.0) * GRID_PER_DECADE)))
    grid = np.linspace(low, high, count + 2)[1:-1]
    best, start = float("inf"), None
    for value in grid:
        trial = np.sort(np.append(np.log(taus), value)) if taus.size else np.array([value])
        if np.any(np.diff(trial) < 0.5 * np.log(MIN_RATIO)):
            continue
        ohms, residual = problem.solve_all(np.exp(trial))
        cost = float(residual @ residual)
        if cost < best and np.all(ohms > 0.0):
            best, start = cost, trial
    if start is None:
        return None

    def residual_of(theta: Floats) -> Floats:
        return problem.solve_all(np.exp(np.clip(theta, low, high)))[1]

    solution = least_squares(
        residual_of, start, method="lm", xtol=1e-10, ftol=1e-13, gtol=1e-14, max_nfev=120 * start.size
    )
    theta = np.sort(np.clip(solution.x, low, high))
    ohms, _ = problem.solve_all(np.exp(theta))
    at_bound = np.any(solution.x < low + 1e-3) or np.any(solution.x > high - 1e-3)
    if at_bound or np.any(ohms <= 0.0) or np.any(np.diff(theta) < np.log(MIN_RATIO)):
        return None
    found: Floats = np.exp(theta)
    return found


def _describe(problem: Projection, taus: Floats, mean_V: float, currents: list[float]) -> CircuitFit:
    ohms, residual = problem.solve_all(taus)
    rest = problem.voltage_V - sum(
        ohm * problem.raw_column(float(tau)) for ohm, tau in zip(ohms, taus, strict=True)
    )
    ocv, docv, *r0s = problem.fixed_values(rest).tolist()
    spread = _covariance(problem, taus, ohms, residual)
    fixed = problem.fixed.shape[1]
    seen = [number for number, amps in enumerate(currents) if amps != 0.0]
    contrast = np.zeros(spread.shape[0])
    contrast[[2 + number for number in seen]] = 1.0 / len(seen)
    r0 = float(np.mean([r0s[number] for number in seen]))
    elements = tuple(
        Element(
            _value(float(ohm), float(np.sqrt(spread[fixed + n, fixed + n]))),
            _log_value(float(tau), float(np.sqrt(spread[fixed + taus.size + n, fixed + taus.size + n]))),
        )
        for n, (ohm, tau) in enumerate(zip(ohms, taus, strict=True))
    )
    count = residual.size
    free = fixed + 2 * taus.size
    mean_square = max(float(residual @ residual) / count, 1e-18)
    return CircuitFit(
        _value(r0, float(np.sqrt(contrast @ spread @ contrast))),
        {round(currents[number], 4): r0s[number] for number in seen},
        elements,
        mean_V + ocv,
        docv,
        float(np.sqrt(mean_square)),
        _facts(residual) * float(np.log(mean_square)) + free * float(np.log(count)),
        count,
    )


def _covariance(problem: Projection, taus: Floats, ohms: Floats, residual: Floats) -> Floats:
    """Covariance of [fixed columns, resistances, ln τ], linearised at the optimum."""
    responses = [problem.raw_column(float(tau)) for tau in taus]
    slopes = [
        ohm * (problem.raw_column(float(tau) * (1 + STEP_LOG)) - response) / STEP_LOG
        for ohm, tau, response in zip(ohms, taus, responses, strict=True)
    ]
    design = np.column_stack([problem.fixed, *responses, *slopes])
    scale = np.sqrt(np.einsum("ij,ij->j", design, design))
    scale[scale == 0.0] = 1.0
    normed = design / scale
    inverse = np.linalg.pinv(normed.T @ normed, rcond=1e-14)
    free = design.shape[1]
    variance = float(residual @ residual) / max(_facts(residual) - free, 1.0)
    spread: Floats = variance * inverse / np.outer(scale, scale)
    return spread


def _facts(residual: Floats) -> float:
    """How many independent rows the residuals are worth (first-order autocorrelation)."""
    power = float(residual @ residual)
    if power <= 0.0:
        return float(residual.size)
    along = float(residual[1:] @ residual[:-1]) / power
    along = min(max(along, 0.0), 0.999)
    return residual.size * (1.0 - along) / (1.0 + along)


def _value(estimate: float, deviation: float) -> Value:
    half = NORMAL_90 * deviation
    return Value(estimate, estimate - half, estimate + half, half <= IDENTIFIABLE * abs(estimate))


def _log_value(estimate: float, deviation_log: float) -> Value:
    half = NORMAL_90 * deviation_log
    factor = float(np.exp(min(half, 50.0)))
    return Value(estimate, estimate / factor, estimate * factor, half <= IDENTIFIABLE)
