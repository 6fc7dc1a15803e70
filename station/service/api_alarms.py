"""The alarm list over HTTP: seen by everybody, acknowledged by anybody, shelved by an engineer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.params import Depends as Dependency
from pydantic import BaseModel, ConfigDict, Field

from station.messages import LANGUAGES, say, why
from station.service.core import Station
from station.service.orders import find_channel
from station.service.persons import Engineer, person_of


class SeenRequest(BaseModel):
    """``POST /api/alarms/{number}/acknowledge``; may be left out."""

    model_config = ConfigDict(extra="forbid")

    who: str | None = Field(default=None, max_length=64)


class SeenAllRequest(SeenRequest):
    """``POST /api/alarms/acknowledge``: all of ``channel``, without one those of the bench as a whole."""

    channel: str | None = None


class ShelveRequest(BaseModel):
    """``POST /api/alarms/{number}/shelve``."""

    model_config = ConfigDict(extra="forbid")

    duration_s: float
    reason: str = Field(max_length=400)


def add_alarms(app: FastAPI, station: Station, guarded: Sequence[Dependency]) -> None:
    """The routes of the alarm list."""

    @app.get("/api/alarms", dependencies=guarded)
    async def alarms() -> dict[str, Any]:
        return {"alarms": [with_words(row) for row in station.alarms.rows()]}

    @app.post("/api/alarms/acknowledge", dependencies=guarded)
    async def acknowledge_all(body: SeenAllRequest, request: Request) -> dict[str, Any]:
        channel = body.channel
        if channel is not None:
            find_channel(station.bench, channel)
        return {"acknowledged": station.alarms.acknowledge_channel(channel, _who(request, body.who))}

    @app.post("/api/alarms/{number}/acknowledge", dependencies=guarded)
    async def acknowledge(number: int, request: Request, body: SeenRequest | None = None) -> dict[str, Any]:
        who = _who(request, body.who if body else None)
        return {"acknowledged": station.alarms.acknowledge(number, who)}

    @app.post("/api/alarms/{number}/shelve", dependencies=guarded)
    async def shelve(number: int, body: ShelveRequest, person: Engineer) -> dict[str, Any]:
        row = station.alarms.shelve(number, person.name, body.duration_s, body.reason)
        return {"alarm": with_words(row)}

    @app.post("/api/alarms/{number}/unshelve", dependencies=guarded)
    async def unshelve(number: int, person: Engineer) -> dict[str, Any]:
        return {"alarm": with_words(station.alarms.unshelve(number, person.name))}


def _who(request: Request, said: str | None) -> str | None:
    """The person who is logged in, else the name that came along."""
    person = person_of(request)
    return said if person is None else person.name


def with_words(row: dict[str, Any]) -> dict[str, Any]:
    """The alarm with what it means, in every language: text, cause, consequence, what to do."""
    words = {}
    for lang in LANGUAGES:
        code, params = row["code"], row["params"]
        said = say(code, params, lang, fallback=row["message"], fallback_remedy=row["remedy"])
        deep = why(code, params, lang)
        words[lang] = {
            "text": said.text, "cause": deep.cause, "consequence": deep.consequence, "remedy": said.remedy,
        }  # fmt: skip
    return {**row, "words": words}
