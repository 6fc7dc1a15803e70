"""Simulated time that waits for the host: it hurries only while the host sleeps.

On a clock that simply runs fast, one exchange of 2 ms takes 40 ms of bench time at 20 times real time, and
samples come as coarsely as the computer is busy. Here time runs at ``FLOW`` times real time while the host
works. When the host sleeps until its next instant it moves time on to just there, through sixteen bytes of a
file that both have mapped: the seconds that were slept and the flow, two floats in the computer's byte order.
"""

from __future__ import annotations

import mmap
import struct
import time
from collections.abc import Callable
from pathlib import Path

from simulators.clock import SimClock

FLOW = 0.25
"""Bench seconds per real second while the host works: simulating an instrument on the same, often busy
computer takes several times what asking one takes, and an edge must not wait for it."""
_FORMAT = struct.Struct("=dd")


class WaitingClock(SimClock):
    """``speed`` is what host and bench count on where real time comes in; the pace is the host's own.

    For one channel: two hosts would move each other's time. Raises OSError when the file cannot be made.
    """

    def __init__(
        self, file: Path, *, speed: float = 1.0, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.file = file
        file.write_bytes(_FORMAT.pack(0.0, FLOW))
        with file.open("r+b") as opened:
            self._slept = mmap.mmap(opened.fileno(), _FORMAT.size)
        self._began_s = monotonic()
        super().__init__(speed=speed, monotonic=monotonic)

    def now_s(self) -> float:
        """Simulated time now."""
        slept_s, flow = _FORMAT.unpack_from(self._slept)
        return (self._monotonic() - self._began_s) * float(flow) + float(slept_s)

    def sim_at_real_s(self, real_s: float) -> float:
        """Simulated time at the real instant ``real_s``, if the host sleeps until then."""
        return self.now_s() + (real_s - self._monotonic()) * self.speed

    def real_at_sim_s(self, sim_s: float) -> float:
        """Real (monotonic) time of the simulated instant, if the host sleeps until then."""
        return self._monotonic() + (sim_s - self.now_s()) / self.speed
