"""Typical cell parameters by chemistry, for cells that are modelled and not measured."""

from __future__ import annotations

import math
from dataclasses import dataclass

from simulators.battery.errors import BatteryError

GAS_CONSTANT = 8.314462618
REFERENCE_K = 298.15
ZERO_DEGC_K = 273.15

ACTIVATION_OHMIC_J_mol = 20_000.0
ACTIVATION_POLARISATION_J_mol = 30_000.0
OHMIC_ACTIVATION_K = ACTIVATION_OHMIC_J_mol / GAS_CONSTANT
POLARISATION_ACTIVATION_K = ACTIVATION_POLARISATION_J_mol / GAS_CONSTANT

#: Rise of every resistance towards empty and full: share, and SOC over which it fades.
EMPTY_RISE, EMPTY_WIDTH = 0.6, 0.08
FULL_RISE, FULL_WIDTH = 0.1, 0.05


@dataclass(frozen=True)
class Chemistry:
    """A new cell at 25 degC and mid SOC.

    Resistances are given as R x nominal capacity (ohm Ah), because they scale with the electrode
    area. They were chosen so that an aged cell (SOH 0.8) gives about the median 10 ms and 5 s
    resistance of the retired cells in the pulse table: LFP 50-80 and 90-140 mohm Ah, NMC 35-40 and
    58-61, LMO 71 and 130. The share of ``ohmic_ohm_Ah`` that follows asinh(I) is a choice.
    """

    name: str
    ocv_curve: str
    nominal_voltage_V: float
    ohmic_ohm_Ah: float
    fast_ohm_Ah: float
    slow_ohm_Ah: float
    fast_s: float
    slow_s: float
    specific_energy_Wh_kg: float


CHEMISTRIES: dict[str, Chemistry] = {
    "LFP": Chemistry("LFP", "lfp", 3.2, 0.050, 0.020, 0.060, 0.5, 20.0, 110.0),
    "NMC": Chemistry("NMC", "nmc_pouch", 3.65, 0.030, 0.010, 0.035, 0.5, 20.0, 180.0),
    "LMO": Chemistry("LMO", "lmo_spinel", 3.7, 0.052, 0.026, 0.070, 0.5, 20.0, 110.0),
}

#: Share of the instantaneous resistance that is charge transfer and falls with amplitude.
CHARGE_TRANSFER_SHARE = 0.35
#: C-rate at which charge transfer begins to bend.
CHARGE_TRANSFER_BEND_C = 2.0
SPECIFIC_HEAT_J_kgK = 1000.0
#: A bare large cell in still air: time to follow its surroundings.
THERMAL_TIME_CONSTANT_s = 1800.0


def chemistry(name: str) -> Chemistry:
    """Parameters of a chemistry. Raises BatteryError for an unknown one."""
    try:
        return CHEMISTRIES[name]
    except KeyError:
        raise BatteryError(
            f"chemistry: no parameters for {name!r}; known: {', '.join(CHEMISTRIES)}"
        ) from None


def heat_capacity_J_K(name: str, nominal_capacity_Ah: float) -> float:
    """Heat capacity of a cell of that size; unknown chemistries count as LFP."""
    c = CHEMISTRIES.get(name, CHEMISTRIES["LFP"])
    return nominal_capacity_Ah * c.nominal_voltage_V / c.specific_energy_Wh_kg * SPECIFIC_HEAT_J_kgK


def arrhenius(activation_J_mol: float, temperature_degC: float) -> float:
    """Resistance at ``temperature_degC`` over resistance at 25 degC."""
    kelvin = temperature_degC + ZERO_DEGC_K
    return math.exp(activation_J_mol / GAS_CONSTANT * (1 / kelvin - 1 / REFERENCE_K))


def default_resistance_growth(soh: float) -> float:
    """Resistance over that of a new cell: +30 % at SOH 0.8, a plausible middle; cells scatter widely."""
    return max(1.0, 1.0 + 1.5 * (1.0 - soh))


def curve_for_type(name: str, nominal_capacity_Ah: float) -> str | None:
    """Name of the curve that fits a measured cell type best; None when there is none."""
    if name == "LMO":
        return "lmo_hev" if nominal_capacity_Ah <= 12 else "lmo_spinel"
    if name == "NMC":
        return "nmc_cylinder" if nominal_capacity_Ah < 6 else "nmc_pouch"
    return "lfp" if name == "LFP" else None
