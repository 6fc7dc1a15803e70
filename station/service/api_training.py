"""The course over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Literal

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

from station.errors import UsageError
from station.service.core import Station
from station.service.ending import in_thread
from station.service.training import Course
from station.training.sheet import sheet_page


class MissionRequest(BaseModel):
    """``POST /api/training``."""

    model_config = ConfigDict(extra="forbid")

    trainee: str = Field(max_length=64)
    mission: str


class WordRequest(BaseModel):
    """``POST /api/training/say``: an answer with its choice, or a deed at the bench."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["answer", "mended", "estop"]
    value: str = ""


def add_training(app: FastAPI, station: Station, guarded: Sequence[Any]) -> None:
    """Routes below ``/api/training``; all of them refuse on a real bench."""
    course = Course(station)
    rights = list(guarded)

    @app.get("/api/training", dependencies=rights)
    async def status() -> dict[str, Any]:
        return course.status()

    @app.get("/api/training/missions", dependencies=rights)
    async def missions() -> dict[str, Any]:
        return {"missions": course.missions()}

    @app.post("/api/training", status_code=201, dependencies=rights)
    async def start(request: MissionRequest) -> dict[str, Any]:
        return await asyncio.shield(course.start(request.trainee, request.mission))

    @app.post("/api/training/say", dependencies=rights)
    async def say(request: WordRequest) -> dict[str, Any]:
        return await asyncio.shield(course.say(request.kind, request.value))

    @app.post("/api/training/end", dependencies=rights)
    async def end() -> dict[str, Any]:
        return await asyncio.shield(course.end())

    @app.get("/api/training/sheets", dependencies=rights)
    async def sheets() -> dict[str, Any]:
        return {"trainees": await in_thread(course.sheets.trainees)}

    @app.get("/api/training/sheets/{trainee}", dependencies=rights)
    async def sheet(trainee: str, lang: str = "zh") -> dict[str, Any]:
        found = await in_thread(course.sheets.read, trainee)
        if found is None:
            raise UsageError(
                f"{trainee} has no result sheet",
                remedy="the first mission makes one",
                code="training.no_sheet",
                trainee=trainee,
            )
        return {"sheet": found, "page": sheet_page(found, lang)}
