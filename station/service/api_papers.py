"""The papers' part of the API: printers, labels, PDFs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from fastapi import FastAPI
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from station.service.core import Station


class LabelRequest(BaseModel):
    """``POST /api/papers/label``: a run, or a channel's newest run."""

    model_config = ConfigDict(extra="forbid")

    run_id: str | None = None
    channel: str | None = None


class OwnIdRequest(BaseModel):
    """``POST /api/papers/own-id``."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    print_it: bool = Field(default=True, alias="print")
    channel: str | None = None


def add_papers(app: FastAPI, station: Station, guarded: Sequence[Any]) -> None:
    """Add the routes."""
    papers = station.papers

    @app.get("/api/printers", dependencies=guarded)
    async def printers() -> dict[str, Any]:
        return {"printers": await papers.printers()}

    @app.post("/api/papers/label", dependencies=guarded)
    async def label(request: LabelRequest) -> dict[str, Any]:
        return await papers.print_label(request.run_id, request.channel)

    @app.post("/api/papers/own-id", dependencies=guarded)
    async def own_id(request: OwnIdRequest) -> dict[str, Any]:
        return await papers.own_id(print_it=request.print_it, channel=request.channel)

    @app.get("/api/runs/{run_id}/label.png", dependencies=guarded)
    async def label_png(run_id: str) -> Response:
        return Response(await papers.label_png(run_id), media_type="image/png")

    @app.get("/api/runs/{run_id}/{kind}.pdf", dependencies=guarded)
    async def pdf(
        run_id: str, kind: Literal["report", "certificate"], lang: Literal["zh", "en"] = "zh"
    ) -> Response:
        return Response(await papers.pdf(run_id, kind, lang), media_type="application/pdf")
