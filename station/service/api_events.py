"""Routes over the log of events, and the mark that its chain has been checked."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import FastAPI, Query

from station.errors import RecordError
from station.service.api_history import When, Word
from station.service.core import Station
from station.service.ending import in_thread
from station.service.persons import Engineer

STEP = 5000
"""So many links are checked at once; between them other threads have their turn."""


class ChainMark:
    """How far the chain was checked since the service began; checks only what is new unless asked for all."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._one = asyncio.Lock()
        self._id, self._hash, self._count = 0, "", 0

    async def check(self, *, again: bool) -> dict[str, Any]:
        """``{"verified_to", "events", "broken_at"}``; ``broken_at`` is None while every link holds."""
        async with self._one:
            if again:
                self._id, self._hash, self._count = 0, "", 0
            broken = good_to = None
            try:
                while True:
                    self._id, self._hash, count = await in_thread(
                        self._station.records.chain_from, self._id, self._hash, most=STEP
                    )
                    self._count += count
                    if count < STEP:
                        break
            except RecordError as error:
                if error.code != "record.chain_broken":
                    raise
                broken, good_to = error.params["event_id"], error.params["good_to"]
            return {
                "verified_to": self._id if good_to is None else good_to,
                "events": self._count,
                "broken_at": broken,
            }


def add_events(app: FastAPI, station: Station, guarded: list[Any]) -> None:
    """``GET /api/events`` and ``GET /api/events/chain``."""
    mark = ChainMark(station)

    @app.get("/api/events", dependencies=guarded)
    async def search(
        _person: Engineer,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        before: int | None = None,
        code: Word = None,
        channel: Word = None,
        level: Word = None,
        source: Word = None,
        run_id: Word = None,
        since: When = None,
        until: When = None,
        text: Word = None,
    ) -> dict[str, Any]:
        """A page of events, newest first; ``before`` is the ``next`` of the page before."""
        return await in_thread(
            station.records.search_events,
            limit=limit, before=before, code=code, channel=channel, level=level, source=source,
            run_id=run_id, since=since, until=until, text=text,
        )  # fmt: skip

    @app.get("/api/events/chain", dependencies=guarded)
    async def chain(_person: Engineer, again: bool = False) -> dict[str, Any]:
        """Check the chain: what is new since the last time, or ``again`` all of it."""
        return await mark.check(again=again)
