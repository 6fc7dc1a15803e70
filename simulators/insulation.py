"""Insulation of a high-voltage battery against its chassis, as two voltmeters and one resistor see it.

The chassis hangs on the two poles through the insulation resistances, the voltmeters' own
resistances, a Y-capacitor each, and a test resistor R0 that a coil puts between one pole and
chassis. With G the conductances from chassis to the minus and to the plus pole and Vb between the
poles, the chassis settles at V1 = Vb G_plus / (G_minus + G_plus) above minus, with the time constant
2 C_y / (G_minus + G_plus). With R0 at minus, R0 Vb (1/V1' - 1/V1) is 1/G_plus.
"""

from __future__ import annotations

from math import exp, inf
from typing import Literal

from simulators.faults import INSULATION_FAULTS, FaultSet


class InsulationNetwork:
    """State: how far the chassis stands from the middle between the poles. Times in simulated seconds."""

    def __init__(
        self,
        faults: FaultSet,
        *,
        minus_ohm: float,
        plus_ohm: float,
        y_capacitance_F: float = 0.0,
        voltmeter_ohm: float = inf,
        test_ohm: float = inf,
        test_pole: Literal["minus", "plus"] = "minus",
    ) -> None:
        faults.learn(INSULATION_FAULTS)
        self._faults = faults
        self._minus_ohm = minus_ohm
        self._plus_ohm = plus_ohm
        self._y_F = y_capacitance_F
        self._meter_S = 1.0 / voltmeter_ohm
        self._test_S = 1.0 / test_ohm
        self._test_pole = test_pole
        self._test_closed = False
        self._minus_S, self._plus_S = self._conductances_S()
        self._offset_V: float | None = None
        self._time_s = 0.0

    def change(self, battery_V: float, time_s: float, *, test_closed: bool) -> None:
        """A fault or the test relay may have changed at ``time_s``: until then all was as it was."""
        self._settle(battery_V, time_s)
        self._test_closed = test_closed
        self._minus_S, self._plus_S = self._conductances_S()

    def _settle(self, battery_V: float, time_s: float) -> None:
        total_S = self._minus_S + self._plus_S
        end_V = battery_V * (self._plus_S / total_S - 0.5)
        if self._offset_V is None or self._y_F == 0.0:
            self._offset_V = end_V
        else:
            tau_s = 2.0 * self._y_F / total_S
            left = exp(-max(0.0, time_s - self._time_s) / tau_s)
            self._offset_V = end_V + (self._offset_V - end_V) * left
        self._time_s = time_s

    def voltages_V(self, battery_V: float, time_s: float) -> tuple[float, float]:
        """From the minus pole to chassis and from chassis to the plus pole; both positive when sound."""
        self._settle(battery_V, time_s)
        minus_V = battery_V / 2.0 + (self._offset_V or 0.0)
        return minus_V, battery_V - minus_V

    def resistance_ohm(self) -> float:
        """The worse pole's resistance to chassis with all that hangs on it: what a monitor finds."""
        return 1.0 / max(self._minus_S, self._plus_S)

    def _conductances_S(self) -> tuple[float, float]:
        minus_S = 1.0 / self._faults.number("insulation_low", self._minus_ohm) + self._meter_S
        plus_S = 1.0 / self._faults.number("insulation_low_plus", self._plus_ohm) + self._meter_S
        if self._test_closed:
            if self._test_pole == "minus":
                minus_S += self._test_S
            else:
                plus_S += self._test_S
        return minus_S, plus_S
