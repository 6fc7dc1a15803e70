"""The linear half of the fit: everything that does not depend on the time constants is projected out once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from station.diagnosis.ecm.response import rc_response

Floats = NDArray[np.float64]


class Projection:
    """Voltage and RC responses with the fixed columns (OCV, slope, R0 per current) projected out.

    The few columns are orthogonalised and projected one by one (Gram-Schmidt, each twice): vectors of this
    length are summed in one thread, while a QR or a matrix product would start the threads of the BLAS, which
    costs more than the work itself on a busy machine.
    """

    def __init__(self, dt_s: Floats, from_A: Floats, to_A: Floats, fixed: Floats, voltage_V: Floats) -> None:
        self._drive = (dt_s, from_A, to_A)
        self._basis: list[Floats] = []
        self._triangle = np.eye(fixed.shape[1])
        for number, column in enumerate(fixed.T):
            self._orthogonalise(number, np.ascontiguousarray(column))
        self.fixed = fixed
        self.voltage_V = voltage_V
        self.target = self._project(voltage_V)

    def _orthogonalise(self, number: int, column: Floats) -> None:
        """Add one fixed column to the basis; a dependent one adds nothing and gets the coefficient 0."""
        length = float(np.sqrt(column @ column))
        rest = column.copy()
        for _ in range(2):
            for index, direction in enumerate(self._basis):
                along = float(direction @ rest)
                self._triangle[index, number] += along
                rest -= along * direction
        left = float(np.sqrt(rest @ rest))
        if left <= 1e-12 * length:
            self._basis.append(np.zeros_like(rest))
            return
        self._triangle[number, number] = left
        self._basis.append(rest / left)

    def _project(self, column: Floats) -> Floats:
        rest: Floats = column.copy()
        for direction in self._basis:
            rest -= float(direction @ column) * direction
        return rest

    def column(self, tau_s: float) -> Floats:
        """The projected response of a 1 ohm RC element."""
        return self._project(rc_response(*self._drive, tau_s))

    def solve(self, tau1_s: float, tau2_s: float) -> tuple[tuple[float, float], Floats]:
        """R1 and R2 in ohm for given time constants, and the residuals in V."""
        one, two = self.column(tau1_s), self.column(tau2_s)
        r1, r2 = solve_two(
            float(one @ one),
            float(one @ two),
            float(two @ two),
            float(one @ self.target),
            float(two @ self.target),
        )
        return (r1, r2), r1 * one + r2 * two - self.target

    def solve_all(self, taus_s: Floats) -> tuple[Floats, Floats]:
        """Resistances in ohm for any number of time constants, and the residuals in V."""
        columns = [self.column(float(tau)) for tau in taus_s]
        gram = np.array([[float(a @ b) for b in columns] for a in columns])
        target = np.array([float(a @ self.target) for a in columns])
        ohms: Floats = np.linalg.lstsq(gram, target, rcond=1e-12)[0]
        residual = -self.target
        for ohm, column in zip(ohms, columns, strict=True):
            residual = residual + ohm * column
        return ohms, residual

    def raw_column(self, tau_s: float) -> Floats:
        """The response of a 1 ohm RC element, not projected."""
        return rc_response(*self._drive, tau_s)

    def fixed_values(self, rest_V: Floats) -> Floats:
        """Coefficients of the fixed columns for what the RC elements leave of the voltage."""
        along = np.array([float(direction @ rest_V) for direction in self._basis])
        values: Floats = solve_triangular(self._triangle, along)
        return values

    def constants(self, tau1_s: float, tau2_s: float, r1_ohm: float, r2_ohm: float) -> Floats:
        """The coefficients of the fixed columns that go with a solution."""
        rest = (
            self.voltage_V
            - r1_ohm * rc_response(*self._drive, tau1_s)
            - r2_ohm * rc_response(*self._drive, tau2_s)
        )
        return self.fixed_values(rest)


def solve_two(a11: float, a12: float, a22: float, b1: float, b2: float) -> tuple[float, float]:
    """Solution of two normal equations; both 0 when they are not independent."""
    determinant = a11 * a22 - a12 * a12
    if determinant <= 1e-14 * a11 * a22:
        return 0.0, 0.0
    return (b1 * a22 - b2 * a12) / determinant, (b2 * a11 - b1 * a12) / determinant
