"""The numbers of one modelled cell (or of a parallel group seen as one cell)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from simulators.battery.chemistry import (
    CHARGE_TRANSFER_BEND_C,
    CHARGE_TRANSFER_SHARE,
    THERMAL_TIME_CONSTANT_s,
    chemistry,
    default_resistance_growth,
    heat_capacity_J_K,
)
from simulators.battery.config import ModelCellConfig
from simulators.battery.errors import BatteryError
from simulators.battery.ocv import OcvCurve, named_curve

RESISTANCE_SCATTER = 0.05
RANDOM_SOH = (0.60, 0.98)
RANDOM_SOC = (0.10, 0.90)


@dataclass(frozen=True)
class ModelParameters:
    """All at 25 degC and mid SOC; ``bend_A`` is the current at which charge transfer bends."""

    chemistry: str
    cell_ids: tuple[str, ...]
    nominal_capacity_Ah: float
    capacity_Ah: float
    soc: float
    ocv: OcvCurve
    ohmic_ohm: float
    transfer_ohm: float
    bend_A: float
    fast_ohm: float
    slow_ohm: float
    fast_s: float
    slow_s: float
    ambient_degC: float
    heat_capacity_J_K: float
    thermal_resistance_K_W: float
    drift_V: float
    drift_time_s: float

    def unequal(self, capacity: float, resistance: float, soc_shift: float) -> ModelParameters:
        """The same cell with capacity and resistances multiplied and SOC shifted (kept in 0-1)."""
        return replace(
            self,
            capacity_Ah=self.capacity_Ah * capacity,
            soc=min(1.0, max(0.0, self.soc + soc_shift)),
            ohmic_ohm=self.ohmic_ohm * resistance,
            transfer_ohm=self.transfer_ohm * resistance,
            fast_ohm=self.fast_ohm * resistance,
            slow_ohm=self.slow_ohm * resistance,
        )

    def named(self, cell_id: str) -> ModelParameters:
        """The same cell under another id."""
        return replace(self, cell_ids=(cell_id,))


def parameters_of(config: ModelCellConfig, rng: np.random.Generator, default_id: str) -> ModelParameters:
    """Draw what the configuration leaves open. Every call takes the same number of random values."""
    draw_soh, draw_soc, scatter = rng.uniform(*RANDOM_SOH), rng.uniform(*RANDOM_SOC), rng.standard_normal()
    kind = chemistry(config.chemistry)
    soh = float(draw_soh) if config.soh == "random" else config.soh
    growth = config.resistance_growth
    if growth is None:
        growth = default_resistance_growth(soh) * float(np.exp(RESISTANCE_SCATTER * scatter))
    per_Ah = growth / config.nominal_capacity_Ah
    heat = config.heat_capacity_J_K or heat_capacity_J_K(kind.name, config.nominal_capacity_Ah)
    return ModelParameters(
        chemistry=kind.name,
        cell_ids=(config.cell_id or default_id,),
        nominal_capacity_Ah=config.nominal_capacity_Ah,
        capacity_Ah=soh * config.nominal_capacity_Ah,
        soc=float(draw_soc) if config.soc == "random" else config.soc,
        ocv=named_curve(config.ocv_curve or kind.ocv_curve),
        ohmic_ohm=kind.ohmic_ohm_Ah * per_Ah * (1 - CHARGE_TRANSFER_SHARE),
        transfer_ohm=kind.ohmic_ohm_Ah * per_Ah * CHARGE_TRANSFER_SHARE,
        bend_A=CHARGE_TRANSFER_BEND_C * config.nominal_capacity_Ah,
        fast_ohm=kind.fast_ohm_Ah * per_Ah,
        slow_ohm=kind.slow_ohm_Ah * per_Ah,
        fast_s=kind.fast_s,
        slow_s=kind.slow_s,
        ambient_degC=config.ambient_degC,
        heat_capacity_J_K=heat,
        thermal_resistance_K_W=config.thermal_resistance_K_W or THERMAL_TIME_CONSTANT_s / heat,
        drift_V=config.relaxation_drift_mV * 1e-3,
        drift_time_s=config.relaxation_time_s,
    )


def lumped(cells: Sequence[ModelParameters]) -> ModelParameters:
    """A parallel group as one cell: charge adds up, conductances add up.

    Cells that stay connected in parallel settle at one voltage; the currents between them are not
    visible from outside and are not simulated. Raises BatteryError for unlike chemistries.
    """
    first = cells[0]
    if len(cells) == 1:
        return first
    if any(c.chemistry != first.chemistry or c.ocv is not first.ocv for c in cells):
        raise BatteryError("cells: the cells of a parallel group must share one chemistry and OCV curve")
    capacity = sum(c.capacity_Ah for c in cells)

    def parallel(values: Sequence[float]) -> float:
        return 1 / sum(1 / v for v in values)

    return replace(
        first,
        cell_ids=tuple(i for c in cells for i in c.cell_ids),
        nominal_capacity_Ah=sum(c.nominal_capacity_Ah for c in cells),
        capacity_Ah=capacity,
        soc=sum(c.soc * c.capacity_Ah for c in cells) / capacity,
        ohmic_ohm=parallel([c.ohmic_ohm for c in cells]),
        transfer_ohm=parallel([c.transfer_ohm for c in cells]),
        bend_A=sum(c.bend_A for c in cells),
        fast_ohm=parallel([c.fast_ohm for c in cells]),
        slow_ohm=parallel([c.slow_ohm for c in cells]),
        heat_capacity_J_K=sum(c.heat_capacity_J_K for c in cells),
        thermal_resistance_K_W=parallel([c.thermal_resistance_K_W for c in cells]),
        drift_V=sum(c.drift_V for c in cells) / len(cells),
    )
