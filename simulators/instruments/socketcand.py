"""A socketcand daemon on TCP: carries the frames of one simulated bus.

Protocol (linux-can/socketcand, raw mode): ``< hi >``, ``< open can0 >`` and ``< rawmode >`` each
answered ``< ok >``, then ``< frame ID SEC.USEC DATA >`` and ``< send ID LEN B0 B1 … >``; for CAN FD
``< fdframe ID FLAGS SEC.USEC DATA >`` and ``< fdsend ID FLAGS LEN B0 B1 … >``.
Time stamps are wall-clock seconds, as a real daemon gives.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from simulators.faults import FaultSet
from simulators.link import Cable, Link

#: Frames start this long after raw mode, so that no frame shares a packet with its ``< ok >``:
#: clients compare the packet as a whole.
QUIET_AFTER_RAWMODE_S = 0.05
_STANDARD_ID_LIMIT = 0x7FF
_LONGEST_BACKLOG = 1 << 20


@dataclass(frozen=True)
class Frame:
    """One CAN frame; above 7FF the identifier has 29 bits."""

    can_id: int
    data: bytes
    fd: bool = False


class SocketcandServer:
    """Listens for clients; ``receive`` gets their frames, ``listening`` tells whether any listens."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        faults: FaultSet,
        bus: str = "can0",
        receive: Callable[[Frame], None],
        listening: Callable[[bool], None],
    ) -> None:
        self._host = host
        self._port = port
        self.bus = bus
        self.cable = Cable(faults)
        self._receive = receive
        self._listening = listening
        self._raw: set[_Client] = set()
        self._server: asyncio.Server | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Host and the port really bound."""
        return self._host, self._port

    async def start(self) -> None:
        """Bind and listen."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Client(self), self._host, self._port)
        self._port = int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Hang up and stop listening."""
        if self._server is not None:
            self._server.close()
            self.cable.hang_up()
            await self._server.wait_closed()
            self._server = None

    def send(self, frame: Frame) -> None:
        """Put a frame of the simulated BMS on the bus."""
        if self._raw:
            line = _frame_line(frame)
            for client in self._raw:
                client.write(line)

    # ---- called by clients ----------------------------------------------------------------

    def in_raw_mode(self, client: _Client) -> None:
        """A client wants frames."""
        self._raw.add(client)
        if len(self._raw) == 1:
            self._listening(True)

    def left(self, client: _Client) -> None:
        """A client went."""
        if client in self._raw:
            self._raw.discard(client)
            if not self._raw:
                self._listening(False)

    def from_client(self, sender: _Client, frame: Frame) -> None:
        """A frame for the bus: the BMS and all other clients see it."""
        others = [client for client in self._raw if client is not sender]
        if others:
            line = _frame_line(frame)
            for client in others:
                client.write(line)
        self._receive(frame)


class _Client(asyncio.Protocol):
    def __init__(self, server: SocketcandServer) -> None:
        self._server = server
        self._transport: asyncio.Transport | None = None
        self._link: Link | None = None
        self._buffer = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport = cast(asyncio.Transport, transport)  # libuv has a class of its own
        self._transport = transport
        self._link = Link(self._server.cable, transport)
        if self._link.open:
            self.write(b"< hi >")

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  (asyncio's signature)
        if self._link is not None:
            self._link.lost()
        self._transport = None
        self._server.left(self)

    def write(self, line: bytes) -> None:
        # A client that does not read loses frames, as on a real bus.
        if (
            self._link is not None
            and self._transport is not None
            and self._transport.get_write_buffer_size() < _LONGEST_BACKLOG
        ):
            self._link.send(line)

    def data_received(self, data: bytes) -> None:
        assert self._link is not None
        self._buffer += self._link.heard(data).decode("ascii", "replace")
        *commands, self._buffer = self._buffer.split(">")
        for command in commands:
            self._handle(command.replace("<", " ").split())

    def _handle(self, words: list[str]) -> None:
        if not words:
            return
        if words[0] == "open":
            known = len(words) == 2 and words[1] == self._server.bus
            self.write(b"< ok >" if known else b"< error could not open bus >")
        elif words[0] == "rawmode":
            self.write(b"< ok >")
            if self._link is not None:
                self._link.later(QUIET_AFTER_RAWMODE_S, lambda: self._server.in_raw_mode(self))
        elif words[0] == "echo":
            self.write(b"< echo >")
        elif words[0] == "send":
            self._send(words[1:], fd=False)
        elif words[0] == "fdsend" and len(words) > 2:
            self._send([words[1], *words[3:]], fd=True)
        else:
            self.write(b"< error unknown command >")

    def _send(self, words: list[str], *, fd: bool) -> None:
        try:
            can_id = int(words[0], 16)
            length = int(words[1])
            data = bytes(int(word, 16) for word in words[2:])
        except (ValueError, IndexError):
            self.write(b"< error syntax error in send command >")
            return
        if len(data) != length or length > (64 if fd else 8):
            self.write(b"< error syntax error in send command >")
            return
        self._server.from_client(self, Frame(can_id, data, fd))


def _frame_line(frame: Frame) -> bytes:
    name = f"{frame.can_id:03X}" if frame.can_id <= _STANDARD_ID_LIMIT else f"{frame.can_id:08X}"
    if frame.fd:
        return f"< fdframe {name} 01 {time.time():.6f} {frame.data.hex().upper()} >".encode("ascii")
    return f"< frame {name} {time.time():.6f} {frame.data.hex().upper()} >".encode("ascii")
