"""Routes that look back: runs by what is known of them, and several runs side by side."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import FastAPI, Query

from station.service.core import Station
from station.service.ending import in_thread
from station.service.persons import Engineer

COMPARE_MOST = 8
Word = Annotated[str | None, Query(max_length=80)]
When = Annotated[str | None, Query(pattern=r"^\d{4}-\d{2}-\d{2}(T[\d:.]{5,15}Z)?$")]


def add_history(app: FastAPI, station: Station, guarded: list[Any]) -> None:
    """``GET /api/history`` and ``GET /api/history/compare``."""

    @app.get("/api/history", dependencies=guarded)
    async def search(
        _person: Engineer,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
        before: int | None = None,
        battery: Word = None,
        since: When = None,
        until: When = None,
        verdict: Word = None,
        grade: Word = None,
        profile: Word = None,
        channel: Word = None,
        outcome: Word = None,
        text: Word = None,
    ) -> dict[str, Any]:
        """A page of runs, newest first; ``before`` is the ``next`` of the page before."""
        return await in_thread(
            station.records.search_runs,
            limit=limit, before=before, battery=battery, since=since, until=until, verdict=verdict,
            grade=grade, profile=profile, channel=channel, outcome=outcome, text=text,
        )  # fmt: skip

    @app.get("/api/history/compare", dependencies=guarded)
    async def compare(
        _person: Engineer, run: Annotated[list[str], Query(min_length=1, max_length=COMPARE_MOST)]
    ) -> dict[str, Any]:
        """The runs asked for, in that order, each with its result and its files."""
        return {"runs": [await in_thread(_with_result, station, run_id) for run_id in run]}


def _with_result(station: Station, run_id: str) -> dict[str, Any]:
    row = station.records.find_run(run_id)
    text = station.records.results_of([run_id]).get(run_id)
    row["result"] = None if text is None else json.loads(text)
    row["folder"] = str(station.config.data / "runs" / run_id)
    return {key: value for key, value in row.items() if not key.startswith("worker_")}
