"""The API's application: errors as one shape, calls counted, no secrets written anywhere."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from station import __version__
from station.errors import BusyError, InterlockOpen, RecordError, SafetyLatched, StationError, UsageError
from station.gateway.access import Access, RoleTooLow, TokenMissing, TooOften
from station.gateway.live import add_live
from station.gateway.metrics import Metrics
from station.gateway.routes import add_routes
from station.gateway.service import Service
from station.gateway.settings import GatewaySettings

BODY_MOST = 64 * 1024
"""Bytes of a request's body; nothing here needs more."""


def make_gateway(service: Service, access: Access, settings: GatewaySettings) -> FastAPI:
    """The application over one bench's service."""
    app = FastAPI(
        title="Pulse Station",
        version=__version__,
        summary="Tests of retired traction batteries: results, live values, start and stop.",
        docs_url=None,
        redoc_url=None,
    )
    metrics = Metrics()

    @app.middleware("http")
    async def watch(request: Request, proceed: Callable[[Request], Awaitable[Response]]) -> Response:
        begun = time.monotonic()
        length = request.headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > BODY_MOST:
            answer: Response = _refusal(_usage("the body is too long", "body"), 413)
        else:
            answer = await proceed(request)
        route = getattr(request.scope.get("route"), "path", "unknown")
        metrics.count(request.method, route, answer.status_code, time.monotonic() - begun)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @app.exception_handler(StationError)
    async def explain(_request: Request, error: StationError) -> JSONResponse:
        return _refusal(error, status_of(error))

    @app.exception_handler(RequestValidationError)
    async def explain_request(_request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"] if part != "body") or "body"
        return _refusal(_usage(f"{field}: {first['msg']}", field), 422)

    @app.exception_handler(HTTPException)
    async def explain_http(_request: Request, error: HTTPException) -> JSONResponse:
        answer = _refusal(_usage(str(error.detail), "path"), error.status_code)
        answer.headers.update(error.headers or {})
        return answer

    add_routes(app, service, access, settings, metrics)
    add_live(app, service, access)
    return app


def status_of(error: StationError) -> int:
    """The HTTP status of an error."""
    if isinstance(error, TokenMissing):
        return 401
    if isinstance(error, RoleTooLow) or error.code == "api.no_start":
        return 403
    if isinstance(error, TooOften):
        return 429
    if error.code in ("record.no_run", "record.no_battery", "usage.channel"):
        return 404
    if isinstance(error, (BusyError, SafetyLatched, InterlockOpen)):
        return 409
    if isinstance(error, UsageError):
        return 422
    if isinstance(error, RecordError) or error.code == "service.unreachable":
        return 503
    return 502


def _refusal(error: StationError, status: int) -> JSONResponse:
    headers = {}
    if isinstance(error, TokenMissing):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooOften):
        headers["Retry-After"] = str(int(float(error.params["wait_s"])) + 1)
    return JSONResponse({"error": error.as_dict()}, status_code=status, headers=headers)


def _usage(problem: str, field: str) -> UsageError:
    return UsageError(
        f"the request is wrong: {problem}",
        remedy="correct the request; /openapi.json describes all of them",
        code="usage.request",
        field=field,
    )
