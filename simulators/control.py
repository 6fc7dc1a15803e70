"""Control port of a simulated bench: one JSON object per line, one answer per line, on TCP.

Operations: ``info``, ``speed`` (value), ``truth`` (channel), ``connect`` (channel, battery, seed),
``fault`` (channel, instrument?, name, value), ``clear_faults`` (channel?), ``estop`` (pressed),
``interlock`` (open), ``shutdown``. Answers carry ``"ok": true`` or ``"ok": false`` with ``error``.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Protocol, cast

_LONGEST_LINE = 1 << 20


class ControlError(ValueError):
    """A request that cannot be done; its text tells the client why."""


class Controlled(Protocol):
    """The bench as the control port sees it."""

    def info(self) -> dict[str, Any]:
        """Name, speed, time, channels, instruments."""
        ...

    def handle(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Do one operation. Raises ControlError or another ValueError."""
        ...


class ControlServer:
    """Serves any number of clients."""

    def __init__(self, bench: Controlled, *, host: str, port: int) -> None:
        self._bench = bench
        self._host = host
        self._port = port
        self._server: asyncio.Server | None = None
        self._clients: set[_ControlClient] = set()

    @property
    def address(self) -> tuple[str, int]:
        """Host and the port really bound."""
        return self._host, self._port

    async def start(self) -> None:
        """Bind and listen."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _ControlClient(self), self._host, self._port)
        self._port = int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Hang up (what was answered is still delivered) and stop listening."""
        if self._server is not None:
            self._server.close()
            for client in tuple(self._clients):
                client.close()
            await self._server.wait_closed()
            self._server = None

    def answer(self, line: bytes) -> dict[str, Any]:
        """Answer one request line."""
        try:
            request = json.loads(line)
            if not isinstance(request, dict) or not isinstance(request.get("op"), str):
                raise ControlError('a request is a JSON object with "op"')
            return {"ok": True, **self._bench.handle(request["op"], request)}
        except KeyError as error:
            return {"ok": False, "error": f"missing field {error.args[0]!r}"}
        except (ValueError, TypeError) as error:
            return {"ok": False, "error": str(error)}

    def joined(self, client: _ControlClient) -> None:
        """A client came."""
        self._clients.add(client)

    def left(self, client: _ControlClient) -> None:
        """A client went."""
        self._clients.discard(client)


class _ControlClient(asyncio.Protocol):
    def __init__(self, server: ControlServer) -> None:
        self._server = server
        self._transport: asyncio.Transport | None = None
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport = cast(asyncio.Transport, transport)  # libuv has a class of its own
        self._transport = transport
        self._server.joined(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  (asyncio's signature)
        self._transport = None
        self._server.left(self)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        if len(self._buffer) > _LONGEST_LINE:
            self.close()
            return
        for line in lines:
            if line.strip() and self._transport is not None:
                answer = self._server.answer(line)
                self._transport.write(json.dumps(answer, ensure_ascii=False).encode() + b"\n")
