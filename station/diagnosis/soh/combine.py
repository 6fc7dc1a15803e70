"""One statement from several pulse blocks of one battery, never narrower than one block honestly is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from station.diagnosis.soh.reasons import Reason

MIN_SHARE = 0.5
"""Share of blocks that must have given an estimate before the battery gets one."""

Z90 = 1.645


@dataclass(frozen=True)
class Interval:
    """SOH as a fraction with its 90 % interval."""

    estimate: float
    low90: float
    high90: float


def combine(estimates: Sequence[Interval | None]) -> Interval | Reason:
    """Combine the blocks of one battery; None stands for a block that abstained.

    The estimate is the mean weighted with 1/half-width². The half-width is the weighted mean of theirs:
    errors
    of blocks of one cell are dependent (its own way of ageing), so they do not shrink with the number of
    blocks; scatter beyond it widens the interval. Too few blocks or blocks that contradict each other give
    a reason.
    """
    if not estimates:
        return Reason("no_blocks")
    used = [estimate for estimate in estimates if estimate is not None]
    if len(used) < MIN_SHARE * len(estimates):
        return Reason("too_few_blocks", {"used": float(len(used)), "total": float(len(estimates))})
    values = np.array([interval.estimate for interval in used])
    halves = np.array([(interval.high90 - interval.low90) / 2 for interval in used])
    weights = 1.0 / np.maximum(halves, 1e-6) ** 2
    weights /= weights.sum()
    mean = float(weights @ values)
    half = float(weights @ halves)
    scatter = float(np.sqrt(weights @ (values - mean) ** 2))
    if scatter > 1.5 * half:
        return Reason("blocks_disagree", {"spread": scatter})
    half = max(half, Z90 * scatter)
    return Interval(mean, max(0.0, mean - half), mean + half)
