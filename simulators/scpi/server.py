"""TCP front of a SCPI instrument on asyncio, with the link's faults."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from collections import deque

from simulators.faults import FaultSet
from simulators.scpi.device import ScpiDevice
from simulators.scpi.table import Later

_LONGEST_LINE = 65536
_POLL_S = 0.002
_PIECE_GAP_S = 0.0005
_MERGE_S = 0.010
_RESET = struct.pack("ii", 1, 0)


class LineConnection(asyncio.Protocol):
    """One client. Lines end with LF; CR before LF is accepted."""

    def __init__(self, server: LineServer) -> None:
        self._server = server
        self._device = server.device
        self._active = server.device.faults.active
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._waiting: deque[str] = deque()
        self._pending: Later | None = None
        self._outgoing: deque[bytes] = deque()
        self._free_at_s = 0.0
        self._line = ""
        self._last = b""
        self._queries = 0
        self._merged = b""
        self._handles: set[asyncio.TimerHandle] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Accept or refuse a client."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        handle = transport.get_extra_info("socket")
        if handle is not None:
            handle.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not self._server.admit(self):
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  (asyncio's signature)
        """Forget the client and what it still waited for."""
        self._server.forget(self)
        for handle in self._handles:
            handle.cancel()
        self._handles.clear()
        self._waiting.clear()
        self._pending = None
        self._transport = None

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()

    def reset(self) -> None:
        """Hang up with a reset instead of an orderly end."""
        if self._transport is not None:
            handle = self._transport.get_extra_info("socket")
            if handle is not None:
                handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Cut the stream into lines and execute them."""
        if "link_silent" in self._active:
            self._buffer = b""
            return
        if self._buffer:
            data = self._buffer + data
            self._buffer = b""
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
        self._line = line
        for answer in self._device.execute(line):
            if isinstance(answer, Later):
                self._pending = answer
                self._poll()
            else:
                self._send(answer)

    def _poll(self) -> None:
        pending = self._pending
        if pending is None:
            return
        self._device.before_line()
        if not pending.ready():
            self._call_later(_POLL_S, self._poll)
            return
        self._pending = None
        self._send(pending.answer())
        while self._waiting and self._pending is None:
            line = self._waiting.popleft()
            if line:
                self._execute(line)

    def _send(self, text: str) -> None:
        payload = text.encode("ascii") + b"\n"
        if not self._active and not self._outgoing:
            if self._transport is not None:
                self._transport.write(payload)
            self._last = payload
            return
        self._send_faulty(payload)

    def _send_faulty(self, payload: bytes) -> None:
        if "link_silent" in self._active:
            return
        self._queries += 1
        every = int(self._device.faults.number("query_silent"))
        if every and self._queries % every == 0:
            return
        payload, self._last = self._spoiled(payload), payload
        loop = asyncio.get_running_loop()
        if "merge_replies" in self._active:
            if not self._merged:
                self._call_later(_MERGE_S, self._flush_merged)
            self._merged += payload
            return
        late_s = self._device.faults.number("late_reply") + self._device.faults.number("link_slow")
        start_s = max(loop.time() + late_s, self._free_at_s)
        split = "split_reply" in self._active
        pieces = [payload[i : i + 1] for i in range(len(payload))] if split else [payload]
        for index, piece in enumerate(pieces):
            self._outgoing.append(piece)
            self._call_later(start_s + index * _PIECE_GAP_S - loop.time(), self._flush_one)
        self._free_at_s = start_s + len(pieces) * _PIECE_GAP_S

    def _spoiled(self, payload: bytes) -> bytes:
        """The reply with what the active faults do to its bytes."""
        active = self._active
        if "garbage" in active:
            return os.urandom(max(len(payload) - 1, 4)).replace(b"\n", b"?") + b"\n"
        if "stale_frame" in active:
            self._device.faults.set("stale_frame", None)  # once
            payload = self._last + payload
        if "echo" in active:
            payload = self._line.encode("ascii", "replace") + b"\n" + payload
        if "spare_line" in active:
            payload += str(active["spare_line"]).encode("ascii") + b"\n"
        if "crlf" in active:
            payload = payload.replace(b"\n", b"\r\n")
        return payload

    def _flush_merged(self) -> None:
        merged, self._merged = self._merged, b""
        if self._transport is not None and "link_silent" not in self._active:
            self._transport.write(merged)

    def _flush_one(self) -> None:
        piece = self._outgoing.popleft()
        if self._transport is not None and "link_silent" not in self._active:
            self._transport.write(piece)

    def _call_later(self, delay_s: float, action: object) -> None:
        assert callable(action)
        handle: asyncio.TimerHandle

        def run() -> None:
            self._handles.discard(handle)
            action()

        handle = asyncio.get_running_loop().call_later(max(0.0, delay_s), run)
        self._handles.add(handle)


class LineServer:
    """Listens for one instrument; ``max_clients`` None means any number."""

    def __init__(self, device: ScpiDevice, *, host: str, port: int, max_clients: int | None = None) -> None:
        self.device = device
        self._host = host
        self._port = port
        self._max_clients = max_clients
        self._clients: set[LineConnection] = set()
        self._server: asyncio.Server | None = None
        device.faults.on_change(self._fault_changed)

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
            for client in tuple(self._clients):
                client.close()
            await self._server.wait_closed()
            self._server = None

    def admit(self, client: LineConnection) -> bool:
        """Whether one more client may connect."""
        active = self.device.faults.active
        if self._max_clients is not None and len(self._clients) >= self._max_clients:
            return False
        if "link_reset" in active or ("second_client_refused" in active and self._clients):
            return False
        self._clients.add(client)
        return True

    def forget(self, client: LineConnection) -> None:
        """A client hung up."""
        self._clients.discard(client)

    def _fault_changed(self, name: str) -> None:
        if name == "link_reset" and name in self.device.faults.active:
            for client in tuple(self._clients):
                client.reset()
