"""The API of rule sets and prices: versions, check, diff, what a change would mean, install, go back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import FastAPI, Query
from pydantic import BaseModel, ConfigDict, Field

from station.service.ending import in_thread
from station.service.persons import Engineer

if TYPE_CHECKING:
    from station.diagnosis.decision import PriceTable
    from station.models.rulebook import RuleShelf
    from station.service.core import Station

Kind = Literal["rules", "prices"]
TEXT_MAX = 500_000
KINDS: tuple[Kind, ...] = ("rules", "prices")


class RuleText(BaseModel):
    """``POST /api/rules/{kind}/check``: ``against``: the version to compare with [in use]."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(max_length=TEXT_MAX)
    against: int | None = Field(default=None, ge=0)


class TryRules(BaseModel):
    """``POST /api/rules/try``: decide the last ``runs`` results again. What is left out is what is in use."""

    model_config = ConfigDict(extra="forbid")

    rules: str | None = Field(default=None, max_length=TEXT_MAX)
    prices: str | None = Field(default=None, max_length=TEXT_MAX)
    runs: int = Field(default=50, ge=1, le=1_000)


class Install(BaseModel):
    """``POST /api/rules/{kind}``."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(max_length=TEXT_MAX)
    why: str = Field(max_length=400)


class Use(BaseModel):
    """``POST /api/rules/{kind}/use``: an earlier version, 0 for what ships."""

    model_config = ConfigDict(extra="forbid")

    version: int = Field(ge=0)
    why: str = Field(max_length=400)


def add_rules(app: FastAPI, station: Station, guarded: Sequence[Any]) -> None:
    """Add the routes."""

    @app.get("/api/rules", dependencies=guarded)
    async def listed() -> dict[str, Any]:
        return await in_thread(_listed, station)

    @app.get("/api/rules/{kind}", dependencies=guarded)
    async def one(kind: Kind, version: Annotated[int | None, Query(ge=0)] = None) -> dict[str, Any]:
        return {"kind": kind, "text": await in_thread(_text, station, kind, version)}

    @app.post("/api/rules/try", dependencies=guarded)
    async def attempt(request: TryRules) -> dict[str, Any]:
        return await in_thread(_try, station, request)

    @app.post("/api/rules/{kind}/check", dependencies=guarded)
    async def check(kind: Kind, request: RuleText) -> dict[str, Any]:
        return await in_thread(_check, station, kind, request)

    @app.post("/api/rules/{kind}/use", status_code=201, dependencies=guarded)
    async def use(kind: Kind, request: Use, person: Engineer) -> dict[str, Any]:
        shelf = await in_thread(_shelf, station)
        version = await in_thread(shelf.use, kind, request.version, person.name, request.why)
        _tell(station, kind, version.number, version.sha256, person.name)
        return version.as_dict()

    @app.post("/api/rules/{kind}", status_code=201, dependencies=guarded)
    async def install(kind: Kind, request: Install, person: Engineer) -> dict[str, Any]:
        shelf = await in_thread(_shelf, station)
        version = await in_thread(shelf.install, kind, request.text, person.name, request.why)
        _tell(station, kind, version.number, version.sha256, person.name)
        return version.as_dict()


def _tell(station: Station, kind: Kind, number: int, sha256: str, who: str) -> None:
    params = {"version": number, "who": who, "sha256": sha256}
    station.keeper.event("rules.in_use" if kind == "rules" else "prices.in_use", params)


def _shelf(station: Station) -> RuleShelf:
    from station.models.rulebook import RuleShelf  # brings the numerics along: not at start-up

    return RuleShelf(station.config.data / "rules")


def _listed(station: Station) -> dict[str, Any]:
    shelf = _shelf(station)
    answer: dict[str, Any] = {}
    for kind in KINDS:
        version = shelf.kept.in_use(kind)
        about, problems = shelf.check(kind, shelf.text(kind))
        answer[kind] = {
            "in_use": version.number if version else 0,
            "about": about,
            "problems": [problem.as_dict() for problem in problems],
            "versions": [line.as_dict() for line in shelf.kept.log(kind)],
        }
    return answer


def _text(station: Station, kind: Kind, number: int | None) -> str:
    return _shelf(station).text(kind, number)


def _check(station: Station, kind: Kind, request: RuleText) -> dict[str, Any]:
    shelf = _shelf(station)
    about, problems = shelf.check(kind, request.text)
    return {
        "ok": not problems,
        "about": about,
        "problems": [problem.as_dict() for problem in problems],
        "diff": shelf.diff(kind, request.text, request.against),
    }


def _try(station: Station, request: TryRules) -> dict[str, Any]:
    from station.models.rulebook.shelf import read_prices, read_rules
    from station.reports.try_rules import try_rules

    shelf = _shelf(station)
    rules = shelf.rules() if request.rules is None else read_rules(request.rules)
    prices: PriceTable | None = shelf.prices() if request.prices is None else read_prices(request.prices)
    rows = try_rules(station.records.newest_results(request.runs), rules, prices)
    return {"runs": rows, "changed": sum(bool(row["changes"]) for row in rows)}
