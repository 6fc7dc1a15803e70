"""One modelled cell: OCV, a resistance that bends with amplitude, two RC elements, self-heating.

The RC states are kept as filtered currents, so the elements' resistances may follow SOC and
temperature without breaking the exact exponential step: the result does not depend on step size.
Plain floats, no numpy: a step costs a few microseconds.
"""

from __future__ import annotations

from math import asinh, exp, sqrt

from simulators.battery.base import Truth
from simulators.battery.chemistry import (
    EMPTY_RISE,
    EMPTY_WIDTH,
    FULL_RISE,
    FULL_WIDTH,
    OHMIC_ACTIVATION_K,
    POLARISATION_ACTIVATION_K,
    REFERENCE_K,
    ZERO_DEGC_K,
)
from simulators.battery.model_parameters import ModelParameters


class ModelCell:
    """See ``Battery``. Positive current charges."""

    series_cells = 1

    def __init__(self, parameters: ModelParameters) -> None:
        p = self._p = parameters
        self._soc = p.soc
        self._temperature_degC = p.ambient_degC
        self._fast_A = 0.0
        self._slow_A = 0.0
        self._drift_V = p.drift_V
        self._dt_s = -1.0
        self._set_step(1.0)
        self._update_factors()

    def _set_step(self, dt_s: float) -> None:
        p = self._p
        self._dt_s = dt_s
        self._keep_fast = exp(-dt_s / p.fast_s)
        self._keep_slow = exp(-dt_s / p.slow_s)
        self._keep_drift = exp(-dt_s / p.drift_time_s)
        self._keep_heat = exp(-dt_s / (p.heat_capacity_J_K * p.thermal_resistance_K_W))
        self._charge_to_soc = dt_s / (3600.0 * p.capacity_Ah)

    def _update_factors(self) -> None:
        """Resistance factors of the present SOC and temperature."""
        kelvin = 1 / (self._temperature_degC + ZERO_DEGC_K) - 1 / REFERENCE_K
        soc = min(1.2, max(-0.2, self._soc))
        shape = 1 + EMPTY_RISE * exp(-soc / EMPTY_WIDTH) + FULL_RISE * exp((soc - 1) / FULL_WIDTH)
        ohmic = shape * exp(OHMIC_ACTIVATION_K * kelvin)
        polarisation = shape * exp(POLARISATION_ACTIVATION_K * kelvin)
        p = self._p
        self._ohmic_ohm = p.ohmic_ohm * ohmic
        self._transfer_V = p.transfer_ohm * ohmic * p.bend_A
        self._fast_ohm = p.fast_ohm * polarisation
        self._slow_ohm = p.slow_ohm * polarisation

    def _instant_V(self, current_A: float) -> float:
        return current_A * self._ohmic_ohm + self._transfer_V * asinh(current_A / self._p.bend_A)

    def _standing_V(self) -> float:
        """Everything that does not depend on the current of this instant."""
        return (
            self._p.ocv.voltage_V(self._soc)
            + self._fast_ohm * self._fast_A
            + self._slow_ohm * self._slow_A
            + self._drift_V
        )

    def advance(self, current_A: float, dt_s: float) -> None:
        """Let ``current_A`` flow for ``dt_s`` >= 0 s."""
        if dt_s <= 0:
            if dt_s < 0:
                raise ValueError(f"dt_s must not be negative, got {dt_s}")
            return
        if dt_s != self._dt_s:
            self._set_step(dt_s)
        p = self._p
        fast, slow = self._fast_A, self._slow_A
        self._fast_A = current_A + (fast - current_A) * self._keep_fast
        self._slow_A = current_A + (slow - current_A) * self._keep_slow
        if current_A != 0.0:
            # Mean overpotential over the step, exact for constant current, so heat does not
            # depend on the step size either.
            mean_fast = current_A + (fast - self._fast_A) * p.fast_s / dt_s
            mean_slow = current_A + (slow - self._slow_A) * p.slow_s / dt_s
            over_V = self._instant_V(current_A) + self._fast_ohm * mean_fast + self._slow_ohm * mean_slow
            target = p.ambient_degC + current_A * over_V * p.thermal_resistance_K_W
            self._soc += current_A * self._charge_to_soc
        else:
            target = p.ambient_degC
        self._temperature_degC = target + (self._temperature_degC - target) * self._keep_heat
        self._drift_V *= self._keep_drift
        self._update_factors()

    def leak(self, index: int, charge_As: float, heat_J: float) -> None:
        """See ``Innards``."""
        if index != 0:
            raise IndexError(index)
        self._soc -= charge_As / (3600.0 * self._p.capacity_Ah)
        self.warm(heat_J / self._p.heat_capacity_J_K)

    def warm(self, by_K: float) -> None:
        """See ``Innards``."""
        self._temperature_degC += by_K
        self._update_factors()

    def voltage_V(self, current_A: float) -> float:
        """Terminal voltage in V at this instant if ``current_A`` flowed."""
        return self._standing_V() + self._instant_V(current_A)

    def current_for_voltage_A(self, voltage_V: float) -> float:
        """Current in A that makes the terminal voltage ``voltage_V`` at this instant."""
        return solve_bent(voltage_V - self._standing_V(), self._ohmic_ohm, self._transfer_V, self._p.bend_A)

    def cell_voltages_V(self, current_A: float) -> tuple[float, ...]:
        """The terminal voltage, as a tuple of one."""
        return (self.voltage_V(current_A),)

    def temperatures_degC(self) -> tuple[float, ...]:
        """The cell's temperature, as a tuple of one."""
        return (self._temperature_degC,)

    def truth(self) -> Truth:
        """What is really inside."""
        p = self._p
        return Truth(
            chemistry=p.chemistry,
            nominal_capacity_Ah=p.nominal_capacity_Ah,
            capacity_Ah=p.capacity_Ah,
            soh=p.capacity_Ah / p.nominal_capacity_Ah,
            soc=self._soc,
            cell_ids=p.cell_ids,
        )


def solve_bent(over_V: float, ohmic_ohm: float, transfer_V: float, bend_A: float) -> float:
    """Solve ``over_V = I * ohmic_ohm + transfer_V * asinh(I / bend_A)`` for I by Newton's method.

    The right side is odd, increasing and concave for I > 0; starting at its tangent through the
    origin, which lies above it, every Newton step stays on one side of the root.
    """
    current = over_V / (ohmic_ohm + transfer_V / bend_A)
    for _ in range(50):
        x = current / bend_A
        error = current * ohmic_ohm + transfer_V * asinh(x) - over_V
        step = error / (ohmic_ohm + transfer_V / (bend_A * sqrt(1 + x * x)))
        current -= step
        if abs(step) <= 1e-12 * (1.0 + abs(current)):
            break
    return current
