"""Runs a worker before ordinary programs, and lets them go first while they have to wait for it.

Where the computer allows it (root, CAP_SYS_NICE or an rtprio limit), a worker on a real clock runs in real
time: a sample is not late because a window paints. The guard runs before the workers. On a computer that is
too small for its channels real-time workers would take all of it, and the operator's stop would wait in the
service's queue; so one ordinary thread of each worker sleeps and looks how late it is woken.
"""

from __future__ import annotations

import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

REAL_TIME_PRIORITY = 5
"""Of the 99 that Linux has; the guard's is higher (``station.safety.priority``), and a test holds that."""
BUSY_MAX_S = 1.0
"""A worker in real time that computes so long without ever waiting is ended by the kernel, and the guard
cuts: nothing else on that processor would run."""
LOOK_S = 0.05
PATIENCE_S = 0.1
"""So late may an ordinary program be woken: a stop is to reach the wire within 0.15 s."""
LOOKS_TO_GIVE_UP, LOOKS_TO_TAKE_AGAIN = 3, 20
_tick = threading.Event()


def precedence() -> str:
    """What the calling thread has at present: ``real-time`` or ``ordinary``."""
    if sys.platform != "linux":
        return "ordinary"
    import os

    return "real-time" if os.sched_getscheduler(0) == os.SCHED_RR else "ordinary"


def take_precedence() -> None:
    """All threads of this process, and those they start from now on, before ordinary programs.

    Never raises; where it is refused samples come a little later. Only for a bench on a real clock: one in a
    hurry takes all the processor it can get.
    """
    if sys.platform != "linux":
        return
    import os
    import resource

    courteous = threading.Thread(
        target=lambda: _make_room(threading.get_native_id()), name="courtesy", daemon=True
    )
    courteous.start()
    with suppress(OSError, ValueError):
        _schedule(os.SCHED_RR, REAL_TIME_PRIORITY, except_thread=courteous.native_id)
        busy_us = int(BUSY_MAX_S * 1e6)
        resource.setrlimit(resource.RLIMIT_RTTIME, (busy_us, busy_us))


class Courtesy:
    """Decides by how late an ordinary thread was woken: three times in a row too late, and the worker lets
    others go first; twenty times in time, and it takes its turn back."""

    def __init__(self) -> None:
        self._waits = self._calm = 0

    def look(self, late_s: float) -> str | None:
        """``ordinary`` or ``real-time`` where that should change now."""
        self._waits = self._waits + 1 if late_s > PATIENCE_S else 0
        self._calm = self._calm + 1 if late_s < PATIENCE_S / 4 else 0
        if self._waits == LOOKS_TO_GIVE_UP:
            return "ordinary"
        return "real-time" if self._calm == LOOKS_TO_TAKE_AGAIN else None


def _make_room(own: int) -> None:
    """Look again and again, in the one thread that stays ordinary."""
    import os

    courtesy = Courtesy()
    while True:
        asleep = time.monotonic()
        _tick.wait(LOOK_S)
        wanted = courtesy.look(time.monotonic() - asleep - LOOK_S)
        try:
            if wanted == "ordinary":
                _schedule(os.SCHED_OTHER, 0, except_thread=own)
            elif wanted == "real-time":
                _schedule(os.SCHED_RR, REAL_TIME_PRIORITY, except_thread=own)
        except OSError:
            return  # not allowed, now or ever


def _schedule(policy: int, priority: int, except_thread: int | None = None) -> None:
    """For every thread of this process. Raises OSError where it is not allowed."""
    import os

    for task in Path("/proc/self/task").iterdir():
        thread = int(task.name)
        if thread != except_thread:
            with suppress(ProcessLookupError):  # it has ended meanwhile
                os.sched_setscheduler(thread, policy, os.sched_param(priority))
