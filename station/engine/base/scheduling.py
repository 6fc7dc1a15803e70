"""Asks the operating system to wake this process in time, by means that need no privilege.

Linux starts a waiting thread late for two reasons: timers may fire up to 50 µs late on purpose, and a busy
program may use up its slice of some milliseconds first. Both can be asked for otherwise by any user: the
timer slack, and from kernel 6.12 on a shorter slice, which brings an earlier turn for the same share of the
processor. Elsewhere, and where it is refused, everything works, only later.
"""

from __future__ import annotations

import gc
import platform
import struct
import sys

SLICE_NS = 100_000
"""The shortest slice that the kernel grants."""
SLACK_NS = 1_000
SWITCH_S = 0.0005
"""A helper thread in the middle of a calculation makes room for the main loop after this time."""

_PR_SET_TIMERSLACK = 29
_SCHED_SETATTR = {"x86_64": 314, "aarch64": 274}
_SCHED_ATTR = struct.Struct("=IIQiIQQQ")
"""As in sched_setattr(2): size, policy, flags, nice, priority, runtime, deadline, period."""


def wake_early() -> None:
    """For the calling thread and those it starts from now on. Never raises."""
    sys.setswitchinterval(SWITCH_S)
    if sys.platform == "linux":
        _ask_linux()


def settle_memory() -> None:
    """What has been loaded stays: the collector of garbage never looks at it again.

    Looking through all that the imports have left takes several milliseconds, again and again.
    """
    gc.collect()
    gc.freeze()


def _ask_linux() -> None:
    import ctypes
    import os

    system = ctypes.CDLL(None)
    # Refused or unknown: nothing has changed, and samples come a little later.
    system.prctl(_PR_SET_TIMERSLACK, ctypes.c_ulong(SLACK_NS), 0, 0, 0)
    number, policy = _SCHED_SETATTR.get(platform.machine()), os.sched_getscheduler(0)
    if number is not None and policy == os.SCHED_OTHER:
        # Only the slice changes: the nice value stays as whoever started this process set it.
        nice = os.getpriority(os.PRIO_PROCESS, 0)
        system.syscall(number, 0, _SCHED_ATTR.pack(_SCHED_ATTR.size, policy, 0, nice, 0, SLICE_NS, 0, 0), 0)
