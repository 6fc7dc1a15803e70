"""How often a run measures, and by whose seconds its links are judged. Only dry runs have another pace."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from profiles.plan import Segment

SUPERVISE_S = 0.02
"""Longest real time between two looks at stop requests, guard and watchdog."""


@dataclass(frozen=True)
class Pace:
    """``real_s``: seconds in which links are slow or silent; on hardware those of the wall.

    ``period_s``: bench seconds between two samples of a segment, None for the profile's own. ``piece_s``:
    bench seconds that are slept at once, None for ``SUPERVISE_S`` of real time.
    """

    real_s: Callable[[], float] = time.monotonic
    period_s: Callable[[Segment], float] | None = None
    piece_s: float | None = None


OWN = Pace()
"""That of every run on hardware: as the profile says."""
