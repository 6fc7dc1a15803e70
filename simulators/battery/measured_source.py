"""Picks a cell's recordings from the table and says what the cell would answer at any SOC."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simulators.battery.chemistry import ACTIVATION_OHMIC_J_mol, arrhenius, curve_for_type
from simulators.battery.config import MeasuredCellConfig
from simulators.battery.errors import BatteryError
from simulators.battery.ocv import GRID, OcvCurve, named_curve, through_points
from simulators.battery.pulse_table import PulseRow, PulseTable, Recording, load_table, recordings_of
from simulators.battery.pulse_train import (
    FittedCircuit,
    TrainShape,
    amplitudes_C,
    differences,
    fit_circuit,
    recorded_pairs,
)

Floats = NDArray[np.float64]

#: A SOC this near to a recorded one is that one.
SAME_SOC = 0.0025
#: A capacity this near (relative) names that ageing state.
SAME_CAPACITY = 0.005


@dataclass(frozen=True)
class MeasuredSource:
    """All that a measured cell, or a parallel group of them, is made from.

    ``recording`` maps a SOC to the differences the cell would show there, shape (widths,
    amplitudes, 8) in V; ``soc_range`` is where they were recorded.
    """

    chemistry: str
    cell_ids: tuple[str, ...]
    nominal_capacity_Ah: float
    capacity_Ah: float
    soc: float
    soc_range: tuple[float, float]
    shape: TrainShape
    ocv: OcvCurve
    recording: Callable[[float], Floats]
    ambient_degC: float

    def circuit(self, soc: float) -> FittedCircuit:
        """Linear circuit and correction at ``soc``."""
        return fit_circuit(self.shape, self.recording(soc), self.ocv, soc, self.capacity_Ah)


@dataclass(frozen=True)
class _Choice:
    """The recording(s) a cell starts from, and the ladder of the same ageing state."""

    low: Recording
    high: Recording
    weight: float
    soc: float
    ladder: tuple[Recording, ...]
    width_s: float | None


def choose_cell(config: MeasuredCellConfig, table: PulseTable, rng: np.random.Generator) -> str:
    """The cell's id, drawn if it is "random". Raises BatteryError when no cell fits."""
    if config.cell_id != "random":
        return config.cell_id
    wanted = {"random": True, "ladder": False, "any": None}[config.history]
    fitting = table.cell_ids(config.chemistry, config.nominal_capacity_Ah, wanted)
    if not fitting:
        raise BatteryError(
            f"cell_id: no cell with chemistry={config.chemistry}, nominal_capacity_Ah="
            f"{config.nominal_capacity_Ah}, history={config.history} in {table.path}"
        )
    return fitting[int(rng.integers(len(fitting)))]


def source_of(config: MeasuredCellConfig, rng: np.random.Generator) -> MeasuredSource:
    """Build the source of a configured cell. Raises BatteryError."""
    table = load_table(config.table)
    rows = table.rows(choose_cell(config, table, rng))
    first = rows[0]
    if config.chemistry is not None and config.chemistry != first.chemistry:
        raise BatteryError(f"chemistry: {first.cell_id} is {first.chemistry}, not {config.chemistry}")
    choice = _choose(config, rows, rng)
    return _build(config, first, choice)


def _choose(config: MeasuredCellConfig, rows: Sequence[PulseRow], rng: np.random.Generator) -> _Choice:
    cell = rows[0].cell_id
    recordings = recordings_of(rows)
    if isinstance(config.soc, str) and config.soc.startswith("row:"):
        return _choose_row(config, rows, recordings)
    if config.capacity_Ah is not None:
        tolerance = SAME_CAPACITY * config.capacity_Ah
        kept = [r for r in recordings if abs(r.capacity_Ah - config.capacity_Ah) <= tolerance]
        if not kept:
            states = sorted({r.capacity_Ah for r in recordings})
            raise BatteryError(
                f"capacity_Ah: {cell} was recorded at {states} Ah, not near {config.capacity_Ah}"
            )
        recordings = kept
    randoms = [r for r in recordings if r.random_soc and config.history != "ladder"]
    ladders = [r for r in recordings if not r.random_soc and config.history != "random"]
    if config.soc == "random":
        pool = randoms or ladders
        if not pool:
            raise BatteryError(f"history: {cell} has no {config.history!r} recordings")
        one = pool[int(rng.integers(len(pool)))]
        return _Choice(one, one, 0.0, one.soc, _ladder_for(one, recordings_of(rows)), None)
    soc = float(config.soc)
    near = [r for r in randoms if abs(r.soc - soc) <= SAME_SOC]
    if near:
        return _Choice(near[0], near[0], 0.0, near[0].soc, _ladder_for(near[0], recordings_of(rows)), None)
    return _between(config, cell, soc, randoms, ladders, rng)


def _between(
    config: MeasuredCellConfig,
    cell: str,
    soc: float,
    randoms: Sequence[Recording],
    ladders: Sequence[Recording],
    rng: np.random.Generator,
) -> _Choice:
    """Interpolate in a ladder that reaches ``soc``."""
    states = sorted({r.capacity_Ah for r in ladders})
    fitting: list[tuple[Recording, ...]] = []
    for capacity in states:
        ladder = _ascending(r for r in ladders if r.capacity_Ah == capacity)
        if ladder[0].soc - SAME_SOC <= soc <= ladder[-1].soc + SAME_SOC:
            fitting.append(ladder)
    if not fitting:
        places = [f"{r.soc:.3f} (random)" for r in randoms]
        if ladders:
            places.append(f"{min(r.soc for r in ladders):.3f}-{max(r.soc for r in ladders):.3f} (ladder)")
        raise BatteryError(
            f"soc: {soc} is outside what was recorded of {cell} with history={config.history!r}: "
            f"{', '.join(places) or 'nothing'}. Ask for a SOC in there, or 'random'"
        )
    ladder = fitting[int(rng.integers(len(fitting)))]
    socs = [r.soc for r in ladder]
    nearest = min(ladder, key=lambda r: abs(r.soc - soc))
    if abs(nearest.soc - soc) <= SAME_SOC or len(ladder) == 1:
        return _Choice(nearest, nearest, 0.0, nearest.soc, ladder, None)
    i = int(np.searchsorted(socs, soc)) - 1
    low, high = ladder[i], ladder[i + 1]
    return _Choice(low, high, (soc - low.soc) / (high.soc - low.soc), soc, ladder, None)


def _choose_row(
    config: MeasuredCellConfig, rows: Sequence[PulseRow], recordings: Sequence[Recording]
) -> _Choice:
    kept = [r for r in rows if config.history == "any" or r.random_soc == (config.history == "random")]
    number = int(str(config.soc).removeprefix("row:"))
    if number >= len(kept):
        raise BatteryError(
            f"soc: {config.soc!r}: {rows[0].cell_id} has {len(kept)} rows with history={config.history!r}, "
            "counted from 0"
        )
    row = kept[number]
    one = next(r for r in recordings if any(x is row for x in r.rows))
    width = config.pulse_width_s or row.pulse_width_s
    return _Choice(one, one, 0.0, one.soc, _ladder_for(one, recordings), width)


def _ascending(recordings: Iterable[Recording]) -> tuple[Recording, ...]:
    return tuple(sorted(recordings, key=lambda r: r.soc))


def _ladder_for(one: Recording, recordings: Sequence[Recording]) -> tuple[Recording, ...]:
    """The ladder of the ageing state nearest in capacity."""
    ladders = [r for r in recordings if not r.random_soc]
    if not ladders:
        return ()
    capacity = min({r.capacity_Ah for r in ladders}, key=lambda c: abs(c - one.capacity_Ah))
    return _ascending(r for r in ladders if r.capacity_Ah == capacity)


def _build(config: MeasuredCellConfig, first: PulseRow, choice: _Choice) -> MeasuredSource:
    widths = tuple(w for w in choice.low.widths_s if w in choice.high.widths_s)
    wanted = config.pulse_width_s or choice.width_s or widths[-1]
    matching = [j for j, w in enumerate(widths) if abs(w - wanted) <= 1e-6 * wanted]
    if not matching:
        raise BatteryError(f"pulse_width_s: {first.cell_id} was pulsed for {widths} s, not {wanted} s")
    reference = matching[0]
    ends = (choice.low, choice.high)
    pairs = min(recorded_pairs(r) for end in ends for r in end.rows)
    shape = TrainShape(
        nominal_capacity_Ah=first.nominal_capacity_Ah,
        amplitudes_C=amplitudes_C(choice.low.rows[0], pairs),
        widths_s=widths,
        reference=reference,
        first_sample_s=config.first_sample_s,
        rest_ratio=config.rest_ratio,
    )
    at_start = _mix(
        differences(choice.low, widths, pairs), differences(choice.high, widths, pairs), choice.weight
    )
    low_V, high_V = (_rest_V(r, widths[reference]) for r in ends)
    start_V = low_V + choice.weight * (high_V - low_V)
    ladder = [
        r for r in choice.ladder
        if set(widths) <= set(r.widths_s) and min(recorded_pairs(x) for x in r.rows) >= pairs
    ]  # fmt: skip
    scale = arrhenius(ACTIVATION_OHMIC_J_mol, config.ambient_degC)
    capacity = choice.low.capacity_Ah
    return MeasuredSource(
        chemistry=first.chemistry,
        cell_ids=(first.cell_id,),
        nominal_capacity_Ah=first.nominal_capacity_Ah,
        capacity_Ah=capacity,
        soc=choice.soc,
        soc_range=(ladder[0].soc, ladder[-1].soc) if ladder else (choice.soc, choice.soc),
        shape=shape,
        ocv=_curve(first, ladder, choice.soc, start_V, widths[reference]),
        recording=_along(at_start, choice.soc, ladder, widths, pairs, scale),
        ambient_degC=config.ambient_degC,
    )


def _mix(low: Floats, high: Floats, weight: float) -> Floats:
    return low if weight == 0 else np.asarray(low + weight * (high - low))


def _rest_V(recording: Recording, width_s: float) -> float:
    return float(next(r.u[0] for r in recording.rows if r.pulse_width_s == width_s))


def _curve(
    first: PulseRow, ladder: Sequence[Recording], soc: float, start_V: float, width_s: float
) -> OcvCurve:
    """OCV along the ladder, continued by the cell type's curve, through the start voltage."""
    name = curve_for_type(first.chemistry, first.nominal_capacity_Ah)
    outside = named_curve(name) if name else OcvCurve(0.6 * GRID)
    curve = outside
    if len(ladder) > 1:
        curve = through_points([r.soc for r in ladder], [_rest_V(r, width_s) for r in ladder], outside)
    return curve.shifted(start_V - curve.voltage_V(soc))


def _along(
    at_start: Floats,
    start_soc: float,
    ladder: Sequence[Recording],
    widths: Sequence[float],
    pairs: int,
    scale: float,
) -> Callable[[float], Floats]:
    """The start's recording, changed along the ladder as the ladder changes with SOC."""
    steps = np.stack([differences(r, widths, pairs) for r in ladder]) if ladder else at_start[None]
    socs = np.array([r.soc for r in ladder] if ladder else [start_soc])

    def on_ladder(soc: float) -> Floats:
        i = int(np.clip(np.searchsorted(socs, soc) - 1, 0, max(len(socs) - 2, 0)))
        if len(socs) == 1:
            return np.asarray(steps[0])
        weight = float(np.clip((soc - socs[i]) / (socs[i + 1] - socs[i]), 0.0, 1.0))
        return _mix(steps[i], steps[i + 1], weight)

    change = at_start - on_ladder(start_soc)

    def recording(soc: float) -> Floats:
        return np.asarray(scale * (on_ladder(soc) + change))

    return recording


def lumped_source(cells: Sequence[MeasuredSource]) -> MeasuredSource:
    """A parallel group as one cell: charge adds up, the current divides equally.

    Raises BatteryError for cells that were recorded with different protocols.
    """
    first = cells[0]
    if len(cells) == 1:
        return first
    if any(c.shape != first.shape or c.chemistry != first.chemistry for c in cells):
        raise BatteryError("cells: the cells of a parallel group must be of one type and recorded alike")
    capacity = sum(c.capacity_Ah for c in cells)
    soc = sum(c.soc * c.capacity_Ah for c in cells) / capacity

    def recording(at: float) -> Floats:
        return np.asarray(np.mean([c.recording(c.soc + at - soc) for c in cells], axis=0))

    curve = OcvCurve(np.asarray(np.mean([c.ocv.voltages_V for c in cells], axis=0)))
    start_V = float(np.mean([c.ocv.voltage_V(c.soc) for c in cells]))
    nominal = first.nominal_capacity_Ah * len(cells)
    return replace(
        first,
        cell_ids=tuple(i for c in cells for i in c.cell_ids),
        nominal_capacity_Ah=nominal,
        capacity_Ah=capacity,
        soc=soc,
        soc_range=(max(c.soc_range[0] for c in cells), min(c.soc_range[1] for c in cells)),
        shape=replace(first.shape, nominal_capacity_Ah=nominal),
        ocv=curve.shifted(start_V - curve.voltage_V(soc)),
        recording=recording,
    )
