"""Pulse voltages of a noisy record, each read from many samples, with how well it is known.

One sample of a 70 V instrument is no better than half a millivolt, which costs an estimate of some cell types
a third of its accuracy. A pulse holds hundreds of samples: lines over the root of time through those near an
edge and near the end of a pulse or rest know the voltages there several times better.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from station.diagnosis.pulses import Block, Pulse, Record
from station.diagnosis.pulses.programs import programs
from station.diagnosis.tables import Floats

FIRST_S = 0.01
FIRST_WINDOW_S, FIRST_ROWS, FIRST_LATEST_S = 0.05, 4, 0.05
"""The voltage 10 ms after an edge: from so long a window, so many samples, the first no later than that.

Recorded responses are straight over the root of time up to some 50 ms and grow more slowly from there: with
80 ms the line comes out 0.1 to 0.4 mV too high at 10 ms (LFP 20 Ah), with the same scatter."""
LAST_SHARE_OF_TIME, LAST_ROWS = 0.25, 8
"""The voltage at the end: from this last share of a pulse or rest, at least so many samples."""
REST_WINDOW_S = 10.0
MOVING_SHARE = 0.01
"""More current than this share of a pulse's belongs to no rest: a contact check has a twentieth of it."""
EDGE_S, EDGE_LEAST_S = 0.003, 0.0005
"""Standard deviation of an edge's time on the record's clock, where the samples around all edges do not tell
more, and the least: an instrument reads voltage and current one after the other."""
BEND_SHARE = 0.5
"""Before its first sample the slope over the root of time may be another one by this share."""
UNMOVED_SHARE = 0.2
"""A first sample that made less than this share of the next one's step was read before the edge."""


@dataclass(frozen=True)
class _Value:
    """``clock``: what the clock's standard deviation moves it by, signed; its own error is in ``sigma``."""

    volts: float
    sigma: float
    clock: float = 0.0


@dataclass(frozen=True)
class _Clock:
    """How well edges are known, in s; those of the program from ``begin_s`` to ``end_s`` are off together."""

    sigma_s: float
    begin_s: float = math.inf
    end_s: float = -math.inf

    def shared(self, edge_s: float) -> bool:
        """Whether an edge is one of the program's."""
        return self.begin_s - 2.0 * EDGE_S <= edge_s <= self.end_s + 2.0 * EDGE_S


def steadied(record: Record, block: Block, noise_V: float) -> Block:
    """The block with the voltages that the pulse table takes read from many samples.

    ``noise_V`` is the standard deviation of one sample. What has too few samples stays as it was.
    """
    pulses = block.pulses
    clock = _clock(record, block)
    following = [pulse.first_row for pulse in pulses[1:]] + [record.size]
    changed = (
        _pulse(record, pulse, next_row, noise_V, clock) if pulse.first_row >= 0 else pulse
        for pulse, next_row in zip(pulses, following, strict=True)
    )
    return replace(block, pulses=tuple(changed))


def _pulse(record: Record, pulse: Pulse, next_row: int, noise_V: float, clock: _Clock) -> Pulse:
    t, volts = record.time_s, record.voltage_V
    end_s = pulse.start_s + pulse.duration_s
    inside = slice(pulse.first_row, pulse.last_row + 1)
    rest_s = 15.0 * pulse.duration_s
    stop = min(next_row, int(np.searchsorted(t, end_s + rest_s + 1e-9, side="right")))
    after = slice(pulse.last_row + 1, stop)
    before = pulse.voltage_before_V
    found = {
        "voltage_before_V": _level(record, pulse.first_row, pulse.start_s, noise_V),
        "voltage_10ms_V": _first(
            t[inside] - pulse.start_s, volts[inside], before, noise_V, clock, clock.shared(pulse.start_s)
        ),
        "end_voltage_V": _last(
            t[inside] - pulse.start_s, volts[inside], pulse.duration_s, LAST_SHARE_OF_TIME, noise_V
        ),
    }
    if pulse.rest_voltage_10ms_V is not None or pulse.recovered_voltage_15w_V is not None:
        since, rest = t[after] - end_s, volts[after]
        found["rest_voltage_10ms_V"] = _first(
            since, rest, pulse.end_voltage_V, noise_V, clock, clock.shared(end_s)
        )
        if pulse.recovered_voltage_15w_V is not None:
            share = min(LAST_SHARE_OF_TIME, REST_WINDOW_S / rest_s)
            found["recovered_voltage_15w_V"] = _last(since, rest, rest_s, share, noise_V)
    known = {name: value for name, value in found.items() if value is not None}
    changes: dict[str, Any] = {name: value.volts for name, value in known.items()}
    return replace(
        pulse,
        **changes,
        sigma_V={name: value.sigma for name, value in known.items()},
        clock_V={name: value.clock for name, value in known.items() if value.clock},
    )


def _clock(record: Record, block: Block) -> _Clock:
    """How well the recorded edges of a block are known: all gaps between samples around the edges of one
    program hold the same shift."""
    if record.edges_s is None:
        return _Clock(EDGE_S)
    begin_s = block.pulses[-1].start_s  # the last pulse's program: contact checks before have their own
    edges = next(
        (
            record.edges_s[first:last]
            for first, last in programs(record.edges_s.tolist())
            if record.edges_s[first] <= begin_s + EDGE_S <= record.edges_s[last - 1] + 2.0 * EDGE_S
        ),
        record.edges_s[:0],
    )
    after = np.searchsorted(record.time_s, edges)
    inside = (after > 0) & (after < record.size)
    edges, after = edges[inside], after[inside]
    if edges.size < 2:
        return _Clock(EDGE_S)
    left = np.min(record.time_s[after] - edges) - np.max(record.time_s[after - 1] - edges)
    sigma_s = float(np.clip(left / math.sqrt(12.0), EDGE_LEAST_S, EDGE_S)) if left > 0.0 else EDGE_S
    return _Clock(sigma_s, float(edges[0]), float(edges[-1]))


def _level(record: Record, first_row: int, edge_s: float, noise_V: float) -> _Value | None:
    """Rest voltage at the edge into a pulse, from the rest's last half, 10 s at most."""
    start = int(np.searchsorted(record.time_s, edge_s - 2.0 * REST_WINDOW_S))
    away = np.abs(record.current_A[start:first_row] - record.current_A[max(first_row - 2, 0)])
    moving = np.flatnonzero(away > MOVING_SHARE * np.abs(record.current_A[first_row]))
    began_s = float(record.time_s[start + int(moving[-1])]) if moving.size else float(record.time_s[start])
    start = int(np.searchsorted(record.time_s, edge_s - 0.5 * (edge_s - began_s)))
    since = record.time_s[start : first_row - 1] - edge_s
    if since.size < LAST_ROWS:
        return None
    return _line(since, record.voltage_V[start : first_row - 1], 0.0, noise_V)


def _first(
    since_s: Floats, volts: Floats, before_V: float, noise_V: float, clock: _Clock, shared: bool
) -> _Value | None:
    """Voltage 10 ms after an edge; an edge that is none of the program's (``shared``) is off by itself."""
    if since_s.size > 1 and abs(volts[0] - before_V) < UNMOVED_SHARE * abs(volts[1] - before_V):
        since_s, volts = since_s[1:], volts[1:]
    behind = since_s > 0.0  # an edge is known to a millisecond: a sample just behind it may seem to be before
    since_s, volts = since_s[behind], volts[behind]
    rows = int(np.searchsorted(since_s, FIRST_WINDOW_S, side="right"))
    if rows < FIRST_ROWS or since_s[0] > FIRST_LATEST_S:
        return None
    root = np.sqrt(since_s[:rows])
    value = _line(root, volts[:rows], math.sqrt(FIRST_S), noise_V)
    slope = _slope(root, volts[:rows])
    bend = BEND_SHARE * abs(slope) * max(float(root[0]) - math.sqrt(FIRST_S), 0.0)
    edge = slope / (2.0 * math.sqrt(FIRST_S)) * clock.sigma_s
    own = 0.0 if shared else edge
    return _Value(value.volts, math.sqrt(value.sigma**2 + bend**2 + own**2), edge - own)


def _last(since_s: Floats, volts: Floats, end_s: float, share: float, noise_V: float) -> _Value | None:
    """Voltage at the end of a pulse or rest."""
    first = int(np.searchsorted(since_s, (1.0 - share) * end_s))
    if since_s.size - first < LAST_ROWS or since_s[-1] < (1.0 - share / 4.0) * end_s:
        return None
    return _line(np.sqrt(since_s[first:]), volts[first:], math.sqrt(end_s), noise_V)


def _slope(x: Floats, volts: Floats) -> float:
    away = x - x.mean()
    return float(away @ volts) / max(float(away @ away), 1e-12)


def _line(x: Floats, volts: Floats, at: float, noise_V: float) -> _Value:
    """Least-squares straight line at ``at``, and its standard deviation."""
    away = at - float(x.mean())
    spread = max(float(np.sum((x - x.mean()) ** 2)), 1e-12)
    value = float(volts.mean()) + _slope(x, volts) * away
    return _Value(value, noise_V * math.sqrt(1.0 / x.size + away**2 / spread))
