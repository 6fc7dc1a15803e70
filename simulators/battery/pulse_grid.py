"""The course of a response between the recorded instants of a pulse."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import exp

import numpy as np
from numpy.typing import NDArray

from simulators.battery.pulse_train import TIME_CONSTANTS_s, TrainShape

Floats = NDArray[np.float64]

#: The earliest instant of the grid in s, and how many there are to a factor of ten in time.
EARLIEST_S = 0.0005
PER_DECADE = 12


@dataclass(frozen=True)
class PulseGrid:
    """Instants of a pulse at which a kernel's table stands, the recorded ones among them.

    ``between`` (times, recorded) makes values at the instants of those at the recorded ones, straight over
    the root of time. Before the first recorded sample that straight line goes on as far as it leads towards
    the state before the edge, and stays level otherwise. ``circuit`` (2, widths, times, elements) is what the
    RC elements answer to one ampere, by sign and width of the train. ``recorded`` are the numbers of the
    recorded instants, ``before`` of those before the first.
    """

    log_times: tuple[float, ...]
    recorded: NDArray[np.int64]
    before: NDArray[np.int64]
    between: Floats
    circuit: Floats


@lru_cache(maxsize=32)
def pulse_grid(shape: TrainShape) -> PulseGrid:
    """The grid of trains of one shape."""
    known = np.array((shape.first_sample_s, *shape.widths_s))
    count = int(PER_DECADE * np.log10(known[-1] / EARLIEST_S)) + 1
    made = np.geomspace(EARLIEST_S, known[-1], count)
    away = np.abs(np.log(made[:, None] / known[None, :])).min(axis=1)
    times = np.sort(np.concatenate([known, made[away > 0.5 * np.log(10) / PER_DECADE]]))
    recorded = np.searchsorted(times, known)
    roots, places = np.sqrt(times), np.sqrt(known)
    between = np.stack([np.interp(roots, places, unit) for unit in np.eye(len(known))], axis=1)
    tau = np.array(TIME_CONSTANTS_s)
    widths = np.array(shape.widths_s)[:, None]
    rested = (1 - np.exp(-widths / tau)) * np.exp(-widths * shape.rest_ratio / tau)
    decay = np.exp(-times[:, None] / tau)[None, :, :]
    charge = np.broadcast_to(1 - decay, (len(shape.widths_s), *decay.shape[1:]))
    discharge = -1 + (rested[:, None, :] + 1) * decay
    log_times = tuple(float(x) for x in np.log(times))
    return PulseGrid(
        log_times, recorded, np.flatnonzero(times < known[0]), between, np.stack([charge, discharge])
    )


def filled_in(shape: TrainShape, pulses_V: Floats, rc_ohm: Floats) -> Floats:
    """Corrections at the instants of the grid from those at the recorded ones, last axis each.

    ``pulses_V`` (2, hints, amplitudes, recorded). Of cells recorded at one width the circuit alone knows the
    course between first and last sample, so the correction itself is straight over log time.
    """
    grid = pulse_grid(shape)
    if len(shape.widths_s) == 1:
        known = np.array(grid.log_times)[grid.recorded]
        part = np.clip((np.array(grid.log_times) - known[0]) / (known[-1] - known[0]), 0.0, 1.0)
        return np.asarray(pulses_V[..., :1] + part * (pulses_V[..., -1:] - pulses_V[..., :1]))
    amps = np.array(shape.amplitudes_C) * shape.nominal_capacity_Ah
    circuit = amps[None, None, :, None] * (grid.circuit @ rc_ohm)[:, :, None, :]
    known_V = pulses_V + circuit[..., grid.recorded]
    whole = known_V @ grid.between.T
    whole[..., grid.before] = known_V[..., :1] - _until_first(shape, grid, known_V)
    return np.asarray(whole - circuit)


def _until_first(shape: TrainShape, grid: PulseGrid, known_V: Floats) -> Floats:
    """What is still to come at the instants before the first recorded sample."""
    roots = np.sqrt([exp(grid.log_times[k]) for k in grid.before])
    first, second = np.sqrt(shape.first_sample_s), np.sqrt(shape.widths_s[0])
    slope = (known_V[..., 1:2] - known_V[..., :1]) / (second - first)
    onward = np.array([1.0, -1.0])[:, None, None, None]
    slope = onward * np.maximum(onward * slope, 0.0)
    return np.asarray(slope * (first - roots))
