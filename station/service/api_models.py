"""The API of models: cards, the error against the number of cells, compare, adopt, go back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

from station.errors import StationError, UsageError
from station.service.ending import in_thread
from station.service.model_work import compare_apart
from station.service.persons import Engineer

if TYPE_CHECKING:
    from station.models.adoption import Adoptions
    from station.service.core import Station


class Compare(BaseModel):
    """``POST /api/models/compare``: a model by id or folder, on a table of labelled cells."""

    model_config = ConfigDict(extra="forbid")

    candidate: str = Field(max_length=1_000)
    cells: str = Field(max_length=1_000)
    labels: str | None = Field(default=None, max_length=1_000)


class Adopt(BaseModel):
    """``POST /api/models/adopt``."""

    model_config = ConfigDict(extra="forbid")

    candidate: str = Field(max_length=1_000)
    why: str = Field(max_length=400)


class Back(BaseModel):
    """``POST /api/models/back``."""

    model_config = ConfigDict(extra="forbid")

    why: str = Field(max_length=400)


def add_models(app: FastAPI, station: Station, guarded: Sequence[Any]) -> None:
    """Add the routes."""
    data = station.config.data

    @app.get("/api/models", dependencies=guarded)
    async def listed() -> dict[str, Any]:
        return await in_thread(_listed, data)

    @app.get("/api/models/{model}/card", dependencies=guarded)
    async def card(model: str, lang: Literal["en", "zh"] = "en") -> dict[str, Any]:
        return {"model": model, "text": await in_thread(_card, data, model, lang)}

    @app.post("/api/models/compare", dependencies=guarded)
    async def compare(request: Compare, person: Engineer) -> dict[str, Any]:
        adoptions = await in_thread(_adoptions, data)
        candidate = await in_thread(_folder, data, request.candidate)
        running = (await in_thread(adoptions.folders))[await in_thread(adoptions.in_use)]
        labels = None if request.labels is None else Path(request.labels).expanduser()
        found = await compare_apart(candidate, running, Path(request.cells).expanduser(), labels)
        station.keeper.event(
            "models.compared",
            {"who": person.name, "candidate": found["candidate"]["model_id"], "cells": len(found["cells"])},
        )
        return found

    @app.post("/api/models/adopt", status_code=201, dependencies=guarded)
    async def adopt(request: Adopt, person: Engineer) -> dict[str, Any]:
        adoptions = await in_thread(_adoptions, data)
        folder = await in_thread(_folder, data, request.candidate)
        done = await in_thread(adoptions.adopt, folder, person.name, request.why)
        return _told(station, vars(done))

    @app.post("/api/models/back", status_code=201, dependencies=guarded)
    async def back(request: Back, person: Engineer) -> dict[str, Any]:
        adoptions = await in_thread(_adoptions, data)
        done = await in_thread(adoptions.back, person.name, request.why)
        return _told(station, vars(done))


def _told(station: Station, done: dict[str, Any]) -> dict[str, Any]:
    station.keeper.event(
        "models.in_use", {"who": done["who"], "model_id": done["model_id"], "former": done["former"]}
    )
    return dict(done)


def _adoptions(data: Path) -> Adoptions:
    from station.models.in_use import adoptions_in  # brings the numerics along: not at start-up

    return adoptions_in(data)


def _folder(data: Path, wanted: str) -> Path:
    """A model kept here by its id, a candidate by its name, or a folder by its whole path."""
    known = {**_candidates(data), **_adoptions(data).folders()}
    if wanted in known:
        return known[wanted]
    path = Path(wanted).expanduser()
    if path.is_absolute() and path.is_dir():
        return path
    raise UsageError(
        f"there is no model {wanted}",
        remedy="choose one of those listed, or give the whole path of a candidate's folder",
        code="models.unknown",
        model=wanted,
    )


def _candidates(data: Path) -> dict[str, Path]:
    return {path.name: path for path in sorted((data / "models" / "candidates").glob("*")) if path.is_dir()}


def _listed(data: Path) -> dict[str, Any]:
    from station.models.cards import learning_points, summary

    adoptions = _adoptions(data)
    in_use, rows, good = adoptions.in_use(), [], {}
    places = [("kept", adoptions.folders()), ("candidate", _candidates(data))]
    for kind, folders in places:
        for name, folder in folders.items():
            row: dict[str, Any] = {"name": name, "kind": "shipped" if name == "shipped" else kind}
            try:
                row |= {"card": summary(folder), "problem": None, "in_use": kind == "kept" and name == in_use}
                good[f"{kind} {name}"] = folder
            except StationError as error:
                row |= {"card": None, "problem": error.as_dict(), "in_use": False}
            rows.append(row)
    return {
        "in_use": in_use,
        "models": rows,
        "learning": learning_points(good),
        "log": [vars(line) for line in adoptions.log()],
        "candidates": str(data / "models" / "candidates"),
    }


def _card(data: Path, model: str, lang: str) -> str:
    from station.models.store import read_header
    from station.models.training.card import card_text
    from station.models.training.card_zh import card_text_zh

    header = read_header(_folder(data, model))
    return card_text_zh(header) if lang == "zh" else card_text(header)
