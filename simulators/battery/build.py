"""Builds a battery from its configuration. The same seed gives the same battery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from simulators.battery.base import Battery
from simulators.battery.config import (
    BatteryConfig,
    MeasuredCellConfig,
    ModelCellConfig,
    Spread,
    StringConfig,
)
from simulators.battery.dead_cells import DEAD_OHM, WithDeadCells
from simulators.battery.errors import BatteryError
from simulators.battery.measured_cell import MeasuredCell
from simulators.battery.measured_source import MeasuredSource, choose_cell, lumped_source, source_of
from simulators.battery.measured_string import MeasuredString
from simulators.battery.model_cell import ModelCell
from simulators.battery.model_parameters import ModelParameters, lumped, parameters_of
from simulators.battery.model_string import ModelString
from simulators.battery.pulse_table import load_table
from simulators.battery.replay_cell import ReplayCell
from simulators.battery.replay_config import ReplayCellConfig
from simulators.battery.series import MixedString

_ADAPTER: TypeAdapter[ModelCellConfig | MeasuredCellConfig | ReplayCellConfig | StringConfig] = TypeAdapter(
    BatteryConfig
)

_CellSource = ModelParameters | MeasuredSource


def build_battery(config: Mapping[str, Any], *, seed: int) -> Battery:
    """Build a cell, module or pack; ``config['kind']`` is "model", "measured" or "string".

    ``seed`` decides everything the configuration leaves open. Raises BatteryError, naming the field.
    """
    try:
        parsed = _ADAPTER.validate_python(dict(config))
    except ValidationError as error:
        lines = [f"{'.'.join(str(p) for p in e['loc'])}: {e['msg']}" for e in error.errors()]
        raise BatteryError("battery: " + "; ".join(lines)) from error
    rng = np.random.default_rng(seed)
    if isinstance(parsed, StringConfig):
        return _string(parsed, rng)
    if isinstance(parsed, ReplayCellConfig):
        return ReplayCell(parsed)
    return _cell(_source(parsed, rng, f"{getattr(parsed, 'chemistry', '')}-{seed}"))


def _source(config: ModelCellConfig | MeasuredCellConfig, rng: np.random.Generator, name: str) -> _CellSource:
    if isinstance(config, ModelCellConfig):
        return parameters_of(config, rng, name)
    return source_of(config, rng)


def _cell(source: _CellSource) -> Battery:
    return ModelCell(source) if isinstance(source, ModelParameters) else MeasuredCell(source)


def _string(config: StringConfig, rng: np.random.Generator) -> Battery:
    sources: Sequence[_CellSource]
    if config.cells is not None:
        sources = [_source(c, rng, f"cell-{i + 1}") for i, c in enumerate(config.cells)]
    elif isinstance(config.cell, ModelCellConfig):
        sources = _spread_model(config.cell, config.spread, config.series * config.parallel, rng)
    elif config.cell is not None:
        sources = _draw_measured(config.cell, config.spread, config.series * config.parallel, rng)
    else:  # the configuration model refuses this
        raise BatteryError("battery: give 'cell' or 'cells'")
    groups = [
        _group(sources[i : i + config.parallel], i // config.parallel)
        for i in range(0, len(sources), config.parallel)
    ]
    dead = set(config.dead)
    busbar_ohm = config.busbar_resistance_ohm + DEAD_OHM * len(dead)
    living = _in_series([g for n, g in enumerate(groups, 1) if n not in dead], busbar_ohm)
    return WithDeadCells(living, sorted(dead)) if dead else living


def _in_series(groups: Sequence[_CellSource], busbar_ohm: float) -> Battery:
    models = [g for g in groups if isinstance(g, ModelParameters)]
    if len(models) == len(groups) and len({m.chemistry for m in models}) == 1:
        return ModelString(models, busbar_ohm)
    measured = [g for g in groups if isinstance(g, MeasuredSource)]
    if len(measured) == len(groups) and all(m.shape == measured[0].shape for m in measured):
        return MeasuredString(measured, busbar_ohm)
    return MixedString([_cell(g) for g in groups], busbar_ohm)


def _group(cells: Sequence[_CellSource], index: int) -> _CellSource:
    models = [c for c in cells if isinstance(c, ModelParameters)]
    measured = [c for c in cells if isinstance(c, MeasuredSource)]
    if models and measured:
        raise BatteryError(f"cells: group {index + 1} puts model and measured cells in parallel")
    return lumped(models) if models else lumped_source(measured)


def _spread_model(
    config: ModelCellConfig, spread: Spread, count: int, rng: np.random.Generator
) -> list[ModelParameters]:
    """One cell repeated, with capacity, resistance and SOC scattered."""
    middle = parameters_of(config, rng, "cell")
    name = config.cell_id or config.chemistry
    out = []
    for i in range(count):
        capacity, resistance, soc = rng.standard_normal(3)
        one = middle.unequal(
            float(np.exp(spread.capacity_pct / 100 * capacity)),
            float(np.exp(spread.resistance_pct / 100 * resistance)),
            spread.soc_pct / 100 * float(soc),
        )
        out.append(one.named(f"{name}-{i + 1}"))
    return out


def _draw_measured(
    config: MeasuredCellConfig, spread: Spread, count: int, rng: np.random.Generator
) -> list[MeasuredSource]:
    """Distinct cells of one type at one SOC (with its spread), from the SOC ladder.

    Capacity and resistance are the cells' own. Cells repeat only when the table has too few.
    """
    if config.history == "random" or str(config.soc).startswith("row:"):
        raise BatteryError(
            "cell: a string of measured cells stands at one SOC; use history 'any' or 'ladder' and a SOC "
            "fraction or 'random', or list every cell in 'cells'"
        )
    table = load_table(config.table)
    ladder = config.model_copy(update={"history": "ladder"})
    kind = table.rows(choose_cell(ladder, table, rng))[0]
    if config.cell_id != "random":
        ids = [config.cell_id]
    else:
        ids = table.cell_ids(kind.chemistry, kind.nominal_capacity_Ah, random_soc=False)
        ids = [ids[i] for i in rng.permutation(len(ids))]
    soc = config.soc
    usable = _usable(ladder, ids, rng, count, None if soc == "random" else float(soc))
    if soc == "random":
        low = max(s.soc_range[0] for s in usable)
        high = min(s.soc_range[1] for s in usable)
        soc = float(rng.uniform(low, high))
    out = []
    for i in range(count):
        first = usable[i % len(usable)]
        at = float(soc) + spread.soc_pct / 100 * float(rng.standard_normal())
        at = min(first.soc_range[1], max(first.soc_range[0], at))
        one = ladder.model_copy(
            update={"cell_id": first.cell_ids[0], "soc": at, "capacity_Ah": first.capacity_Ah}
        )
        out.append(source_of(one, rng))
    return out


def _usable(
    config: MeasuredCellConfig, ids: Sequence[str], rng: np.random.Generator, count: int, soc: float | None
) -> list[MeasuredSource]:
    """The first ``count`` cells that were recorded around ``soc``. Raises BatteryError when none was."""
    out: list[MeasuredSource] = []
    for cell_id in ids:
        one = source_of(config.model_copy(update={"cell_id": cell_id, "soc": "random"}), rng)
        if soc is None or one.soc_range[0] <= soc <= one.soc_range[1]:
            out.append(one)
        if len(out) == count:
            break
    if not out:
        raise BatteryError(f"soc: no cell of this type was recorded around SOC {soc}")
    return out
