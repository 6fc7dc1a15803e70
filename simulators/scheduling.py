"""Answers in time although other programs are busy: an instrument has a processor of its own.

On Linux the simulators ask for a timer slack of 1 µs instead of 50 µs, and from kernel 6.12 on for the
shortest slice (0.1 ms), which brings an earlier turn for the same share of the processor. Any user may.
On a clock that is not hurried they run in real time where the computer allows it, as do those that ask them.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
from contextlib import suppress

_PR_SET_TIMERSLACK = 29
_SCHED_SETATTR = {"x86_64": 314, "aarch64": 274}
_SLICE_NS = 100_000
_REAL_TIME_PRIORITY = 5


def answer_early(*, hurried: bool = True) -> None:
    """For the calling thread. Never raises; where it is refused, replies only come later.

    ``hurried``: simulated time runs faster than real time, and takes all the processor it can get; then
    nothing is asked for that other programs would have to wait for.
    """
    if sys.platform != "linux":
        return
    if not hurried:
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(_REAL_TIME_PRIORITY))
    system = ctypes.CDLL(None)
    system.prctl(_PR_SET_TIMERSLACK, ctypes.c_ulong(1000), 0, 0, 0)
    number = _SCHED_SETATTR.get(platform.machine())
    if number is not None and os.sched_getscheduler(0) == os.SCHED_OTHER:
        # sched_setattr(2): size, policy, flags, nice, priority, runtime, deadline, period
        nice = os.getpriority(os.PRIO_PROCESS, 0)
        system.syscall(number, 0, struct.pack("=IIQiIQQQ", 48, 0, 0, nice, 0, _SLICE_NS, 0, 0), 0)
