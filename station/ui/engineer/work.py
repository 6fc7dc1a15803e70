"""Calls that may block, in threads; what comes of them is handled in the window's own thread."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import QObject
from shiboken6 import Shiboken

from station.errors import StationError
from station.ui.bell import Bell

THREADS: Final = 2


class Work:
    """A few threads and an inbox that the window's loop empties."""

    def __init__(self, parent: QObject) -> None:
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._done: deque[Callable[[], None]] = deque()
        self._bell = Bell(parent, self.deliver)
        self._threads: list[threading.Thread] = []

    def ask(
        self,
        owner: QObject,
        work: Callable[[], Any],
        then: Callable[[Any], None],
        failed: Callable[[StationError], None],
    ) -> None:
        """Do ``work`` in a thread, then ``then`` or ``failed`` here; neither once ``owner`` is deleted."""
        while len(self._threads) < THREADS:
            thread = threading.Thread(target=self._serve, name=f"page {len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()

        def job() -> None:
            try:
                value = work()
            except StationError as error:
                self._put(owner, failed, error)
            except Exception as error:  # noqa: BLE001 - a page that failed says so, whatever the reason
                text = f"{type(error).__name__}: {error}"
                self._put(owner, failed, StationError(text, code="ui.request_failed"))
            else:
                self._put(owner, then, value)

        self._jobs.put(job)

    def deliver(self) -> None:
        """Handle everything that is done."""
        while self._done:
            self._done.popleft()()

    def close(self, last: Callable[[], None] | None = None, wait_s: float = 3.0) -> None:
        """End the threads when they have done what they are at, then do ``last``."""
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join(wait_s)
        if last is not None:
            ending = threading.Thread(target=last, name="page end", daemon=True)
            ending.start()
            ending.join(wait_s)
        self._bell.close()

    def _put(self, owner: QObject, handle: Callable[[Any], None], value: Any) -> None:
        def give() -> None:
            if Shiboken.isValid(owner):
                handle(value)

        self._done.append(give)
        self._bell.ring()

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
