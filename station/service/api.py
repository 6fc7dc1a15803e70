"""The HTTP and WebSocket API; only this file knows the web framework."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Query, Request, WebSocket, WebSocketDisconnect
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from station import __version__
from station.errors import (
    BusyError,
    DataError,
    InterlockOpen,
    RecordError,
    SafetyLatched,
    StationError,
    UsageError,
)
from station.reports.battery_code import read_code
from station.service.api_alarms import add_alarms
from station.service.api_connection import add_connection
from station.service.api_curves import add_curves
from station.service.api_events import add_events
from station.service.api_history import add_history
from station.service.api_models import add_models
from station.service.api_papers import add_papers
from station.service.api_persons import add_persons
from station.service.api_profiles import add_profiles
from station.service.api_records import add_records
from station.service.api_rules import add_rules
from station.service.api_setup import add_setup
from station.service.api_stats import add_stats
from station.service.api_trace import add_trace
from station.service.api_training import add_training
from station.service.core import Station
from station.service.describe import describe
from station.service.ending import in_thread
from station.service.hub import Subscriber
from station.service.operator import Word
from station.service.persons import LoginLocked, LoginRefused, RoleMissing, decider
from station.service.sessions import NotLoggedIn

RunState = Literal["running", "analysis", "ended", "interrupted"]
BEHIND = 1013
"""WebSocket close code "try again later": the client was too slow; it gets a fresh state when it returns."""


class StartRequest(BaseModel):
    """``POST /api/runs``."""

    model_config = ConfigDict(extra="forbid")

    channel: str
    profile: str
    battery: str
    nominal_capacity_Ah: float | None = None
    chemistry: str | None = None
    intake: dict[str, Any] | None = None


class AnswerRequest(BaseModel):
    """``POST /api/channels/{id}/answer``: to ``prompt``; ``value`` where it asks for a number."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    prompt: int
    value: float | None = None
    who: str = Field(default="", max_length=64)


class StopRequest(BaseModel):
    """``POST /api/channels/{id}/stop`` and ``POST /api/stop``; may be left out."""

    model_config = ConfigDict(extra="forbid")

    force: bool = False


class PersonRequest(BaseModel):
    """Who decides: ``acknowledge``, ``resume`` and ``close``; may be left out."""

    model_config = ConfigDict(extra="forbid")

    who: str | None = Field(default=None, max_length=64)


class AccessDenied(StationError):
    """No token, or not this service's."""

    code = "service.access"


def make_api(station: Station, token: str, shutdown: Callable[[], None]) -> FastAPI:
    """The application over ``station``; every request must carry ``token``."""

    def allowed(request: Request) -> None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not secrets.compare_digest(given.encode(), token.encode()):
            raise AccessDenied(
                "the token is missing or wrong", remedy="read it from the bench's service.json"
            )

    app = FastAPI(
        title="Pulse Station",
        version=__version__,
        dependencies=[],
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    guarded = [Depends(allowed)]
    add_alarms(app, station, guarded)
    add_connection(app, station, guarded)
    add_persons(app, station, guarded)
    add_history(app, station, guarded)
    add_events(app, station, guarded)

    @app.middleware("http")
    async def note_activity(request: Request, proceed: Callable[[Request], Awaitable[Response]]) -> Response:
        station.last_activity_s = time.monotonic()
        return await proceed(request)

    @app.exception_handler(StationError)
    async def explain(_request: Request, error: StationError) -> JSONResponse:
        return JSONResponse({"error": error.as_dict()}, status_code=_status(error))

    @app.exception_handler(RequestValidationError)
    async def explain_request(_request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"] if part != "body") or "body"
        problem = UsageError(
            f"the request is wrong: {field}: {first['msg']}",
            remedy="correct the field",
            code="usage.request",
            field=field,
        )
        return JSONResponse({"error": problem.as_dict()}, status_code=400)

    @app.get("/api/bench", dependencies=guarded)
    async def bench() -> dict[str, Any]:
        return await in_thread(describe, station.bench, station.config.data)

    @app.get("/api/state", dependencies=guarded)
    async def state() -> dict[str, Any]:
        return station.state()

    @app.post("/api/runs", status_code=201, dependencies=guarded)
    async def start(request: StartRequest) -> dict[str, str]:
        # A client that goes away in the middle must not leave a half-made start behind.
        run_id = await asyncio.shield(station.start_run(**request.model_dump()))
        return {"run_id": run_id}

    @app.post("/api/channels/{channel}/stop", dependencies=guarded)
    async def stop(channel: str, request: StopRequest | None = None) -> dict[str, bool]:
        await station.operator.stop(channel, force=request is not None and request.force)
        return {"ok": True}

    @app.post("/api/stop", dependencies=guarded)
    async def stop_all(request: StopRequest | None = None) -> dict[str, bool]:
        await station.operator.stop_all(force=request is not None and request.force)
        return {"ok": True}

    @app.post("/api/channels/{channel}/acknowledge", dependencies=guarded)
    async def acknowledge(
        channel: str, request: Request, body: PersonRequest | None = None
    ) -> dict[str, bool]:
        who = decider(request, body.who if body else None)
        await asyncio.shield(station.acknowledge(channel, who))
        return {"ok": True}

    @app.post("/api/channels/{channel}/answer", dependencies=guarded)
    async def answer(channel: str, request: Request, body: AnswerRequest) -> dict[str, bool]:
        by = str(decider(request, body.who or None) or "")
        await asyncio.shield(station.operator.answer(channel, body.prompt, body.value, by))
        return {"ok": True}

    @app.post("/api/channels/{channel}/{word}", dependencies=guarded)
    async def command(channel: str, word: Word) -> dict[str, bool]:
        await asyncio.shield(station.operator.command(channel, word))
        return {"ok": True}

    @app.post("/api/runs/{run_id}/resume", status_code=202, dependencies=guarded)
    async def resume(run_id: str, request: Request, body: PersonRequest | None = None) -> dict[str, str]:
        who = decider(request, body.who if body else None)
        await asyncio.shield(station.interrupted.resume(run_id, who))
        return {"run_id": run_id}

    @app.post("/api/runs/{run_id}/close", dependencies=guarded)
    async def close(run_id: str, request: Request, body: PersonRequest | None = None) -> dict[str, bool]:
        who = decider(request, body.who if body else None)
        await asyncio.shield(station.interrupted.close(run_id, who))
        return {"ok": True}

    @app.post("/api/shutdown", dependencies=guarded)
    async def end() -> dict[str, bool]:
        shutdown()
        return {"ok": True}

    @app.get("/api/batteries/{code:path}", dependencies=guarded)
    async def battery(code: str) -> JSONResponse:
        wanted = read_code(code).text
        row = await in_thread(station.records.battery, wanted)
        if row is None:
            problem = UsageError(
                f"battery {wanted} is not on record",
                remedy="its first test puts it there",
                code="record.no_battery",
                battery=wanted,
            )
            return JSONResponse({"error": problem.as_dict()}, status_code=404)
        return JSONResponse(row)

    @app.get("/api/runs", dependencies=guarded)
    async def runs(
        limit: Annotated[int, Query(ge=1, le=10_000)] = 50, state: RunState | None = None
    ) -> dict[str, Any]:
        return {"runs": await in_thread(station.records.list_runs, limit=limit, state=state)}

    @app.get("/api/runs/{run_id}", dependencies=guarded)
    async def run(run_id: str) -> dict[str, Any]:
        row = await in_thread(station.records.show_run, run_id)
        row["files"] = with_places(row["files"], station.config.data)
        if row["result"] is not None:
            row["result"]["files"] = with_places(row["result"]["files"], station.config.data)
        return row

    add_curves(app, station, guarded)
    add_profiles(app, station, guarded)
    add_setup(app, station, guarded)
    add_rules(app, station, guarded)
    add_models(app, station, guarded)
    add_papers(app, station, guarded)
    add_training(app, station, guarded)
    add_records(app, station, guarded)
    add_stats(app, station, guarded)
    add_trace(app, station, guarded)

    @app.websocket("/api/live")
    async def live(websocket: WebSocket) -> None:
        given = websocket.query_params.get("token", "")
        if not secrets.compare_digest(given.encode(), token.encode()):
            await websocket.close(code=1008)
            return
        await websocket.accept()
        subscriber = station.hub.join(station.snapshot)
        try:
            await _serve_live(websocket, subscriber)
        finally:
            station.hub.leave(subscriber)
            station.last_activity_s = time.monotonic()

    return app


async def _serve_live(websocket: WebSocket, subscriber: Subscriber) -> None:
    """Until the client leaves, falls behind, or the service ends."""

    async def send() -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):  # it left while we wrote
            while (text := await subscriber.next()) is not None:
                await websocket.send_text(text)

    async def receive() -> None:
        with contextlib.suppress(WebSocketDisconnect):
            while True:
                await websocket.receive_text()  # clients have nothing to say; this notices when they leave

    tasks = [asyncio.create_task(work) for work in (send(), receive(), subscriber.behind.wait())]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    # A client that does not read cannot take the closing frame either.
    with contextlib.suppress(RuntimeError, TimeoutError, WebSocketDisconnect):
        await asyncio.wait_for(websocket.close(BEHIND if subscriber.behind.is_set() else 1001), timeout=1.0)


def with_places(files: list[dict[str, Any]], data: Path) -> list[dict[str, Any]]:
    """The same files with their full paths on this machine."""
    return [{**file, "path": str(data / file["path"])} for file in files]


def _status(error: StationError) -> int:
    if isinstance(error, (AccessDenied, NotLoggedIn, LoginRefused)):
        return 401
    if isinstance(error, (RoleMissing, LoginLocked)):
        return 403
    if isinstance(error, (BusyError, SafetyLatched, InterlockOpen)):
        return 409
    if error.code in ("record.no_run", "record.no_battery"):
        return 404
    if isinstance(error, UsageError):
        return 400
    if isinstance(error, DataError):
        return 409
    return 503 if isinstance(error, RecordError) else 502 if error.exit_code == 4 else 500
