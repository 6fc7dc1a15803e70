"""Solves what current flows between a battery and the power instruments in parallel with it.

Each instrument is a ``Drive``: below its voltage setting it pushes its highest current, above it
its lowest (negative: it sinks), and exactly at the setting anything between. A constant-current
load is the case ``set_V = 0`` with ``highest_A = 0``. The sum of such steps falls with voltage
while the battery's voltage rises with current, so exactly one operating point exists.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Drive:
    """What one instrument does. Positive current charges the battery.

    ``remote`` regulates at the battery posts, otherwise at the instrument's own terminals.
    """

    set_V: float
    lowest_A: float
    highest_A: float
    remote: bool = True


class Source(Protocol):
    """The battery as the network sees it."""

    def voltage_V(self, current_A: float) -> float:
        """Voltage of the posts if ``current_A`` flowed."""
        ...

    def current_for_voltage_A(self, voltage_V: float) -> float:
        """Current that makes the posts ``voltage_V``."""
        ...


@dataclass(frozen=True)
class Solution:
    """Total current and each instrument's share, in the order of the drives."""

    current_A: float
    shares_A: tuple[float, ...]


def solve_closed(drives: Sequence[Drive], source: Source, line_ohm: float) -> Solution:
    """Operating point with the contactor closed through ``line_ohm`` of leads and contacts."""
    if not drives:
        return Solution(0.0, ())
    if len(drives) == 1:
        current_A = _solve_one(drives[0], source, line_ohm)
        return Solution(current_A, (current_A,))
    thresholds = [threshold_A(drive, source, line_ohm) for drive in drives]
    order = sorted(range(len(drives)), key=thresholds.__getitem__)
    shares = [drive.highest_A for drive in drives]
    total = sum(shares)
    if total <= thresholds[order[0]]:
        return Solution(total, tuple(shares))
    for position, index in enumerate(order):
        others = total - shares[index]
        lower = others + drives[index].lowest_A
        if lower <= thresholds[index]:
            shares[index] = thresholds[index] - others
            return Solution(thresholds[index], tuple(shares))
        shares[index] = drives[index].lowest_A
        total = lower
        if position + 1 < len(order) and total <= thresholds[order[position + 1]]:
            return Solution(total, tuple(shares))
    return Solution(total, tuple(shares))


def solve_open(drives: Sequence[Drive]) -> tuple[float, tuple[float, ...]]:
    """Terminal voltage and shares with the contactor open: the instruments see only each other."""
    shares = [drive.highest_A for drive in drives]
    total = sum(shares)
    if total <= 0.0:
        return 0.0, tuple(0.0 for _ in drives)
    for index in sorted(range(len(drives)), key=lambda i: drives[i].set_V):
        others = total - shares[index]
        lower = others + drives[index].lowest_A
        if lower <= 0.0:
            shares[index] = -others
            return drives[index].set_V, tuple(shares)
        shares[index] = drives[index].lowest_A
        total = lower
    return drives[-1].set_V, tuple(0.0 for _ in drives)


def _solve_one(drive: Drive, source: Source, line_ohm: float) -> float:
    series_ohm = 0.0 if drive.remote else line_ohm
    for limit_A, charging in ((drive.highest_A, True), (drive.lowest_A, False)):
        if limit_A == 0.0 and drive.highest_A != drive.lowest_A:
            continue
        seen_V = source.voltage_V(limit_A) + limit_A * series_ohm
        if (charging and seen_V <= drive.set_V) or (not charging and seen_V >= drive.set_V):
            return limit_A
    wanted_A = threshold_A(drive, source, line_ohm)
    return min(max(wanted_A, drive.lowest_A), drive.highest_A)


def threshold_A(drive: Drive, source: Source, line_ohm: float) -> float:
    """Current at which this drive sees its voltage setting."""
    if drive.remote or line_ohm == 0.0:
        return source.current_for_voltage_A(drive.set_V)
    current_A = 0.0
    step_A = 1.0
    for _ in range(3):
        # Newton on V(I) + I R: the battery is close to linear within an instant.
        here_V = source.voltage_V(current_A)
        slope_ohm = (source.voltage_V(current_A + step_A) - here_V) / step_A + line_ohm
        current_A += (drive.set_V - here_V - current_A * line_ohm) / slope_ohm
    return current_A
