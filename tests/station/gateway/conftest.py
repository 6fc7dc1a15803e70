"""A gateway over a service of fakes, both real servers on loopback."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from station.gateway.server import gateway_server
from station.gateway.settings import GatewaySettings
from station.gateway.tokens import ROLES, Tokens
from tests.station.service import fakes
from tests.station.service.running import running_service

Gateway = Callable[[str | None], httpx.Client]


@contextmanager
def running_gateway(data: Path, settings: GatewaySettings) -> Iterator[str]:
    """Its URL."""
    came, places = threading.Event(), []

    def ready(host: str, port: int) -> None:
        places.append(f"{'http' if settings.tls is None else 'https'}://{host}:{port}")
        came.set()

    server = gateway_server("testbench", data, settings, ready)
    thread = threading.Thread(target=server.run, name="gateway")
    thread.start()
    assert came.wait(20)
    try:
        yield places[0]
    finally:
        server.should_exit = True
        thread.join(20)
    assert not thread.is_alive()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("gateway")


@pytest.fixture(scope="module")
def tokens(folder: Path) -> dict[str, str]:
    """A token of each role."""
    book = Tokens(folder)
    return {role: book.add(role, role, days=1)[1] for role in ROLES}


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    limits = {"per_minute": 100_000, "at_once": 10_000, "wrong_tokens_per_minute": 1000}
    settings = GatewaySettings.model_validate({"port": 0, "limits": limits})
    with running_service(fakes.config(folder)), running_gateway(folder, settings) as place:
        yield place


@pytest.fixture(scope="module")
def clients(url: str, tokens: dict[str, str]) -> Iterator[dict[str | None, httpx.Client]]:
    """A client of each role, and one without a token."""
    made: dict[str | None, httpx.Client] = {None: httpx.Client(base_url=url, trust_env=False)}
    for role, token in tokens.items():
        headers = {"Authorization": f"Bearer {token}"}
        made[role] = httpx.Client(base_url=url, headers=headers, trust_env=False, timeout=20)
    yield made
    for client in made.values():
        client.close()
