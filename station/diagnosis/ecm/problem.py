"""Lays one block of pulses out for a circuit fit: which rows, which drive, which linear columns."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from station.diagnosis.ecm.projection import Projection
from station.diagnosis.pulses import Block, Pulse, Record

#: Fewest samples inside the pulses that can carry six unknowns.
MIN_PULSE_ROWS = 12
MAX_ROWS = 4000
#: Rest taken in before the first pulse, and after the last, in s.
LEAD_S = 60.0
TAIL_S = 600.0
#: Neighbouring time constants must differ by this factor to count as two elements.
MIN_RATIO = 2.0


def usable_pulses(block: Block) -> list[Pulse] | None:
    """The block's pulses; None when they come from a step sheet or no rest precedes them."""
    pulses = [pulse for pulse in block.pulses if pulse.first_row >= 0]
    if len(pulses) != len(block.pulses) or not pulses or not pulses[0].after_rest:
        return None
    return pulses


def enough(pulses: list[Pulse], rows: NDArray[np.int64]) -> bool:
    """True when there are samples enough to fit a circuit to."""
    inside = sum(pulse.last_row - pulse.first_row + 1 for pulse in pulses)
    return inside >= MIN_PULSE_ROWS and rows.size >= 2 * MIN_PULSE_ROWS


def time_constants(record: Record, pulses: list[Pulse], rows: NDArray[np.int64]) -> tuple[float, float]:
    """Logarithms of the shortest time constant that the samples show and of the longest the block can."""
    shortest = min(_sampling_s(record, pulse) for pulse in pulses)
    longest_pulse = max(pulse.duration_s for pulse in pulses)
    span = float(record.time_s[rows[-1]] - pulses[0].start_s)
    return float(np.log(max(2.0 * shortest, 1e-4 * span))), float(np.log(min(span, 40.0 * longest_pulse)))


def _sampling_s(record: Record, pulse: Pulse) -> float:
    """Spacing of the first samples of a pulse in s."""
    spacing = np.diff(record.time_s[pulse.first_row : min(pulse.first_row + 5, pulse.last_row) + 1])
    return float(np.median(spacing)) if spacing.size else pulse.duration_s


def choose_rows(record: Record, block: Block, pulses: list[Pulse]) -> NDArray[np.int64]:
    """Rows of the block with some rest at both ends, thinned where there are very many."""
    t = record.time_s
    first = int(np.searchsorted(t, pulses[0].start_s - min(LEAD_S, block.rest_before_s)))
    last = pulses[-1].last_row
    if pulses[-1].rest_after_s > 0.0:
        tail = min(pulses[-1].rest_after_s, TAIL_S)
        last = int(np.searchsorted(t, pulses[-1].start_s + pulses[-1].duration_s + tail, side="right")) - 1
    rows = np.arange(first, last + 1)
    if rows.size <= MAX_ROWS:
        return rows
    keep = np.zeros(rows.size, dtype=bool)
    keep[:: -(-rows.size // (MAX_ROWS // 2))] = True
    edges = [row for pulse in pulses for row in (pulse.first_row, pulse.last_row + 1)]
    # Dense after each edge, where the fast element shows, thinner towards the next.
    for edge, following in pairwise([*edges, last + 1]):
        offsets = np.unique(np.geomspace(1, max(following - edge, 2), 40).astype(np.int64)) - 1
        chosen = edge - first + np.concatenate(([-1], offsets))
        keep[chosen[(chosen >= 0) & (chosen < rows.size)]] = True
    return rows[keep]


def lay_out(record: Record, pulses: list[Pulse], rows: NDArray[np.int64], overrun: float) -> Projection:
    t, current = record.time_s, record.current_A
    rest = pulses[0].rest_current_A
    amps = current[rows] - rest
    from_A, to_A = amps[:-1].copy(), amps[1:].copy()
    # A step between two samples happened at the earlier one (see pulses.edges): the new level holds on.
    first_of_edge = {pulse.first_row for pulse in pulses} | {pulse.last_row + 1 for pulse in pulses}
    edge = np.isin(rows[1:], list(first_of_edge))
    from_A[edge] = to_A[edge]
    if overrun > 0.0:
        cut = np.isin(rows[1:], [pulse.last_row + 1 for pulse in pulses if pulse.clipped])
        from_A[cut] = to_A[cut] = overrun * amps[:-1][cut] + (1.0 - overrun) * amps[1:][cut]
    dt = np.diff(t[rows])
    charge = np.concatenate(([0.0], np.cumsum(0.5 * (from_A + to_A) * dt))) / 3600.0
    voltage = record.voltage_V[rows]
    groups = _current_groups(pulses)
    owner = np.searchsorted([pulse.first_row for pulse in pulses], rows, side="right") - 1
    group = np.array([groups[0], *groups])[owner + 1]
    instant = amps[:, None] * (group[:, None] == np.arange(max(groups) + 1))
    fixed = np.concatenate((np.ones((rows.size, 1)), charge[:, None], instant), axis=1)
    return Projection(dt, from_A, to_A, fixed, voltage - float(voltage.mean()))


def _current_groups(pulses: list[Pulse]) -> list[int]:
    """The number of the distinct current (within 3 %) of each pulse."""
    seen: list[float] = []
    groups: list[int] = []
    for pulse in pulses:
        amps = pulse.current_A - pulse.rest_current_A
        match = [n for n, other in enumerate(seen) if abs(amps - other) <= 0.03 * abs(other)]
        if not match:
            seen.append(amps)
        groups.append(match[0] if match else len(seen) - 1)
    return groups
