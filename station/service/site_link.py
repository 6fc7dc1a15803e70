"""Tells the site what waits in the outbox, in its own time: no test waits for it, and nothing is lost."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from station.errors import StationError
from station.records import Records
from station.service.ending import in_thread

INTERVAL_S = 30.0
"""Between two rounds."""

Told = tuple[str, str, dict[str, Any]]
"""Code, level and params of an event."""


class SiteLink:
    """Runs while the service does. What it meets is told when it changes, not at every round."""

    def __init__(self, data: Path, tell: Callable[[str, str, dict[str, Any]], None]) -> None:
        self._data = data
        self._tell = tell
        self._stop = threading.Event()
        self._task: asyncio.Task[None] | None = None
        self._trouble: str | None = None

    def start(self, records: Records) -> None:
        """Begin; where the station belongs to no site, a round is one look at the settings."""
        self._task = asyncio.create_task(self._work(records))

    async def close(self) -> None:
        """End after the batch that is on its way."""
        self._stop.set()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _work(self, records: Records) -> None:
        while True:
            for code, level, params in await in_thread(self.round, records):
                self._tell(code, level, params)
            await asyncio.sleep(INTERVAL_S)

    def round(self, records: Records) -> list[Told]:
        """One look at settings and outbox. Returns what is to be told."""
        from station.evidence import station_key
        from station.sites.forward import forwarder_for
        from station.sites.settings import read_settings

        try:
            settings = read_settings(self._data)
            if settings is None:
                return []
            station = station_key(self._data).key_id
            done = forwarder_for(records, station, settings).forward(stop=self._stop.is_set)
        except StationError as error:
            return self._met(error)
        told: list[Told] = [
            ("site.refused", "warning", {"run_id": run_id, "reason": reason})
            for run_id, reason in done.refused.items()
        ]
        if done.sent:
            told.append(("site.forwarded", "info", {"count": done.sent, "site": settings.told}))
        return told + self._met(done.error)

    def _met(self, error: StationError | None) -> list[Told]:
        before, self._trouble = self._trouble, None if error is None else error.code
        if error is None or self._trouble == before:
            return []
        return [("site.waiting", "warning", {"code": error.code, "reason": error.message})]
