"""Front of an instrument with a serial port: a pseudo-terminal, and a device server (bytes over TCP).

Both lead to the same instrument, as an RS-485 bus does. On TCP a connection is what a cable is on a serial
port, so the faults of links mean the same on both; a cut pseudo-terminal hears nothing until the fault ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from typing import Any, Protocol, cast

from simulators.faults import FaultSet
from simulators.link import Cable, Link


class Dialect(Protocol):
    """Turns what arrived into answers, each whole. One for each client, since each sends its own bytes."""

    def feed(self, data: bytes) -> list[bytes]:
        """Bytes from the host."""
        ...


class SerialServer:
    """``terminal`` is the pseudo-terminal's name, None without one. ``reply_delay_s`` is real time."""

    def __init__(
        self,
        faults: FaultSet,
        dialect: Callable[[], Dialect],
        *,
        host: str,
        port: int,
        terminal: bool = False,
        udp: bool = False,
        reply_delay_s: float = 0.0,
        terminator: bytes = b"",
        spoil: Callable[[bytes], bytes] | None = None,
        max_clients: int | None = None,
    ) -> None:
        self.faults = faults
        self.dialect = dialect
        self.reply_delay_s = reply_delay_s
        self.cable = Cable(faults, terminator=terminator, spoil=spoil, max_clients=max_clients)
        self.terminal: str | None = None
        self._host, self._port = host, port
        self._terminal, self._udp = terminal, udp
        self._server: asyncio.Server | None = None
        self._pty: _Pty | None = None
        self._datagrams: asyncio.DatagramTransport | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Host and the port really bound."""
        return self._host, self._port

    async def start(self) -> None:
        """Bind, listen, and open the pseudo-terminal. Raises OSError."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Client(self), self._host, self._port)
        self._port = int(self._server.sockets[0].getsockname()[1])
        if self._udp:
            self._datagrams, _ = await loop.create_datagram_endpoint(
                lambda: _Datagrams(self), local_addr=(self._host, self._port)
            )
        if self._terminal:
            self._pty = _Pty(self, loop)
            self.terminal = self._pty.name

    def tell_terminal(self, data: bytes) -> int:
        """Send unasked on the pseudo-terminal; 1 where there is one, else 0."""
        if self._pty is None or "link_silent" in self.faults.active:
            return 0
        self._pty.write(data)
        return 1

    async def stop(self) -> None:
        """Hang up and close."""
        if self._datagrams is not None:
            self._datagrams.close()
            self._datagrams = None
        if self._pty is not None:
            self._pty.end()
            self._pty = None
        if self._server is not None:
            self._server.close()
            self.cable.hang_up()
            await self._server.wait_closed()
            self._server = None


class _Client(asyncio.Protocol):
    """One client: bytes in, whole messages out."""

    def __init__(self, server: SerialServer) -> None:
        self._server = server
        self._dialect = server.dialect()
        self._link: Link | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        link = Link(self._server.cable, cast(asyncio.Transport, transport))
        self._link = link if link.open else None

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  (asyncio's signature)
        if self._link is not None:
            self._link.lost()
            self._link = None

    def data_received(self, data: bytes) -> None:
        if self._link is None or not (heard := self._link.heard(data)):
            return
        for answer in self._dialect.feed(heard):
            if self._server.reply_delay_s > 0.0:
                self._link.later(self._server.reply_delay_s, lambda answer=answer: self._send(answer))  # type: ignore[misc]
            else:
                self._send(answer)

    def _send(self, answer: bytes) -> None:
        if self._link is not None:
            self._link.send(answer)


class _Datagrams(asyncio.DatagramProtocol):
    """Each datagram is a message of its own; every sender is one client."""

    def __init__(self, server: SerialServer) -> None:
        self._server = server
        self._clients: dict[Any, _Client] = {}
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        client = self._clients.get(addr)
        if client is None or client._link is None:
            assert self._transport is not None
            if len(self._clients) > 64:
                self._clients.clear()
            client = self._clients[addr] = _Client(self._server)
            client.connection_made(_Answers(self._transport, addr, client))
        client.data_received(data)


class _Answers(asyncio.Transport):
    """The way back to one sender of datagrams."""

    def __init__(self, transport: asyncio.DatagramTransport, addr: Any, client: _Client) -> None:
        super().__init__()
        self._transport, self._addr, self._client = transport, addr, client

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._transport.sendto(bytes(data), self._addr)

    def abort(self) -> None:
        self._client.connection_lost(None)

    close = abort


class _Pty(asyncio.Transport):
    """The instrument's end of a pseudo-terminal, as a transport. Not on Windows."""

    def __init__(self, server: SerialServer, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        import tty

        self._server, self._loop = server, loop
        self._own, self._other = os.openpty()
        tty.setraw(self._other)  # held open, so that a host may come and go
        os.set_blocking(self._own, False)
        self.name = os.ttyname(self._other)
        self._client: _Client | None = None
        loop.add_reader(self._own, self._ready)

    def _ready(self) -> None:
        try:
            data = os.read(self._own, 65536)
        except OSError:
            return
        if self._client is None or self._client._link is None:
            self._client = _Client(self._server)
            self._client.connection_made(self)
        self._client.data_received(data)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """To the host; what a full terminal cannot take is lost, as on a real line."""
        with contextlib.suppress(OSError):
            os.write(self._own, data)

    def abort(self) -> None:
        """The cable is pulled: nothing is heard until it is plugged in again."""
        if self._client is not None:
            self._client.connection_lost(None)

    close = abort

    def end(self) -> None:
        """Close the terminal."""
        self.abort()
        self._loop.remove_reader(self._own)
        os.close(self._own)
        os.close(self._other)
