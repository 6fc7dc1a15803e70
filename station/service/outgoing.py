"""What goes out by itself, to site and MES. No test waits for it, and nothing is lost when it fails."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from station.records import Records
from station.service.ending import in_thread

INTERVAL_S = 30.0
"""Between two rounds."""

Told = tuple[str, str, dict[str, Any]]
"""Code, level and params of an event."""


class Way(Protocol):
    """One receiver."""

    def round(self, records: Records, stop: Callable[[], bool]) -> list[Told]:
        """Send what waits. Returns what is to be told; raises nothing."""


class Outgoing:
    """All ways in turn, while the service runs."""

    def __init__(self, ways: Sequence[Way], tell: Callable[[str, str, dict[str, Any]], None]) -> None:
        self._ways, self._tell = ways, tell
        self._stop = threading.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self, records: Records) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._work(records))

    async def close(self) -> None:
        """End after what is on its way."""
        self._stop.set()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _work(self, records: Records) -> None:
        while True:
            for way in self._ways:
                for code, level, params in await in_thread(way.round, records, self._stop.is_set):
                    self._tell(code, level, params)
            await asyncio.sleep(INTERVAL_S)
