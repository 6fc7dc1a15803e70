"""What can be asked by HTTP."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Path, Query, Response

from station import __version__
from station.errors import StationError, UsageError
from station.gateway.access import BEARER, Access
from station.gateway.metrics import CONTENT_TYPE, Metrics
from station.gateway.models import Done, Health, Name, Refusal, Runs, Started, StartTest, StopTest
from station.gateway.service import Service, plain_run
from station.gateway.settings import GatewaySettings
from station.service.client import RunRequest, ServiceClient

RunState = Literal["running", "analysis", "ended", "interrupted"]
Command = Literal["pause", "resume", "skip"]
Channel = Annotated[Name, Path(description="A channel's id, as the bench names it.")]
RunId = Annotated[Name, Path(description="A run's id.")]
_WORDS = {
    401: "No valid token.", 403: "The token's role may not do this.", 404: "There is no such thing.",
    409: "Not now: busy, latched, or an interlock is open.", 422: "The request is wrong.",
    429: "Too many calls.", 502: "An instrument or the service failed.", 503: "The service does not answer.",
}  # fmt: skip
REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": Refusal, "description": words} for status, words in _WORDS.items()
}


def add_routes(
    app: FastAPI, service: Service, access: Access, settings: GatewaySettings, metrics: Metrics
) -> None:
    """Add them."""
    reader = [Depends(BEARER), Depends(access.needs("viewer"))]
    operator = [Depends(BEARER), Depends(access.needs("operator"))]
    admin = [Depends(BEARER), Depends(access.needs("admin"))]

    @app.get("/v1/health", response_model=Health, dependencies=reader, responses=REFUSALS, tags=["station"])
    async def health() -> Health:
        """Whether the service and its guard answer. 200 either way: ``ok`` tells."""
        state = await _state(service)
        return Health(
            ok=state is not None,
            version=__version__,
            service=state and state.get("service"),
            guard=state and state.get("guard"),
        )

    @app.get(
        "/v1/metrics", dependencies=reader, responses=REFUSALS, response_class=Response, tags=["station"]
    )
    async def figures() -> Response:
        """Figures in the text format of Prometheus."""
        return Response(metrics.text(await _state(service)), media_type=CONTENT_TYPE)

    @app.get("/v1/bench", dependencies=reader, responses=REFUSALS, tags=["station"])
    async def bench() -> dict[str, Any]:
        """The bench with its channels, limits and profiles."""
        return await service.call(lambda client: client.bench())

    @app.get("/v1/state", dependencies=reader, responses=REFUSALS, tags=["station"])
    async def state() -> dict[str, Any]:
        """All channels and the guard, as they are now."""
        return await service.call(lambda client: client.state())

    @app.get("/v1/runs", response_model=Runs, dependencies=reader, responses=REFUSALS, tags=["records"])
    async def runs(
        limit: Annotated[int, Query(ge=1, le=1000)] = 50, state: RunState | None = None
    ) -> dict[str, Any]:
        """Runs, newest first."""
        return await service.call(lambda client: client.get("/api/runs", limit=limit, state=state))

    @app.get("/v1/runs/{run_id}", dependencies=reader, responses=REFUSALS, tags=["records"])
    async def run(run_id: RunId) -> dict[str, Any]:
        """One run with its result, events and the checksums of its files."""
        return plain_run(await service.call(lambda client: client.get(_place("runs", run_id))))

    @app.get("/v1/batteries/{code}", dependencies=reader, responses=REFUSALS, tags=["records"])
    async def battery(code: Name) -> dict[str, Any]:
        """What is known of a battery, with its runs."""
        return await service.call(lambda client: client.get(_place("batteries", code)))

    @app.post(
        "/v1/runs", status_code=201, response_model=Started, dependencies=operator, responses=REFUSALS,
        tags=["tests"],
    )  # fmt: skip
    async def start(request: StartTest) -> Started:
        """Start a test, through all checks that it has when a person starts it."""
        if not settings.allow_start:
            raise UsageError(
                "this API does not start tests",
                remedy="set allow_start in DATA/api/settings.yaml",
                code="api.no_start",
            )
        wanted = RunRequest(**request.model_dump())
        return Started(run_id=await service.call(lambda client: client.start_run(wanted)))

    @app.post(
        "/v1/channels/{channel}/stop",
        response_model=Done,
        dependencies=operator,
        responses=REFUSALS,
        tags=["tests"],
    )
    async def stop(channel: Channel, request: StopTest | None = None) -> Done:
        """Ask for an ordered stop."""
        force = request is not None and request.force
        await service.call(lambda client: client.stop(channel, force=force))
        return Done()

    @app.post("/v1/stop", response_model=Done, dependencies=operator, responses=REFUSALS, tags=["tests"])
    async def stop_all(request: StopTest | None = None) -> Done:
        """Ask for an ordered stop of every channel."""
        force = request is not None and request.force
        await service.call(lambda client: client.stop_all(force=force))
        return Done()

    @app.post(
        "/v1/channels/{channel}/{command}", response_model=Done, dependencies=operator, responses=REFUSALS,
        tags=["tests"],
    )  # fmt: skip
    async def command(channel: Channel, command: Command) -> Done:
        """Pause a running test, let it go on, or leave out the rest of its step."""
        ask = {"pause": ServiceClient.pause, "resume": ServiceClient.resume, "skip": ServiceClient.skip}[
            command
        ]
        await service.call(lambda client: ask(client, channel))
        return Done()

    @app.post("/v1/shutdown", response_model=Done, dependencies=admin, responses=REFUSALS, tags=["station"])
    async def end() -> Done:
        """End the service: all tests are stopped in order first."""
        await service.call(lambda client: client.shutdown())
        return Done()


async def _state(service: Service) -> dict[str, Any] | None:
    try:
        return await service.call(lambda client: client.state())
    except StationError:
        return None


def _place(kind: str, name: str) -> str:
    from urllib.parse import quote

    return f"/api/{kind}/{quote(name, safe='')}"
