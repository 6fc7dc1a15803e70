"""Routes of what traceability platforms are told: the queue, its files, and what the platform answered."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import FastAPI, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from station.exports.trace import add, batch_file, collect, export, queue, template_rows
from station.service.ending import in_thread
from station.service.persons import AnyPerson, Engineer

if TYPE_CHECKING:
    from station.service.core import Station

FOLDER = Path("trace") / "out"
"""Below the data folder: where files are written that are asked for here."""


class TraceRequest(BaseModel):
    """``POST /api/trace``; ``on`` is the day it happened, today unless told."""

    model_config = ConfigDict(extra="forbid")

    template: str = Field(max_length=40)
    battery: str | None = Field(default=None, max_length=128)
    run_id: str | None = Field(default=None, max_length=64)
    on: date | None = None
    fields: dict[str, str] = {}


class ExportRequest(BaseModel):
    """``POST /api/trace/export``."""

    model_config = ConfigDict(extra="forbid")

    template: str = Field(max_length=40)
    format: Literal["csv", "xlsx", "json"] = "xlsx"


class AnswerRequest(BaseModel):
    """``POST /api/trace/answer``: what the platform said of a batch."""

    model_config = ConfigDict(extra="forbid")

    batch: str = Field(max_length=80)
    taken: bool
    receipt: str = Field(min_length=1, max_length=400)


def add_trace(app: FastAPI, station: Station, guarded: list[Any]) -> None:
    """Add the routes."""
    data = station.config.data

    @app.get("/api/trace", dependencies=guarded)
    async def listed(everything: Annotated[bool, Query(alias="all")] = False) -> dict[str, Any]:
        """The queue, the most urgent first, and the templates."""
        today = datetime.now().astimezone().date()
        items = await in_thread(queue, station.records, today, all_states=everything)
        return {"items": items, "templates": await in_thread(template_rows, data)}

    @app.post("/api/trace", status_code=201, dependencies=guarded)
    async def put(request: TraceRequest, person: AnyPerson) -> dict[str, Any]:
        item, new = await in_thread(
            add, station.records, request.template, request.battery,
            run_id=request.run_id, happened_on=request.on, given=request.fields, by=person.name,
        )  # fmt: skip
        return {**item, "new": new}

    @app.post("/api/trace/collect", dependencies=guarded)
    async def gather(person: AnyPerson) -> dict[str, Any]:
        """Queue every completed test of a real battery that is not queued yet."""
        return await in_thread(collect, station.records, by=person.name)

    @app.post("/api/trace/export", dependencies=guarded)
    async def write(request: ExportRequest, person: Engineer) -> dict[str, Any]:
        """All that waits for a template, or a batch that was cut off, as a file in the data folder."""
        folder = data / FOLDER
        await in_thread(folder.mkdir, parents=True, exist_ok=True)
        told = await in_thread(
            export, station.records, request.template, folder, request.format, by=person.name
        )
        return {"batch": told}

    @app.post("/api/trace/answer", dependencies=guarded)
    async def answer(request: AnswerRequest, person: Engineer) -> dict[str, Any]:
        """Confirmed items are done; refused ones wait again."""
        count = await in_thread(
            station.records.answer_batch, request.batch,
            taken=request.taken, receipt=request.receipt, by=person.name,
        )  # fmt: skip
        return {"batch": request.batch, "count": count}

    @app.get("/api/trace/batches/{batch}/file", dependencies=guarded)
    async def content(batch: str, _person: Engineer) -> Response:
        """A batch's file as it was written."""
        name, written = await in_thread(batch_file, station.records, batch)
        header = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(written, media_type="application/octet-stream", headers=header)
