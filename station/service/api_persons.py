"""Routes of login and of the people on record."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from pydantic import BaseModel, ConfigDict, Field

from station.errors import UsageError
from station.service.core import Station
from station.service.ending import in_thread
from station.service.persons import HEADER, Admin, AnyPerson, Persons, person_of
from station.service.roles import Person, Role


class LoginRequest(BaseModel):
    """``POST /api/login``: a badge, or name and PIN."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    badge: str | None = Field(default=None, max_length=200)
    name: str | None = Field(default=None, max_length=80)
    pin: str | None = Field(default=None, max_length=80)


class NewPerson(BaseModel):
    """``POST /api/persons``."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    name: str = Field(max_length=80)
    role: Role
    pin: str | None = Field(default=None, max_length=80)
    badge: str | None = Field(default=None, max_length=200)


class PersonChange(BaseModel):
    """``PATCH /api/persons/{id}``: only what is given changes; a PIN or badge of null is taken away."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    role: Role | None = None
    active: bool | None = None
    pin: str | None = Field(default=None, max_length=80)
    badge: str | None = Field(default=None, max_length=200)


def add_persons(app: FastAPI, station: Station, guarded: list[Any]) -> None:
    """Add the routes; ``app.state.persons`` is what ``needs`` asks."""
    persons = Persons(station)
    app.state.persons = persons

    @app.post("/api/login", dependencies=guarded)
    async def login(request: LoginRequest) -> dict[str, Any]:
        if (request.badge is None) == (request.pin is None):
            raise UsageError(
                "log in by a badge, or by name and PIN",
                remedy="send one of them",
                code="usage.request",
                field="badge",
            )
        token, person = await persons.login(badge=request.badge, name=request.name, pin=request.pin)
        return {"session": token, "person": _told(person), "idle_s": persons.sessions.idle_s}

    @app.post("/api/logout", dependencies=guarded)
    async def logout(request: Request) -> dict[str, bool]:
        persons.logout(request.headers.get(HEADER, ""))
        return {"ok": True}

    @app.get("/api/me", dependencies=guarded)
    async def me(request: Request) -> dict[str, Any]:
        person = person_of(request)
        return {"person": person and _told(person)}

    @app.get("/api/persons/names", dependencies=guarded)
    async def names() -> dict[str, list[str]]:
        """Who may choose a name at the login; empty before the first administrator is made."""
        rows = await in_thread(station.records.persons)
        return {"names": [row["name"] for row in rows if row["active"]]}

    @app.get("/api/persons", dependencies=guarded)
    async def everybody(_person: Admin) -> dict[str, Any]:
        return {"persons": await in_thread(station.records.persons)}

    @app.post("/api/persons", status_code=201, dependencies=guarded)
    async def add(request: NewPerson, person: Admin) -> dict[str, Any]:
        return await persons.add(person, request.name, request.role, request.pin, request.badge)

    @app.patch("/api/persons/{person_id}", dependencies=guarded)
    async def change(person_id: int, request: PersonChange, person: Admin) -> dict[str, Any]:
        wanted = request.model_dump(exclude_unset=True)
        wanted = {k: v for k, v in wanted.items() if v is not None or k in ("pin", "badge")}
        return await persons.change(person, person_id, wanted)

    @app.post("/api/me/pin", dependencies=guarded)
    async def own_pin(request: OwnPin, person: AnyPerson) -> dict[str, bool]:
        await persons.login(name=person.name, pin=request.old)
        await persons.change(person, person.id, {"pin": request.new})
        return {"ok": True}


class OwnPin(BaseModel):
    """``POST /api/me/pin``: the old one proves who asks; all sessions end, log in again with the new one."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    old: str = Field(max_length=80)
    new: str = Field(max_length=80)


def _told(person: Person) -> dict[str, Any]:
    return {"id": person.id, "name": person.name, "role": person.role}
