"""The API of profiles: list, read, check as one types, compare, keep a new version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import FastAPI, Query
from pydantic import BaseModel, ConfigDict, Field

import profiles
from station.service.ending import in_thread
from station.service.persons import Engineer
from station.service.profile_fit import fits
from station.service.profile_shelf import ProfileShelf

if TYPE_CHECKING:
    from station.service.core import Station

TEXT_MAX = 200_000


class CheckProfile(BaseModel):
    """``POST /api/profiles/check``: the text, and the battery and chemistry to check it for."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    text: str = Field(max_length=TEXT_MAX)
    nominal_capacity_Ah: float = Field(default=1.0, gt=0, le=10_000)
    chemistry: str | None = None
    channels: bool = False


class DiffProfile(BaseModel):
    """``POST /api/profiles/diff``: ``text`` against ``version`` (the one in use by default) of ``name``."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(max_length=TEXT_MAX)
    name: str
    version: int | None = Field(default=None, ge=1)


class SaveProfile(BaseModel):
    """``POST /api/profiles``."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(max_length=TEXT_MAX)
    why: str = Field(max_length=400)


def add_profiles(app: FastAPI, station: Station, guarded: Sequence[Any]) -> None:
    """Add the routes."""
    shelf = ProfileShelf(station.config.data)

    @app.get("/api/profiles", dependencies=guarded)
    async def listed() -> dict[str, Any]:
        return {"profiles": await in_thread(shelf.rows)}

    @app.get("/api/profiles/{name}", dependencies=guarded)
    async def one(name: str, version: Annotated[int | None, Query(ge=1)] = None) -> dict[str, Any]:
        text = await in_thread(shelf.text, name, version)
        return {"name": name, "text": text, "versions": await in_thread(shelf.versions, name)}

    @app.post("/api/profiles/check", dependencies=guarded)
    async def check(request: CheckProfile) -> dict[str, Any]:
        return await in_thread(_check, station, request)

    @app.post("/api/profiles/diff", dependencies=guarded)
    async def diff(request: DiffProfile) -> dict[str, Any]:
        return {"lines": await in_thread(shelf.diff, request.text, request.name, request.version)}

    @app.post("/api/profiles", status_code=201, dependencies=guarded)
    async def save(request: SaveProfile, person: Engineer) -> dict[str, Any]:
        version = await in_thread(shelf.save, request.text, person.name, request.why)
        station.keeper.event(
            "profile.saved",
            {"name": version.name, "version": version.number, "who": person.name, "sha256": version.sha256},
        )
        return version.as_dict()


def _check(station: Station, request: CheckProfile) -> dict[str, Any]:
    find = ProfileShelf(station.config.data).find
    given = "nominal_capacity_Ah" in request.model_fields_set
    checked = profiles.check_text(
        request.text,
        nominal_capacity_Ah=request.nominal_capacity_Ah if given else None,
        find=find,
    )
    answer = checked.as_dict()
    if request.channels and checked.ok:
        answer["channels"] = fits(
            station.bench,
            request.text,
            nominal_capacity_Ah=request.nominal_capacity_Ah,
            chemistry=request.chemistry,
            find=find,
        )
    return answer
