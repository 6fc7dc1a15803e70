"""A cell that answers pulses as a recorded one did. Plain floats: a step costs a few microseconds."""

from __future__ import annotations

from math import exp

from simulators.battery.base import Truth
from simulators.battery.chemistry import THERMAL_TIME_CONSTANT_s, heat_capacity_J_K
from simulators.battery.measured_source import MeasuredSource
from simulators.battery.pulse_kernel import cell_kernel
from simulators.battery.pulse_phase import PulseClock
from simulators.battery.pulse_response import PulseResponse, change_phase
from simulators.battery.pulse_solve import current_for_instant_V

#: The response is recomputed when SOC has moved this far from where it was computed.
REFRESH_SOC = 0.01


class MeasuredCell:
    """See ``Battery``. Positive current charges."""

    series_cells = 1

    def __init__(self, source: MeasuredSource) -> None:
        self._source = source
        self._soc = source.soc
        self._clock = PulseClock(source.shape)
        circuit = source.circuit(self._soc)
        kernel = cell_kernel(source.shape, circuit)
        self._response = PulseResponse[float](kernel, circuit.ohmic_ohm, circuit.rc_ohm.tolist(), 0.0)
        self._response_soc = self._soc
        self._per_As = 1 / (3600.0 * source.capacity_Ah)
        heat = heat_capacity_J_K(source.chemistry, source.nominal_capacity_Ah)
        self._thermal_K_W = THERMAL_TIME_CONSTANT_s / heat
        self._temperature_degC = source.ambient_degC

    def advance(self, current_A: float, dt_s: float) -> None:
        """Let ``current_A`` flow for ``dt_s`` >= 0 s."""
        if dt_s <= 0:
            if dt_s < 0:
                raise ValueError(f"dt_s must not be negative, got {dt_s}")
            return
        clock, response = self._clock, self._response
        phase = clock.phase_for(current_A)
        if phase is not clock.phase:
            change_phase(clock, phase, response, None)
        if abs(self._soc - self._response_soc) > REFRESH_SOC:
            self._refresh()
        before_V = response.circuit_V(clock)
        clock.run(current_A, dt_s)
        self._soc += current_A * dt_s * self._per_As
        target = self._source.ambient_degC
        if current_A != 0.0:
            over_V = response.ohmic_ohm * current_A + (before_V + response.circuit_V(clock)) / 2
            target += over_V * current_A * self._thermal_K_W
        self._temperature_degC = target + (self._temperature_degC - target) * exp(
            -dt_s / THERMAL_TIME_CONSTANT_s
        )

    def leak(self, index: int, charge_As: float, heat_J: float) -> None:
        """See ``Innards``."""
        if index != 0:
            raise IndexError(index)
        self._soc -= charge_As * self._per_As
        self.warm(heat_J * self._thermal_K_W / THERMAL_TIME_CONSTANT_s)

    def warm(self, by_K: float) -> None:
        """See ``Innards``; the recorded response stays that of the recorded temperature."""
        self._temperature_degC += by_K

    def _refresh(self) -> None:
        circuit = self._source.circuit(self._soc)
        response = self._response
        response.kernel = cell_kernel(self._source.shape, circuit)
        response.ohmic_ohm, response.rc_ohm = circuit.ohmic_ohm, circuit.rc_ohm.tolist()
        self._response_soc = self._soc

    def _standing_V(self) -> float:
        return self._source.ocv.voltage_V(self._soc) + self._response.standing_V(self._clock)

    def voltage_V(self, current_A: float) -> float:
        """Terminal voltage in V at this instant if ``current_A`` flowed."""
        return self._standing_V() + self._response.instant_V(self._clock, current_A)

    def current_for_voltage_A(self, voltage_V: float) -> float:
        """Current in A that makes the terminal voltage ``voltage_V`` at this instant."""
        return current_for_instant_V(voltage_V - self._standing_V(), self._clock, self._response)

    def cell_voltages_V(self, current_A: float) -> tuple[float, ...]:
        """The terminal voltage, as a tuple of one."""
        return (self.voltage_V(current_A),)

    def temperatures_degC(self) -> tuple[float, ...]:
        """The cell's temperature, as a tuple of one."""
        return (self._temperature_degC,)

    def truth(self) -> Truth:
        """What is really inside: the capacity that was measured on the recorded cell."""
        s = self._source
        return Truth(
            chemistry=s.chemistry,
            nominal_capacity_Ah=s.nominal_capacity_Ah,
            capacity_Ah=s.capacity_Ah,
            soh=s.capacity_Ah / s.nominal_capacity_Ah,
            soc=self._soc,
            cell_ids=s.cell_ids,
        )
