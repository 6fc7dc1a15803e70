"""Serves the API of one bench until it is told to end."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path

import uvicorn

from station.errors import UsageError
from station.gateway.access import Access
from station.gateway.app import make_gateway
from station.gateway.service import Service
from station.gateway.settings import GatewaySettings
from station.gateway.tokens import Tokens


def gateway_server(
    bench: str, data: Path, settings: GatewaySettings, on_ready: Callable[[str, int], None]
) -> uvicorn.Server:
    """The server, not yet running. Raises UsageError (``api.tls``, ``api.plain``)."""
    settings = settings.checked()
    app = make_gateway(Service(bench, data), Access(Tokens(data), settings.limits), settings)
    tls = settings.tls
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        ssl_certfile=None if tls is None else tls.certificate,
        ssl_keyfile=None if tls is None else tls.key,
        ssl_version=ssl.PROTOCOL_TLS_SERVER,
        ws="websockets-sansio",
        ws_max_size=64 * 1024,
        lifespan="off",
        log_config=None,
        access_log=False,  # it would write what is asked, and with it what others send in a URL
        server_header=False,
        timeout_graceful_shutdown=3,
        limit_concurrency=500,
    )
    try:
        config.load()
    except (OSError, ssl.SSLError) as error:
        raise UsageError(
            f"certificate or key cannot be used: {error}",
            remedy="give PEM files that belong together and can be read",
            code="api.tls",
            reason=str(error),
        ) from error
    return _Server(config, on_ready)


class _Server(uvicorn.Server):
    """Tells where it listens once it does."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[str, int], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        await super().startup(sockets)  # type: ignore[arg-type]
        if self.started:
            door = self.servers[0].sockets[0]
            self._on_ready(*door.getsockname()[:2])
