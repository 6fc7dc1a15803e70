"""Has the operating system run the guard before others, as far as it allows that."""

from __future__ import annotations

import os
import sys

import psutil

ROUND_ROBIN_PRIORITY = 10
"""Before every ordinary process and before the workers (5), behind the system's own."""
NICE = -15


def raise_priority() -> str:
    """Ask for real-time scheduling, else for a better nice value; what was granted. Never raises.

    Call it before any thread is started: threads inherit it. The guard mostly sleeps, so it takes nothing
    from others; on a loaded computer it must not wait for them.
    """
    if sys.platform == "linux":
        try:
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(ROUND_ROBIN_PRIORITY))
        except OSError:
            pass  # not allowed: the nice value is tried
        else:
            return "real-time"
    try:
        psutil.Process().nice(psutil.HIGH_PRIORITY_CLASS if sys.platform == "win32" else NICE)
    except (psutil.Error, OSError):
        return "ordinary"
    return "nice"
