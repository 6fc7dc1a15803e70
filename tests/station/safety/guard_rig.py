"""A guard in a thread and clients that speak its protocol, with a relay board in memory and real time."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from station.safety.guard import serve
from station.safety.guard_server import GuardServer
from station.safety.guard_settings import guard_settings
from tests.station.safety.fakes import FakeRelay

TIMEOUT_S = 0.15
BENCH = {
    "name": "unit",
    "channels": [
        {"id": "1", "cutoff": {"coil": 0, "feedback_input": 2}},
        {"id": "2", "cutoff": {"coil": 1}},
        {"id": "3"},
    ],
    "guard": {
        "relay": {"driver": "fake"},
        "inputs": {"estop": 0, "interlock": 1},
        "heartbeat_timeout_s": TIMEOUT_S,
        "poll_s": 0.01,
    },
}


class Running:
    """A guard in a thread."""

    def __init__(self, data: Path, relay: FakeRelay, bench: dict[str, Any] = BENCH) -> None:
        self.relay, self.data, self.bench = relay, data, bench
        self.server: GuardServer | None = None
        self.error: BaseException | None = None
        self._ready = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        assert self._ready.wait(10)
        if self.error is not None:
            raise self.error

    def _run(self) -> None:
        def attach(server: GuardServer) -> None:
            self.server = server

        def ready(host: str, port: int) -> None:
            self.address = (host, port)
            self._ready.set()

        try:
            serve(
                guard_settings(self.bench),
                self.data,
                "secret",
                open_board=lambda: self.relay,
                on_ready=ready,
                attach=attach,
            )
        except BaseException as error:  # noqa: BLE001 - handed to the test's own thread
            self.error = error
            self._ready.set()

    def stop(self) -> None:
        assert self.server is not None
        self.server.stop()
        self.thread.join(30)
        assert not self.thread.is_alive()

    def log(self, event: str) -> list[dict[str, Any]]:
        path = self.data / "benches" / "unit" / "guard.jsonl"
        return [line for line in map(json.loads, path.read_text().splitlines()) if line["event"] == event]


class Client:
    """One line of the protocol at a time."""

    def __init__(self, guard: Running, **hello: Any) -> None:
        self.socket = socket.create_connection(guard.address, timeout=20)
        self._stream = self.socket.makefile("rb")
        self.send({"token": "secret", **hello})
        self.welcome = self.receive()
        self._beating = threading.Event()
        self._beater: threading.Thread | None = None

    def send(self, message: dict[str, Any]) -> None:
        self.socket.sendall(json.dumps(message).encode() + b"\n")

    def receive(self) -> dict[str, Any]:
        line = self._stream.readline()
        assert line, "the guard hung up"
        return dict(json.loads(line))

    def wait_for(self, key: str) -> dict[str, Any]:
        while key not in (message := self.receive()):
            pass
        return message

    def beat(self) -> None:
        """Beat in the background until ``fall_silent``."""

        def run() -> None:
            while not self._beating.wait(TIMEOUT_S / 3):
                try:
                    self.send({"beat": 1})
                except OSError:
                    return

        self._beater = threading.Thread(target=run, daemon=True)
        self._beater.start()

    def fall_silent(self) -> None:
        self._beating.set()
        if self._beater is not None:
            self._beater.join()

    def close(self) -> None:
        self.fall_silent()
        self._stream.close()
        self.socket.close()


def until(condition: Callable[[], bool], timeout_s: float = 2.0) -> float:
    start = time.monotonic()
    tick = threading.Event()
    while not condition():
        assert time.monotonic() - start < timeout_s
        tick.wait(0.002)
    return time.monotonic() - start


def closed(client: Client, guard: Running, coil: int = 0) -> Client:
    client.send({"ask": "close_cutoff"})
    assert client.wait_for("answer") == {"answer": "close_cutoff", "ok": True}
    assert guard.relay.coil_states[coil]
    return client
