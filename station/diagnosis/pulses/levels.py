"""Cuts the current of a record into rests, levels and edges, without assuming that a rest reads zero."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from station.diagnosis.pulses.middle import middle
from station.diagnosis.pulses.record import Floats, Record

#: A rest may differ from the rest level by this share of the largest current.
REST_SHARE = 0.01
#: The rest level itself (an offset) is looked for within this share of the largest current.
OFFSET_SHARE = 0.05
#: A change between neighbouring samples by more than this share of the current is an edge, less is drift.
JUMP_SHARE = 0.10


@dataclass(frozen=True)
class Segment:
    """Rows ``first`` … ``last`` (both included) of one level: ``sign`` −1 discharge, 0 rest, +1 charge.

    Rows between the ``last`` row of one segment and the ``first`` row of the next belong to a slewing edge.
    """

    first: int
    last: int
    sign: int
    level_A: float


@dataclass(frozen=True)
class Levels:
    """The segments of a record and the thresholds they were found with, in A."""

    segments: tuple[Segment, ...]
    rest_current_A: float
    rest_tolerance_A: float
    noise_A: float = 0.0


def find_levels(record: Record) -> Levels:
    """Cut the record into segments of one current level. Thresholds are relative to the largest current."""
    current = record.current_A
    scale = _largest_current(current)
    if scale == 0.0:
        return Levels((Segment(0, record.size - 1, 0, 0.0),), 0.0, 0.0)
    rest, noise = _rest_level(current, scale)
    tolerance = min(max(REST_SHARE * scale, 5.0 * noise), 0.2 * scale)

    away = current - rest
    sign = np.where(np.abs(away) > tolerance, np.sign(away), 0.0).astype(np.int64)
    step = np.diff(current)
    size = np.maximum(np.abs(away[:-1]), np.abs(away[1:]))
    jump = (np.diff(sign) != 0) | (
        (np.abs(step) > JUMP_SHARE * size) & (size > tolerance) & (np.abs(step) > 6.0 * noise)
    )
    cuts = np.flatnonzero(jump)
    firsts = np.concatenate(([0], cuts + 1))
    lasts = np.concatenate((cuts, [current.size - 1]))

    segments: list[Segment] = []
    for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True):
        if first == last and 0 < first < current.size - 1:
            on_the_way = step[first - 1] * step[first] > 0.0
            exact_rest = abs(away[first]) <= 0.3 * tolerance
            if on_the_way and not (sign[first] == 0 and exact_rest):
                continue  # one sample between two steps the same way: the edge slews
        level = middle(current[first : last + 1 : 1 + (last - first) // 1000])
        segments.append(Segment(first, last, int(sign[first]), level))
    return Levels(tuple(segments), rest, tolerance, noise)


def _largest_current(current: Floats) -> float:
    """Largest magnitude in A that is not a single stray sample."""
    largest = float(np.max(np.abs(current)))
    if current.size < 3:
        return largest
    steady = np.median(np.stack((current[:-2], current[1:-1], current[2:])), axis=0)
    held = float(np.max(np.abs(steady)))
    return held if held >= 0.2 * largest else largest


def _rest_level(current: Floats, scale: float) -> tuple[float, float]:
    """The reading that means rest, and its noise (standard deviation), both in A."""
    near = current[np.abs(current) <= OFFSET_SHARE * scale]
    if near.size == 0:
        return 0.0, 0.0
    level = float(np.median(near))
    if abs(level) > REST_SHARE * scale:
        # A long slow charge or discharge may outnumber the rests; a real cluster at zero wins over it.
        zero = near[np.abs(near) <= REST_SHARE * scale]
        if zero.size >= 0.1 * near.size:
            near, level = zero, float(np.median(zero))
    # From sample to sample most of a record is flat: what moves there is noise, edges are too few to matter.
    steps = np.diff(current)
    noise = 1.4826 * float(np.median(np.abs(steps - np.median(steps)))) / np.sqrt(2.0)
    return level, float(noise)
