"""What a bench file may say about a battery."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from simulators.battery.replay_config import ReplayCellConfig

Fraction = Annotated[float, Field(ge=0.0, le=1.0)]
Positive = Annotated[float, Field(gt=0.0, allow_inf_nan=False)]
Ambient = Annotated[float, Field(ge=-40.0, le=80.0)]

DEFAULT_TABLE = "data/pulsebat/pulses.parquet"


class _Config(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelCellConfig(_Config):
    """A cell made from a chemistry.

    ``resistance_growth``: resistance over that of a new cell; by default it follows SOH with a
    scatter of 5 %. ``ocv_curve``: a named curve instead of the chemistry's own.
    ``relaxation_drift_mV`` is how far the rest voltage still is from equilibrium at the start;
    it fades with ``relaxation_time_s``.
    """

    kind: Literal["model"]
    chemistry: Literal["LFP", "NMC", "LMO"]
    nominal_capacity_Ah: Positive
    soh: Annotated[float, Field(gt=0.05, le=1.2)] | Literal["random"] = "random"
    soc: Fraction | Literal["random"] = "random"
    ambient_degC: Ambient = 25.0
    resistance_growth: Annotated[float, Field(gt=0.1, le=20.0)] | None = None
    ocv_curve: Literal["lfp", "nmc_pouch", "nmc_cylinder", "lmo_spinel", "lmo_hev"] | None = None
    relaxation_drift_mV: Annotated[float, Field(ge=-100.0, le=100.0)] = 0.0
    relaxation_time_s: Positive = 600.0
    heat_capacity_J_K: Positive | None = None
    thermal_resistance_K_W: Positive | None = None
    cell_id: str | None = None


class MeasuredCellConfig(_Config):
    """A cell that answers as a cell of a pulse table did.

    ``soc``: true SOC fraction, "random" (one recorded SOC level of the cell), or "row:N" (the
    N-th row of this cell in the table, from 0, counted after the ``history`` filter).
    ``history``: which recordings to use; "any" takes the random-SOC recording where it fits the
    asked SOC, else the ladder. ``pulse_width_s``: the recorded train before which the cell stands;
    the longest by default, the row's own with "row:N". ``capacity_Ah`` picks one of several
    ageing states of the same cell. ``first_sample_s``: time of the first recorded sample after an
    edge. ``chemistry`` and ``nominal_capacity_Ah`` filter a random ``cell_id``.
    """

    kind: Literal["measured"]
    table: str = DEFAULT_TABLE
    cell_id: str = "random"
    chemistry: str | None = None
    nominal_capacity_Ah: Positive | None = None
    capacity_Ah: Positive | None = None
    soc: Fraction | Annotated[str, Field(pattern=r"^(random|row:\d+)$")] = "random"
    history: Literal["random", "ladder", "any"] = "any"
    pulse_width_s: Positive | None = None
    first_sample_s: Positive = 0.01
    rest_ratio: Positive = 15.0
    ambient_degC: Ambient = 25.0


CellConfig = Annotated[ModelCellConfig | MeasuredCellConfig, Field(discriminator="kind")]


class Spread(_Config):
    """Standard deviations between the cells of a string, in percent (SOC in percent points)."""

    capacity_pct: Annotated[float, Field(ge=0.0, le=30.0)] = 2.0
    resistance_pct: Annotated[float, Field(ge=0.0, le=50.0)] = 5.0
    soc_pct: Annotated[float, Field(ge=0.0, le=20.0)] = 1.0


class StringConfig(_Config):
    """A module or pack: ``series`` groups of ``parallel`` cells.

    Either one ``cell`` for all places, made unequal by ``spread`` (model) or by drawing distinct
    cells of one type from the table (measured), or an explicit list ``cells`` of
    ``series * parallel`` cells, group by group. ``busbar_resistance_ohm`` is that of the whole
    string and not part of any cell voltage. ``dead``: series groups (from 1) that have no voltage any more.
    """

    kind: Literal["string"]
    series: Annotated[int, Field(ge=1, le=400)]
    parallel: Annotated[int, Field(ge=1, le=100)] = 1
    cell: CellConfig | None = None
    cells: tuple[CellConfig, ...] | None = None
    spread: Spread = Spread()
    busbar_resistance_ohm: Annotated[float, Field(ge=0.0, le=10.0)] = 0.0
    dead: tuple[Annotated[int, Field(ge=1, le=400)], ...] = ()

    @model_validator(mode="after")
    def _one_source_of_cells(self) -> StringConfig:
        if (self.cell is None) == (self.cells is None):
            raise ValueError("give either 'cell' (one for all places) or 'cells' (a list)")
        if self.cells is not None and len(self.cells) != self.series * self.parallel:
            raise ValueError(
                f"'cells' must list series * parallel = {self.series * self.parallel} cells, "
                f"not {len(self.cells)}"
            )
        if len(set(self.dead)) >= self.series or any(number > self.series for number in self.dead):
            raise ValueError(f"'dead' must name some of the {self.series} series groups")
        return self


BatteryConfig = Annotated[
    ModelCellConfig | MeasuredCellConfig | ReplayCellConfig | StringConfig,
    Field(discriminator="kind"),
]
