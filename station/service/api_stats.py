"""Routes that ask all results together: what ``station stats`` tells, as data and as CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import FastAPI
from fastapi.responses import Response
from pydantic import Field

from station.service.api_history import When
from station.service.ending import in_thread
from station.service.persons import Engineer
from station.service.stats_work import Archive

if TYPE_CHECKING:
    from station.service.core import Station

Question = Literal["yield", "spread", "repeat", "channels"]
By = Annotated[
    Literal["maker", "source", "type", "profile", "bench", "channel", "month"],
    Field(description="What results are told apart by."),
]


def add_stats(app: FastAPI, station: Station, guarded: list[Any]) -> None:
    """``GET /api/stats`` and ``GET /api/stats/{question}.csv``."""
    archive = Archive(station.config.data)

    @app.get("/api/stats", dependencies=guarded)
    async def asked(_person: Engineer, since: When = None, until: When = None) -> dict[str, Any]:
        """All answers over the judged tests begun in the span, asked anew."""
        return await archive.answers(since, until, again=True)

    @app.get("/api/stats/{question}.csv", dependencies=guarded)
    async def table(
        _person: Engineer, question: Question, by: By = "source", since: When = None, until: When = None
    ) -> Response:
        """One question's rows as they were asked last over this span, in SI units and shares."""
        told = await archive.answers(since, until, again=False)
        content = await in_thread(_csv, told, question, by)
        header = {"Content-Disposition": f'attachment; filename="{question}.csv"'}
        return Response(content, media_type="text/csv; charset=utf-8", headers=header)


def _csv(told: dict[str, Any], question: str, by: str) -> bytes:
    from station.archive.answers import rows_of
    from station.exports.tables import csv_bytes

    rows = rows_of(told, question, by)
    columns = list(rows[0]) if rows else ["group"]
    return csv_bytes(columns, [list(row.values()) for row in rows])
