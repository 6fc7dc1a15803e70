"""The time of a dry run: it does not run on while the computer does something else.

Simulated instruments and engine share one process and this one source. Between two looks at it no more than
``LONGEST_S`` passes, so that a process that was not scheduled for seconds meets no watchdog that has expired
and no sample that is seconds late.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

LONGEST_S = 0.02


class PatientTime:
    """A monotonic source in s. Safe to ask from several threads."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._seen_s = monotonic()
        self._now_s = 0.0

    def __call__(self) -> float:
        """Seconds since it was made, without what was slept through."""
        with self._lock:
            real_s = self._monotonic()
            self._now_s += min(real_s - self._seen_s, LONGEST_S)
            self._seen_s = real_s
            return self._now_s


class PlayersTime(PatientTime):
    """The same in memory, where nothing has a time of its own: only the thread that plays moves it.

    How often others look says nothing; a player that waited for them on a busy computer met no gap.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__(monotonic)
        self._player = threading.get_ident()

    def __call__(self) -> float:
        """Seconds; whoever else looks finds those of the player's last look."""
        return super().__call__() if threading.get_ident() == self._player else self._now_s
