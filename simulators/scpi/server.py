"""TCP front of a SCPI instrument on asyncio, with the link's faults."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import cast

from simulators.faults import FaultSet
from simulators.link import Cable, Link
from simulators.scpi.device import ScpiDevice
from simulators.scpi.table import Later

_LONGEST_LINE = 65536
_POLL_S = 0.002


class LineConnection(asyncio.Protocol):
    """One client. Lines end with LF; CR before LF is accepted."""

    def __init__(self, server: LineServer) -> None:
        self._cable = server.cable
        self._device = server.device
        self._link: Link | None = None
        self._buffer = b""
        self._waiting: deque[str] = deque()
        self._pending: Later | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Accept or refuse a client."""
        transport = cast(asyncio.Transport, transport)  # libuv has a class of its own
        self._link = Link(self._cable, transport)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  (asyncio's signature)
        """Forget the client and what it still waited for."""
        if self._link is not None:
            self._link.lost()
        self._waiting.clear()
        self._pending = None

    def data_received(self, data: bytes) -> None:
        """Cut the stream into lines and execute them."""
        assert self._link is not None
        data = self._link.heard(data)
        if not data:
            self._buffer = b""
            return
        if self._buffer:
            data = self._buffer + data
            self._buffer = b""
        if self._device.ends_with_cr:
            data = data.replace(b"\r", b"\n")  # the empty line between CR and LF is none
        *lines, rest = data.split(b"\n")
        if rest:
            self._buffer = rest if len(rest) < _LONGEST_LINE else b""
        for line in lines:
            text = line.decode("ascii", "replace").rstrip("\r")
            if self._pending is not None:
                self._waiting.append(text)
            elif text:
                self._execute(text)

    def _execute(self, line: str) -> None:
        for answer in self._device.execute(line):
            if isinstance(answer, Later):
                self._pending = answer
                self._poll()
            else:
                self._send(answer)

    def _poll(self) -> None:
        pending = self._pending
        if pending is None or self._link is None:
            return
        self._device.before_line()
        if not pending.ready():
            self._link.later(_POLL_S, self._poll)
            return
        self._pending = None
        self._send(pending.answer())
        while self._waiting and self._pending is None:
            line = self._waiting.popleft()
            if line:
                self._execute(line)

    def _send(self, text: str) -> None:
        if self._link is not None:
            self._link.send(text.encode("ascii") + self._device.reply_end)


class LineServer:
    """Listens for one instrument; ``max_clients`` None means any number."""

    def __init__(self, device: ScpiDevice, *, host: str, port: int, max_clients: int | None = None) -> None:
        self.device = device
        self.cable = Cable(device.faults, terminator=device.reply_end, max_clients=max_clients)
        self._host = host
        self._port = port
        self._server: asyncio.Server | None = None

    @property
    def faults(self) -> FaultSet:
        """The instrument's faults."""
        return self.device.faults

    @property
    def address(self) -> tuple[str, int]:
        """Host and the port really bound."""
        return self._host, self._port

    async def start(self) -> None:
        """Bind and listen. Raises OSError if the port is taken."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: LineConnection(self), self._host, self._port)
        self._port = int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Hang up all clients and stop listening."""
        if self._server is not None:
            self._server.close()
            self.cable.hang_up()
            await self._server.wait_closed()
            self._server = None
