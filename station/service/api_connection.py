"""Guided connection over HTTP: the form and its answers, photos, and a look at the leads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.params import Depends as Dependency
from pydantic import BaseModel, ConfigDict, Field

from station.models.checklist import Answers
from station.reports.battery_code import read_code
from station.service.connection.camera import SCHEME, offered, shoot
from station.service.connection.photos import newest, take
from station.service.core import Station
from station.service.ending import in_thread
from station.service.orders import find_channel
from station.service.persons import decider


class AnswerRequest(Answers):
    """``POST /api/channels/{id}/connection``."""

    battery: str = Field(max_length=200)
    who: str | None = Field(default=None, max_length=64)


class PhotoRequest(BaseModel):
    """``POST /api/channels/{id}/photos``: a file on this computer, a name in the watched folder, or the
    bench's camera, ``camera://`` and its number."""

    model_config = ConfigDict(extra="forbid")

    battery: str = Field(max_length=200)
    path: str | None = Field(default=None, max_length=1000)
    name: str | None = Field(default=None, max_length=300)


class LookRequest(BaseModel):
    """``POST /api/channels/{id}/look``; may be left out."""

    model_config = ConfigDict(extra="forbid")

    chemistry: str | None = None
    nominal_capacity_Ah: float | None = None


def add_connection(app: FastAPI, station: Station, guarded: Sequence[Dependency]) -> None:
    """The routes of guided connection; before those with a word of any kind behind the channel."""

    @app.get("/api/channels/{channel}/connection", dependencies=guarded)
    async def connection(channel: str) -> dict[str, Any]:
        return {**await station.connection.state(channel), "look": station.looks.latest(channel)}

    @app.post("/api/channels/{channel}/connection", dependencies=guarded)
    async def answer(channel: str, body: AnswerRequest, request: Request) -> dict[str, Any]:
        who = decider(request, body.who)
        said = Answers(answers=body.answers, notes=body.notes, confirmed=body.confirmed)
        return await station.connection.answer(channel, read_code(body.battery).text, said, who)

    @app.get("/api/channels/{channel}/photos", dependencies=guarded)
    async def photos(channel: str) -> dict[str, Any]:
        find_channel(station.bench, channel)
        camera = await in_thread(offered, _camera(station))
        return {"newest": camera + await in_thread(newest, _watched(station))}

    @app.post("/api/channels/{channel}/photos", status_code=201, dependencies=guarded)
    async def attach(channel: str, body: PhotoRequest) -> dict[str, Any]:
        place = find_channel(station.bench, channel)
        folder = station.config.paths.folder / "photos"
        watched, camera = _watched(station), _camera(station)
        if camera is not None and body.path == f"{SCHEME}{camera}":
            photo = await in_thread(shoot, camera, folder, station.config.data)
        else:
            source = Path(body.path) if body.path else (watched or Path()) / Path(body.name or "").name
            photo = await in_thread(take, source, folder, station.config.data)
        return await station.connection.attach(place.id, read_code(body.battery).text, photo)

    @app.post("/api/channels/{channel}/look", status_code=202, dependencies=guarded)
    async def look(channel: str, body: LookRequest | None = None) -> dict[str, bool]:
        await station.look(
            channel, body.chemistry if body else None, body.nominal_capacity_Ah if body else None
        )
        return {"ok": True}

    @app.post("/api/channels/{channel}/look/stop", dependencies=guarded)
    async def look_stop(channel: str) -> dict[str, bool]:
        await station.looks.end(find_channel(station.bench, channel).id)
        return {"ok": True}


def _watched(station: Station) -> Path | None:
    """The folder where photos arrive: absolute, or inside the data folder."""
    connection = station.bench.connection
    return (
        None if connection is None or connection.photos is None else station.config.data / connection.photos
    )


def _camera(station: Station) -> int | None:
    """The number of the camera that the bench names."""
    connection = station.bench.connection
    return None if connection is None else connection.camera
