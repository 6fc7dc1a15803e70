"""The service is asked while the window is still being made: neither waits for the other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from importlib import import_module
from typing import Final

from station.ui.backend import Backend

ASKS_WITH: Final = ("station.service.http_library", "ssl", "websockets.sync.client")
"""What a connection to the service is made of."""


def warm() -> None:
    """Load what the service is asked with, in a thread: the display's own waiting is time enough."""

    def load() -> None:
        import_module(ASKS_WITH[0]).light_httpx()
        for name in ASKS_WITH[1:]:
            import_module(name)

    threading.Thread(target=load, name="warm", daemon=True).start()


class HeadStart:
    """Begins to ``connect`` at once, in a thread.

    The first call gives what came of it, a later one connects anew.
    """

    def __init__(self, connect: Callable[[], Backend]) -> None:
        self._connect = connect
        first: Future[Backend] = Future()
        self._first: Future[Backend] | None = first

        def begin() -> None:
            try:
                first.set_result(connect())
            except BaseException as error:  # noqa: BLE001 - it is the first call's to raise
                first.set_exception(error)

        threading.Thread(target=begin, name="head-start", daemon=True).start()

    def __call__(self) -> Backend:
        """A connection. Blocks until there is one, or raises what ``connect`` raised."""
        first, self._first = self._first, None
        return self._connect() if first is None else first.result()
