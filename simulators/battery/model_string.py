"""A series string of modelled cells, all cells in one numpy step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

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
from simulators.battery.ocv import OcvBank
from simulators.battery.truth import string_truth

Floats = NDArray[np.float64]


class ModelString:
    """See ``Battery``; the same equations as ``ModelCell``, one entry per series group."""

    def __init__(self, groups: Sequence[ModelParameters], busbar_resistance_ohm: float = 0.0) -> None:
        self._groups = tuple(groups)
        self._busbar_ohm = busbar_resistance_ohm

        def column(name: str) -> Floats:
            return np.array([getattr(g, name) for g in groups], dtype=np.float64)

        self._capacity_Ah = column("capacity_Ah")
        self._soc = column("soc")
        self._ohmic0, self._transfer0 = column("ohmic_ohm"), column("transfer_ohm")
        self._bend_A = column("bend_A")
        self._rc0 = np.stack([column("fast_ohm"), column("slow_ohm")])
        self._tau_s = np.stack([column("fast_s"), column("slow_s")])
        self._ambient = column("ambient_degC")
        self._temperature = self._ambient.copy()
        self._heat_s = column("heat_capacity_J_K") * column("thermal_resistance_K_W")
        self._thermal_K_W = column("thermal_resistance_K_W")
        self._drift_V = column("drift_V")
        self._drift_s = column("drift_time_s")
        self._rc_A: Floats = np.zeros_like(self._rc0)
        self._ocv = OcvBank([g.ocv for g in groups])
        self._dt_s = -1.0
        self._update_factors()

    @property
    def series_cells(self) -> int:
        """Number of series groups."""
        return len(self._groups)

    def _set_step(self, dt_s: float) -> None:
        self._dt_s = dt_s
        self._keep_rc = np.exp(-dt_s / self._tau_s)
        self._mean_weight = self._tau_s / dt_s
        self._keep_drift = np.exp(-dt_s / self._drift_s)
        self._keep_heat = np.exp(-dt_s / self._heat_s)
        self._charge_to_soc = dt_s / (3600.0 * self._capacity_Ah)

    def _update_factors(self) -> None:
        kelvin = 1 / (self._temperature + ZERO_DEGC_K) - 1 / REFERENCE_K
        soc = np.minimum(np.maximum(self._soc, -0.2), 1.2)
        shape = 1 + EMPTY_RISE * np.exp(soc * (-1 / EMPTY_WIDTH))
        shape += FULL_RISE * np.exp((soc - 1) * (1 / FULL_WIDTH))
        ohmic = shape * np.exp(OHMIC_ACTIVATION_K * kelvin)
        self._ohmic = self._ohmic0 * ohmic
        self._transfer_V = self._transfer0 * self._bend_A * ohmic
        self._rc_ohm = self._rc0 * (shape * np.exp(POLARISATION_ACTIVATION_K * kelvin))
        self._standing: Floats | None = None

    def _instant(self, current_A: float) -> Floats:
        return np.asarray(current_A * self._ohmic + self._transfer_V * np.arcsinh(current_A / self._bend_A))

    def _standing_V(self) -> Floats:
        """Voltage of each group without the part of this instant's current; kept until the next step."""
        if self._standing is None:
            rc = self._rc_ohm * self._rc_A
            self._standing = self._ocv.voltages_V(self._soc) + rc[0] + rc[1] + self._drift_V
        return self._standing

    def advance(self, current_A: float, dt_s: float) -> None:
        """Let ``current_A`` flow for ``dt_s`` >= 0 s."""
        if dt_s <= 0:
            if dt_s < 0:
                raise ValueError(f"dt_s must not be negative, got {dt_s}")
            return
        if dt_s != self._dt_s:
            self._set_step(dt_s)
        before = self._rc_A
        self._rc_A = current_A + (before - current_A) * self._keep_rc
        if current_A != 0.0:
            mean = self._rc_ohm * (current_A + (before - self._rc_A) * self._mean_weight)
            over_V = self._instant(current_A) + mean[0] + mean[1]
            target = self._ambient + current_A * over_V * self._thermal_K_W
            self._soc = self._soc + current_A * self._charge_to_soc
        else:
            target = self._ambient
        self._temperature = target + (self._temperature - target) * self._keep_heat
        self._drift_V = self._drift_V * self._keep_drift
        self._update_factors()

    def leak(self, index: int, charge_As: float, heat_J: float) -> None:
        """See ``Innards``."""
        self._soc = self._soc.copy()
        self._temperature = self._temperature.copy()
        self._soc[index] -= charge_As / (3600.0 * self._capacity_Ah[index])
        self._temperature[index] += heat_J * self._thermal_K_W[index] / self._heat_s[index]
        self._update_factors()

    def warm(self, by_K: float) -> None:
        """See ``Innards``."""
        self._temperature = self._temperature + by_K
        self._update_factors()

    def voltage_V(self, current_A: float) -> float:
        """Terminal voltage in V, busbars included."""
        return float((self._standing_V() + self._instant(current_A)).sum()) + current_A * self._busbar_ohm

    def current_for_voltage_A(self, voltage_V: float) -> float:
        """Current in A that makes the terminal voltage ``voltage_V`` at this instant (Newton)."""
        over_V = voltage_V - float(self._standing_V().sum())
        linear = float(self._ohmic.sum()) + self._busbar_ohm
        slope_V_A = self._transfer_V / self._bend_A
        current = over_V / (linear + float(slope_V_A.sum()))
        for _ in range(50):
            x = current / self._bend_A
            error = current * linear + float((self._transfer_V * np.arcsinh(x)).sum()) - over_V
            step = error / (linear + float((slope_V_A / np.sqrt(1 + x * x)).sum()))
            current -= step
            if abs(step) <= 1e-12 * (1.0 + abs(current)):
                break
        return current

    def cell_voltages_V(self, current_A: float) -> tuple[float, ...]:
        """Voltage in V of each series group."""
        return tuple((self._standing_V() + self._instant(current_A)).tolist())

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
