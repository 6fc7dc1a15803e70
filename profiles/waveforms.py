"""Excitations and ramps as staircases of current: what an instrument without a wave generator can make."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from profiles.building import Builder, part
from profiles.segment import Segment, SegmentRole
from profiles.steps_pulse import CurrentTable, MultiSine, Prbs, Ramp

_TAPS = {
    3: (3, 2), 4: (4, 3), 5: (5, 3), 6: (6, 5), 7: (7, 6),
    8: (8, 6, 5, 4), 9: (9, 5), 10: (10, 7), 11: (11, 9),
}  # fmt: skip
"""Feedback of a shift register of that length for a sequence of maximal length (P. Alfke, XAPP 052)."""


def sine_stairs(base_Hz: float, harmonics: tuple[int, ...], hold_s: float) -> list[float]:
    """One period, its largest magnitude 1: the value in the middle of each hold."""
    count, number = max(round(1 / (base_Hz * hold_s)), 4), len(harmonics)
    phases = [-math.pi * k * (k - 1) / number for k in range(1, number + 1)]
    values = [
        sum(
            math.cos(2 * math.pi * harmonic * (stair + 0.5) / count + phase)
            for harmonic, phase in zip(harmonics, phases, strict=True)
        )
        for stair in range(count)
    ]
    mean = sum(values) / count
    largest = max(abs(value - mean) for value in values)
    return [(value - mean) / largest for value in values]


def prbs_bits(order: int) -> list[int]:
    """One period of 2^order - 1 bits, each +1 or -1."""
    state, found = [1] * order, []
    for _ in range(2**order - 1):
        found.append(1 if state[-1] else -1)
        back = 0
        for tap in _TAPS[order]:
            back ^= state[tap - 1]
        state = [back, *state[:-1]]
    return found


def multi_sine(to: Builder, step: MultiSine) -> None:
    """Ends at rest."""
    current_A = to.allowed_A(step.current_C)
    stairs = sine_stairs(step.base_Hz, step.harmonics, step.hold_s) * step.periods
    hold_s = 1 / (step.base_Hz * (len(stairs) / step.periods))
    _stairs(to, SegmentRole.EXCITATION, [current_A * stair for stair in stairs], hold_s, step.rest_s)


def prbs(to: Builder, step: Prbs) -> None:
    """Ends at rest. A period holds one bit more of one sign than of the other."""
    current_A = to.allowed_A(step.current_C)
    bits = prbs_bits(step.order) * step.periods
    _stairs(to, SegmentRole.EXCITATION, [current_A * bit for bit in bits], step.bit_s, step.rest_s)


def _stairs(to: Builder, role: SegmentRole, currents_A: list[float], hold_s: float, rest_s: float) -> None:
    """Equal currents in a row are one segment."""
    found: list[Segment] = []
    for current_A in currents_A:
        if found and found[-1].current_A == current_A:
            found[-1] = part(role, current_A, found[-1].duration_s + hold_s)
        else:
            found.append(part(role, current_A, hold_s))
    to.add([*found, part(SegmentRole.REST, 0.0, rest_s)])


def ramp(to: Builder, step: Ramp) -> None:
    """From the first current to the last, both included."""
    count = max(round(step.duration_s / step.hold_s), 2)
    hold_s = step.duration_s / count
    for end_C in (step.from_C, step.to_C):
        _allowed(to, end_C)
    rise_C = (step.to_C - step.from_C) / (count - 1)
    currents_A = [(step.from_C + rise_C * stair) * to.capacity_Ah for stair in range(count)]
    to.add([part(SegmentRole.RAMP, current_A, hold_s) for current_A in currents_A])


def current_table(to: Builder, step: CurrentTable) -> None:
    """Row by row."""
    factor = step.scale * (to.capacity_Ah if step.unit == "C" else 1.0)
    rows = [(time_s, current * factor) for time_s, current in step.rows]
    for extreme_A in (min(row[1] for row in rows), max(row[1] for row in rows)):
        _allowed(to, extreme_A / to.capacity_Ah)
    lengths_s = [after[0] - before[0] for before, after in pairwise(rows)]
    lengths_s.append(lengths_s[-1])
    parts = [
        part(SegmentRole.CURRENT_TABLE, row[1], length_s)
        for row, length_s in zip(rows, lengths_s, strict=True)
    ]
    to.add(parts)


def _allowed(to: Builder, current_C: float) -> None:
    if current_C:
        to.allowed_A(abs(current_C), None, "charge" if current_C > 0 else "discharge")


WAVEFORMS: dict[type, Callable[[Builder, Any], None]] = {
    MultiSine: multi_sine,
    Prbs: prbs,
    Ramp: ramp,
    CurrentTable: current_table,
}
"""How each of them becomes segments."""
