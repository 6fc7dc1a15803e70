"""A series string of measured cells of one type: the pulse state is common, the tables are summed."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp

import numpy as np
from numpy.typing import NDArray

from simulators.battery.base import Truth
from simulators.battery.chemistry import THERMAL_TIME_CONSTANT_s, heat_capacity_J_K
from simulators.battery.errors import BatteryError
from simulators.battery.measured_cell import REFRESH_SOC
from simulators.battery.measured_source import MeasuredSource
from simulators.battery.ocv import OcvBank
from simulators.battery.pulse_kernel import string_kernels
from simulators.battery.pulse_phase import PulseClock
from simulators.battery.pulse_response import PulseResponse, change_phase
from simulators.battery.pulse_solve import current_for_instant_V
from simulators.battery.truth import string_truth

Floats = NDArray[np.float64]


class MeasuredString:
    """See ``Battery``; the same equations as ``MeasuredCell``, one entry per series group."""

    def __init__(self, groups: Sequence[MeasuredSource], busbar_resistance_ohm: float = 0.0) -> None:
        first = groups[0]
        if any(g.shape != first.shape for g in groups):
            raise BatteryError("cells: measured cells of one string must be recorded with the same protocol")
        self._groups = tuple(groups)
        self._busbar_ohm = busbar_resistance_ohm
        self._soc: Floats = np.array([g.soc for g in groups])
        self._capacity_Ah: Floats = np.array([g.capacity_Ah for g in groups])
        self._per_As = 1 / (3600.0 * self._capacity_Ah)
        self._ocv = OcvBank([g.ocv for g in groups])
        self._ambient: Floats = np.array([g.ambient_degC for g in groups])
        self._temperature = self._ambient.copy()
        heat = [heat_capacity_J_K(g.chemistry, g.nominal_capacity_Ah) for g in groups]
        self._thermal_K_W: Floats = THERMAL_TIME_CONSTANT_s / np.array(heat)
        self._clock = PulseClock(first.shape)
        self._ocv_V: Floats | None = None
        self._build_responses()

    def _build_responses(self) -> None:
        shape = self._groups[0].shape
        circuits = [g.circuit(float(s)) for g, s in zip(self._groups, self._soc, strict=True)]
        total, cells = string_kernels(shape, circuits)
        ohmic: Floats = np.array([c.ohmic_ohm for c in circuits])
        rc: Floats = np.stack([c.rc_ohm for c in circuits], axis=1)
        self._total = PulseResponse[float](total, float(ohmic.sum()), rc.sum(axis=1).tolist(), 0.0)
        self._cells = PulseResponse[Floats](cells, ohmic, list(rc), np.zeros(len(circuits)))
        self._response_soc = self._soc

    @property
    def series_cells(self) -> int:
        """Number of series groups."""
        return len(self._groups)

    def advance(self, current_A: float, dt_s: float) -> None:
        """Let ``current_A`` flow for ``dt_s`` >= 0 s."""
        if dt_s <= 0:
            if dt_s < 0:
                raise ValueError(f"dt_s must not be negative, got {dt_s}")
            return
        clock = self._clock
        phase = clock.phase_for(current_A)
        if phase is not clock.phase:
            change_phase(clock, phase, self._cells, self._total)
        if abs(float(self._soc[0] - self._response_soc[0])) > REFRESH_SOC:
            self._refresh()
        before_V = self._cells.circuit_V(clock)
        clock.run(current_A, dt_s)
        target: Floats = self._ambient
        if current_A != 0.0:
            self._soc = self._soc + (current_A * dt_s) * self._per_As
            self._ocv_V = None
            over_V = self._cells.ohmic_ohm * current_A + (before_V + self._cells.circuit_V(clock)) / 2
            target = target + over_V * (current_A * self._thermal_K_W)
        keep = exp(-dt_s / THERMAL_TIME_CONSTANT_s)
        self._temperature = target + (self._temperature - target) * keep

    def leak(self, index: int, charge_As: float, heat_J: float) -> None:
        """See ``Innards``; the recorded response is renewed for all groups by the first one's SOC."""
        self._soc = self._soc.copy()
        self._temperature = self._temperature.copy()
        self._soc[index] -= charge_As * self._per_As[index]
        self._temperature[index] += heat_J * self._thermal_K_W[index] / THERMAL_TIME_CONSTANT_s
        self._ocv_V = None

    def warm(self, by_K: float) -> None:
        """See ``Innards``; the recorded response stays that of the recorded temperature."""
        self._temperature = self._temperature + by_K

    def _refresh(self) -> None:
        old_total, old_cells = self._total, self._cells
        self._build_responses()
        self._total.inherit(old_total)
        self._cells.inherit(old_cells)

    def _ocvs_V(self) -> Floats:
        if self._ocv_V is None:
            self._ocv_V = self._ocv.voltages_V(self._soc)
            self._ocv_sum_V = float(self._ocv_V.sum())
        return self._ocv_V

    def _standing_V(self) -> float:
        self._ocvs_V()
        return self._ocv_sum_V + self._total.standing_V(self._clock)

    def voltage_V(self, current_A: float) -> float:
        """Terminal voltage in V, busbars included."""
        return (
            self._standing_V() + self._total.instant_V(self._clock, current_A) + current_A * self._busbar_ohm
        )

    def current_for_voltage_A(self, voltage_V: float) -> float:
        """Current in A that makes the terminal voltage ``voltage_V`` at this instant."""
        over_V = voltage_V - self._standing_V()
        return current_for_instant_V(over_V, self._clock, self._total, self._busbar_ohm)

    def cell_voltages_V(self, current_A: float) -> tuple[float, ...]:
        """Voltage in V of each series group."""
        cells = self._cells
        volts = self._ocvs_V() + cells.standing_V(self._clock) + cells.instant_V(self._clock, current_A)
        return tuple(volts.tolist())

    def temperatures_degC(self) -> tuple[float, ...]:
        """Temperature of each series group."""
        return tuple(self._temperature.tolist())

    def truth(self) -> Truth:
        """Of the weakest series group (see ``string_truth``)."""
        return string_truth(
            self._groups[0].chemistry,
            [g.nominal_capacity_Ah for g in self._groups],
            self._capacity_Ah.tolist(),
            self._soc.tolist(),
            [i for g in self._groups for i in g.cell_ids],
        )
