"""The adapter to the real service: live line over a real socket, calls by the station's own client."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.server import ServerConnection, serve

from station.errors import StationError
from station.service.client import RunRequest, ServiceClient
from station.service.paths import ServiceAddress
from station.ui.client import ServiceBackend, data_folder
from tests.ui.scripted import GOOD_GUARD, idle

HELLO = {"type": "state", "channels": {"1": idle()}, "guard": GOOD_GUARD}


class LiveServer:
    """Greets each client and holds the line until ``drop`` is set."""

    def __init__(self) -> None:
        self.drop = threading.Event()
        self.asked: list[str] = []
        self._server = serve(self._talk, "127.0.0.1", 0)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.port = int(self._server.socket.getsockname()[1])

    def _talk(self, line: ServerConnection) -> None:
        assert line.request is not None
        self.asked.append(line.request.path)
        line.send(json.dumps(HELLO))
        self.drop.wait(20)

    def close(self) -> None:
        self.drop.set()
        self._server.shutdown()
        self._thread.join(10)


@pytest.fixture
def server() -> Iterator[LiveServer]:
    made = LiveServer()
    yield made
    made.close()


def test_the_live_line_begins_with_the_state_and_says_when_it_breaks(server: LiveServer) -> None:
    client = ServiceClient(ServiceAddress("127.0.0.1", server.port, "secret", 1))
    stop = threading.Event()
    live = ServiceBackend(client).live(stop)
    assert next(message for message in live if message is not None) == HELLO
    assert server.asked == ["/api/live?token=secret"]
    server.drop.set()
    with pytest.raises(StationError, match="live connection") as lost:
        for _ in live:
            pass
    assert lost.value.code == "service.unreachable"
    client.close()


def test_the_live_line_ends_when_told(server: LiveServer) -> None:
    client = ServiceClient(ServiceAddress("127.0.0.1", server.port, "secret", 1))
    stop = threading.Event()
    live = ServiceBackend(client).live(stop)
    next(message for message in live if message is not None)
    stop.set()
    assert [message for message in live if message is not None] == []
    client.close()


def test_calls_go_to_the_stations_client() -> None:
    calls: list[tuple[Any, ...]] = []

    class Recorder:
        def __getattr__(self, name: str) -> Any:
            return lambda *given: calls.append((name, *given)) or "answer"

    backend = ServiceBackend(Recorder())  # type: ignore[arg-type]
    assert backend.start("1", "rapid", "B-1", 35.0, None) == "answer"
    backend.stop("2")
    backend.stop_all()
    backend.acknowledge("3")
    backend.battery("B-1")
    backend.run("r-1")
    assert calls == [
        ("start_run", RunRequest("1", "rapid", "B-1", 35.0, None)),
        ("stop", "2"),
        ("stop_all",),
        ("acknowledge", "3"),
        ("battery", "B-1"),
        ("run", "r-1"),
    ]


def test_the_data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("STATION_DATA", str(tmp_path))
    assert data_folder(None) == tmp_path.resolve()
    assert data_folder(tmp_path / "other") == (tmp_path / "other").resolve()
