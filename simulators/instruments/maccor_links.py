"""The two wires of the simulated MacNet server: JSON-RPC messages, and binary frames."""

from __future__ import annotations

import asyncio
import json
import struct
from typing import Any, Protocol, cast

from simulators.link import Cable, Link

MESSAGE_MAX = 1_000_000
_DECODER = json.JSONDecoder()


class MacnetServer(Protocol):
    """What answers."""

    def answer(self, message: Any) -> dict[str, Any]:
        """The answer to one JSON-RPC message."""

    def binary_answer(self, function: tuple[int, int], number: int, data: bytes, count: int = 1) -> bytes:
        """The data of the answer to one binary frame; ``count`` is of channels, where class 4 asks."""


class JsonClient(asyncio.Protocol):
    """One client of the JSON port."""

    def __init__(self, server: MacnetServer, cable: Cable) -> None:
        self._maccor, self._cable = server, cable
        self._link: Link | None = None
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Accept or refuse a client."""
        self._link = Link(self._cable, cast(asyncio.Transport, transport))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  (asyncio's signature)
        """Forget the client."""
        if self._link is not None:
            self._link.lost()

    def data_received(self, data: bytes) -> None:
        """Cut the stream into messages and answer each."""
        assert self._link is not None
        self._rest += self._link.heard(data)
        while True:
            text = self._rest.decode("utf-8", errors="replace").lstrip()
            if not text:
                self._rest = b""
                return
            if text[0] != "{":
                self._rest = b""
                self._send(
                    {"jsonrpc": "2.0", "error": {"code": -32700, "message": "Parse error"}, "id": None}
                )
                return
            try:
                message, end = _DECODER.raw_decode(text)
            except (ValueError, RecursionError):
                if len(self._rest) > MESSAGE_MAX:
                    self._link.abort()
                return  # incomplete
            self._rest = text[end:].encode()
            self._send(self._maccor.answer(message))

    def _send(self, answer: dict[str, Any]) -> None:
        assert self._link is not None
        self._link.send(json.dumps(answer).encode() + b"\r\n")


class BinaryClient(asyncio.Protocol):
    """One client of the binary port."""

    def __init__(self, server: MacnetServer, cable: Cable) -> None:
        self._maccor, self._cable = server, cable
        self._link: Link | None = None
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Accept or refuse a client."""
        self._link = Link(self._cable, cast(asyncio.Transport, transport))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  (asyncio's signature)
        """Forget the client."""
        if self._link is not None:
            self._link.lost()

    def data_received(self, data: bytes) -> None:
        """Cut the stream into messages and answer each."""
        assert self._link is not None
        self._rest += self._link.heard(data)
        while len(self._rest) >= 8:
            first, second, number, length = struct.unpack_from("<HHHH", self._rest)
            # For class 4 the length is a number of channels; there is no data then.
            size = 8 + (0 if first == 4 else length)
            if len(self._rest) < size:
                return
            body, self._rest = self._rest[8:size], self._rest[size:]
            reply = self._maccor.binary_answer((first, second), number, body, max(length, 1))
            self._link.send(struct.pack("<HHHH", first, second, number, len(reply)) + reply)
