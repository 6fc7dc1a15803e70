"""A service in a thread of the test, and waiting for what it does without guessing times."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from station.service.client import RunRequest, ServiceClient
from station.service.config import ServiceConfig
from station.service.paths import ServiceAddress
from station.service.server import serve

Answer = TypeVar("Answer")


@contextmanager
def running_service(config: ServiceConfig) -> Iterator[ServiceClient]:
    """Serve in a thread; ends in order, and passes on what went wrong inside."""
    ready: list[ServiceAddress] = []
    failure: list[BaseException] = []
    came = threading.Event()

    def on_ready(address: ServiceAddress) -> None:
        ready.append(address)
        came.set()

    def live() -> None:
        try:
            asyncio.run(serve(config, on_ready))
        except BaseException as error:  # noqa: BLE001 - raised again in the test's own thread
            failure.append(error)
        finally:
            came.set()

    thread = threading.Thread(target=live, name="service")
    thread.start()
    came.wait(45)
    if not ready:
        thread.join(30)
        raise failure[0] if failure else TimeoutError("the service did not become ready")
    with ServiceClient(ready[0], data=config.data, bench=config.bench.name) as client:
        try:
            yield client
        finally:
            if thread.is_alive():
                client.shutdown()
            thread.join(45)
    assert not thread.is_alive()
    if failure:
        raise failure[0]


def request(battery: str, channel: str = "1", **more: Any) -> RunRequest:
    """A start request for a 20 Ah cell."""
    return RunRequest(
        **{"channel": channel, "profile": "screen", "battery": battery, "nominal_capacity_Ah": 20.0, **more}
    )


def until(question: Callable[[], Answer | None], timeout_s: float = 40.0) -> Answer:
    """Ask until the answer is true; fails the test after ``timeout_s``."""
    end = time.monotonic() + timeout_s
    pause = threading.Event()
    while time.monotonic() < end:
        answer = question()
        if answer:
            return answer
        pause.wait(0.02)
    raise AssertionError(f"did not happen in {timeout_s:g} s")


def channel_in(client: ServiceClient, channel: str, *states: str) -> dict[str, Any]:
    """Wait until the channel is in one of ``states``."""

    def look() -> dict[str, Any] | None:
        state: dict[str, Any] = client.state()["channels"][channel]
        return state if state["state"] in states else None

    return until(look)
