"""The service as the gateway reaches it: calls in threads, and found again after it was started anew."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from station.errors import StationError
from station.service.client import ServiceAddress, ServiceClient, find_address

Answer = TypeVar("Answer")


class ServiceGone(StationError):
    """No service of the bench answers."""

    code = "service.unreachable"


class Service:
    """Calls of one bench's service. Safe for many requests at once."""

    def __init__(self, bench: str, data: Path) -> None:
        self.bench, self.data = bench, data
        self._client: ServiceClient | None = None
        self._lock = threading.Lock()

    def address(self) -> ServiceAddress | None:
        """Where it is now."""
        return find_address(self.data, self.bench)

    async def call(self, ask: Callable[[ServiceClient], Answer]) -> Answer:
        """``ask`` with a client, away from the event loop. Raises what the service answers, ServiceGone."""
        return await asyncio.to_thread(self._call, ask)

    def _call(self, ask: Callable[[ServiceClient], Answer]) -> Answer:
        return ask(self._connected())

    def _connected(self) -> ServiceClient:
        with self._lock:
            address = self.address()
            if address is None:
                self._drop()
                raise ServiceGone(
                    f"no service of bench {self.bench} is running",
                    remedy="start it: station ui, station run, or its system service",
                    bench=self.bench,
                )
            if self._client is None or self._client.address != address:
                self._drop()
                self._client = ServiceClient(address, data=self.data, bench=self.bench)
            return self._client

    def _drop(self) -> None:
        old, self._client = self._client, None
        if old is not None:
            old.close()

    def close(self) -> None:
        """Close the connections. The service goes on."""
        with self._lock:
            self._drop()


def plain_run(run: dict[str, Any]) -> dict[str, Any]:
    """A run as others may see it: without the places of files on this machine."""
    shown = dict(run)
    for holder in (shown, shown.get("result") or {}):
        if holder.get("files"):
            holder["files"] = [{k: v for k, v in file.items() if k != "path"} for file in holder["files"]]
    return shown
