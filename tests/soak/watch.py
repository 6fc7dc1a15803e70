"""Looks at the station's processes again and again, and says what has grown between two stretches."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import psutil

WARM_UP = 0.2
"""The first part of all looks says nothing: caches fill and connections open."""
STRETCH = 0.25


@dataclass(frozen=True)
class Look:
    """One process at one moment: resident memory in bytes, open descriptors, threads."""

    rss: int
    descriptors: int
    threads: int


def look(process: psutil.Process) -> Look:
    """Look at a living process."""
    with process.oneshot():
        return Look(process.memory_info().rss, process.num_fds(), process.num_threads())


@dataclass(frozen=True)
class Growth:
    """A process between the first stretch after the warm-up and the last: medians over each."""

    name: str
    rss_before_MB: float
    rss_after_MB: float
    descriptors_before: float
    descriptors_after: float
    threads_before: float
    threads_after: float

    @property
    def rss_percent(self) -> float:
        """Growth of the resident memory."""
        return (self.rss_after_MB / self.rss_before_MB - 1) * 100


def growth(name: str, looks: Sequence[Look]) -> Growth:
    """What has grown. Needs at least ten looks; raises ValueError with fewer."""
    if len(looks) < 10:
        raise ValueError(f"{name}: only {len(looks)} looks")
    looks = looks[int(len(looks) * WARM_UP) :]
    stretch = max(int(len(looks) * STRETCH), 3)
    first, last = looks[:stretch], looks[-stretch:]

    def median(of: Sequence[Look], field: str) -> float:
        return float(statistics.median(getattr(one, field) for one in of))

    return Growth(
        name,
        median(first, "rss") / 1e6,
        median(last, "rss") / 1e6,
        median(first, "descriptors"),
        median(last, "descriptors"),
        median(first, "threads"),
        median(last, "threads"),
    )
