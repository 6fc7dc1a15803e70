"""Waiting with a deadline."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

_tick = threading.Event()


def pause(seconds: float) -> None:
    """Do nothing for a while."""
    _tick.wait(seconds)


def wait_until(condition: Callable[[], Any], what: str, timeout_s: float = 30.0, poll_s: float = 0.05) -> Any:
    """Poll with a deadline; returns what the condition gave when it became true. Raises TimeoutError."""
    deadline = time.monotonic() + timeout_s
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {timeout_s:g} s")
        _tick.wait(poll_s)
