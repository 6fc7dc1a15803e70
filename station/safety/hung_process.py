"""Ends a worker that hangs for good, so that what it holds (links to shared instruments) is free again."""

from __future__ import annotations

import psutil

from station.child_program import WORKER

WORKER_MODULE = WORKER


def end_worker(pid: int) -> bool:
    """Kill the process ``pid`` if it is a worker of this station; True when that was done.

    Only after its channel was cut: a stopped process cannot end by itself. Never raises.
    """
    try:
        process = psutil.Process(pid)
        if pid <= 1 or WORKER_MODULE not in process.cmdline():
            return False
        process.kill()
    except (psutil.Error, ValueError):
        return False
    return True
