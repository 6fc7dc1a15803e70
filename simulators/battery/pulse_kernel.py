"""What a measured cell adds to its linear circuit: a function of amplitude, sign and time in the phase.

Between recorded instants the whole response, circuit and correction together, is straight over the root of
time: a correction that is straight by itself leaves the circuit's own bends in, some mV within milliseconds
of an edge, which no cell shows. The same code serves one cell (floats) and a string (arrays with one entry
per group): only the tables differ.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from simulators.battery.pulse_grid import filled_in, pulse_grid
from simulators.battery.pulse_train import FittedCircuit, TrainShape

Floats = NDArray[np.float64]
Number = TypeVar("Number", float, NDArray[np.float64])

CHARGE, DISCHARGE = 0, 1


@dataclass(frozen=True)
class RestProfile(Generic[Number]):
    """Correction in a rest: straight over the root of time between knots, constant outside."""

    roots: tuple[float, ...]
    values: tuple[Number, ...]

    def at(self, t_s: float) -> Number:
        """Value ``t_s`` after the pulse ended."""
        times, values = self.roots, self.values
        x = sqrt(max(t_s, 0.0))
        if x <= times[0]:
            return values[0]
        for k in range(1, len(times)):
            if x < times[k]:
                u = (x - times[k - 1]) / (times[k] - times[k - 1])
                return values[k - 1] + u * (values[k] - values[k - 1])
        return values[-1]


class PulseKernel(Generic[Number]):
    """Tables of corrections. ``pulses[sign][hint][amplitude][time]``, ``rests[sign][width][amplitude][0|1]``.

    ``hint`` is the index of the width of the train in progress: it decides the first sample, while
    the later times inside a pulse are the last samples of the shorter trains. ``time`` are those of
    `pulse_grid`.
    """

    __slots__ = (
        "_log_first", "_log_knots", "_log_rest", "_log_widths", "_pulses", "_rests", "_root_first",
        "_root_rest_end", "amplitudes_C",
    )  # fmt: skip

    def __init__(self, shape: TrainShape, pulses: Any, rests: Any) -> None:
        self._pulses = pulses
        self._rests = rests
        self.amplitudes_C = shape.amplitudes_C
        self._log_widths = tuple(log(w) for w in shape.widths_s)
        self._log_first = log(shape.first_sample_s)
        self._log_knots = pulse_grid(shape).log_times
        self._log_rest = log(shape.rest_ratio)
        self._root_first = sqrt(shape.first_sample_s)
        self._root_rest_end = tuple(sqrt(w * shape.rest_ratio) for w in shape.widths_s)

    def pulse(self, sign: int, hint: int, c_rate: float, t_s: float) -> Number:
        """Correction ``t_s`` after the start of a pulse of ``c_rate`` (> 0)."""
        table = self._pulses[sign][hint]
        k, u = self._time(t_s)
        i, low, high = self._amplitude(c_rate)
        a = table[i]
        value: Number = low * (a[k] + u * (a[k + 1] - a[k]))
        if high:
            b = table[i + 1]
            value = value + high * (b[k] + u * (b[k + 1] - b[k]))
        return value

    def pulse_nodes(self, sign: int, hint: int, t_s: float) -> list[Number]:
        """Correction at that time for each recorded amplitude."""
        k, u = self._time(t_s)
        return [a[k] + u * (a[k + 1] - a[k]) for a in self._pulses[sign][hint]]

    def undone(self, sign: int, hint: int, c_rate: float, width_s: float, t_s: float) -> Number:
        """How the correction's own course in a pulse comes back in the rest, ``t_s`` after the pulse's end.

        In a linear cell a step off is a step on reversed. What the recorded ends of the rest say beyond that
        is slow: straight over the root of time. At these two instants this is nothing.
        """
        first_s = exp(self._log_first)
        last_s = min(max(width_s, exp(self._log_widths[0])), exp(self._log_widths[-1]))
        end = self.pulse(sign, hint, c_rate, last_s)
        left = self.pulse(sign, hint, c_rate, first_s) - end
        first = sqrt(first_s)
        part = (sqrt(max(t_s, first_s)) - first) / (sqrt(last_s * exp(self._log_rest)) - first)
        part = min(part, 1.0)
        if t_s >= last_s:
            return (1.0 - part) * left
        return (1.0 - part) * left + end - self.pulse(sign, hint, c_rate, t_s)

    def rest(self, sign: int, c_rate: float, width_s: float) -> RestProfile[Number]:
        """Correction in the rest after a pulse of that sign, C-rate and width, without what is `undone`."""
        widths = self._log_widths
        x = min(max(log(width_s), widths[0]), widths[-1])
        j = min(max(bisect_right(widths, x) - 1, 0), max(len(widths) - 2, 0))
        first, low_end, low = self._root_first, self._root_rest_end[j], self._rest_values(sign, j, c_rate)
        if len(widths) == 1:
            return RestProfile((first, low_end), low)
        high_end, high = self._root_rest_end[j + 1], self._rest_values(sign, j + 1, c_rate)
        m = (x - widths[j]) / (widths[j + 1] - widths[j])
        part = (low_end - first) / (high_end - first)
        at_low_end = high[0] + part * (high[1] - high[0])
        return RestProfile(
            (first, low_end, high_end),
            (
                low[0] + m * (high[0] - low[0]),
                low[1] + m * (at_low_end - low[1]),
                low[1] + m * (high[1] - low[1]),
            ),
        )

    @property
    def width_range_s(self) -> tuple[float, float]:
        """Shortest and longest recorded width in s."""
        return exp(self._log_widths[0]), exp(self._log_widths[-1])

    def nearest_width(self, width_s: float) -> int:
        """Index of the recorded width nearest to ``width_s`` on a log scale."""
        x = log(width_s)
        return min(range(len(self._log_widths)), key=lambda j: abs(self._log_widths[j] - x))

    def _rest_values(self, sign: int, j: int, c_rate: float) -> tuple[Number, Number]:
        i, low, high = self._amplitude(c_rate)
        a = self._rests[sign][j][i]
        if not high:
            return low * a[0], low * a[1]
        b = self._rests[sign][j][i + 1]
        return low * a[0] + high * b[0], low * a[1] + high * b[1]

    def _time(self, t_s: float) -> tuple[int, float]:
        knots = self._log_knots
        last = len(knots) - 2
        x = log(t_s) if t_s > 0 else knots[0]
        if x <= knots[0]:
            return 0, 0.0
        if x >= knots[-1]:
            return last, 1.0
        k = min(bisect_right(knots, x) - 1, last)
        return k, (x - knots[k]) / (knots[k + 1] - knots[k])

    def _amplitude(self, c_rate: float) -> tuple[int, float, float]:
        """Index and weights of the two amplitudes around ``c_rate``.

        Proportional below the smallest, along the last straight line above the largest.
        """
        nodes = self.amplitudes_C
        if c_rate <= nodes[0] or len(nodes) == 1:
            return 0, c_rate / nodes[0], 0.0
        i = min(bisect_right(nodes, c_rate) - 1, len(nodes) - 2)
        high = (c_rate - nodes[i]) / (nodes[i + 1] - nodes[i])
        return i, 1.0 - high, high


def kernel_arrays(shape: TrainShape, circuit: FittedCircuit) -> tuple[Floats, Floats]:
    """Tables of one cell from what its circuit misses.

    Returns pulses (2, hints, amplitudes, times) and rests (2, widths, amplitudes, 2), in V.
    """
    missed_V = circuit.missed_V
    widths = np.log(np.array(shape.widths_s))
    start = np.log(shape.first_sample_s)
    n_w, n_a = len(widths), len(shape.amplitudes_C)
    pulses: Floats = np.empty((2, n_w, n_a, n_w + 1))
    # Trains of different widths were recorded one after the other, so their first samples differ by
    # some mV. Inside a long pulse the shorter trains' last samples are moved by that difference,
    # fading to nothing at the pulse's own end. Where first samples of neighbouring trains differ, their
    # last ones do as much up to a second, so the difference is left late: what a voltage does in its first
    # tens of ms is then what one train showed, which never went back.
    share = (widths[None, :] - start) / (widths[:, None] - start)
    fade = np.clip(1 - share**2, 0.0, 1.0)
    for sign in (CHARGE, DISCHARGE):
        first, last = missed_V[:, :, 4 * sign], missed_V[:, :, 4 * sign + 1]
        pulses[sign, :, :, 0] = first
        moved = last[None, :, :] + fade[:, :, None] * (first[:, None, :] - first[None, :, :])
        pulses[sign, :, :, 1:] = moved.transpose(0, 2, 1)
    rests = np.stack([missed_V[:, :, 2:4], missed_V[:, :, 6:8]])
    return filled_in(shape, pulses, circuit.rc_ohm), rests


def cell_kernel(shape: TrainShape, circuit: FittedCircuit) -> PulseKernel[float]:
    """Kernel of one cell, in plain lists for speed."""
    pulses, rests = kernel_arrays(shape, circuit)
    return PulseKernel[float](shape, pulses.tolist(), rests.tolist())


def string_kernels(
    shape: TrainShape, circuits: Sequence[FittedCircuit]
) -> tuple[PulseKernel[float], PulseKernel[Floats]]:
    """Kernel of the sum of the cells, and the kernel of all cells with the cell on the last axis."""
    arrays = [kernel_arrays(shape, c) for c in circuits]
    pulses, rests = (np.stack([a[k] for a in arrays], axis=-1) for k in (0, 1))
    total = PulseKernel[float](shape, pulses.sum(axis=-1).tolist(), rests.sum(axis=-1).tolist())
    return total, PulseKernel[Floats](shape, pulses, rests)
