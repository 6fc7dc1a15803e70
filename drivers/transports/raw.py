"""Bytes over TCP or a serial port, for protocols that are not lines: label printers, frames."""

from __future__ import annotations

import socket
import time
from abc import ABC, abstractmethod

from drivers.errors import TransportError
from drivers.transports.address import TcpAddress
from drivers.transports.line import cannot_open, link_lost

OPEN_TIMEOUT_S = 1.0
SEND_TIMEOUT_S = 20.0
"""A label of 60 mm x 40 mm is 38 kB of ZPL: 40 s at 9600 baud are too long for anybody to wait."""


class RawLink(ABC):
    """An open link. Every failure raises TransportError; a failed link stays closed."""

    address: str

    @abstractmethod
    def send(self, data: bytes, timeout_s: float = SEND_TIMEOUT_S) -> None:
        """Send all of ``data``."""

    @abstractmethod
    def receive(self, timeout_s: float) -> bytes:
        """Get what arrives next, at most for ``timeout_s``; empty when nothing does."""

    @abstractmethod
    def close(self) -> None:
        """Close. Idempotent; never raises."""

    def ask(self, request: bytes, end: bytes, count: int, timeout_s: float) -> bytes:
        """Send and read until ``end`` has come ``count`` times, or an answer of ``count`` bytes without one.

        What arrived unasked before is thrown away. Returns what came, which may be too little.
        """
        while self.receive(0.0):
            pass
        self.send(request)
        deadline, data, late = time.monotonic() + timeout_s, b"", False
        while not late:
            left_s = deadline - time.monotonic()
            late = left_s <= 0  # one last look: this program may have had no turn for that long
            data += self.receive(max(left_s, 0.0))
            if (data.count(end) if end else len(data)) >= count:
                break
        return data


class TcpRaw(RawLink):
    """A raw TCP connection, as printers offer on port 9100."""

    def __init__(self, address: TcpAddress) -> None:
        self.address = address.text
        try:
            self._socket = socket.create_connection((address.host, address.port), timeout=OPEN_TIMEOUT_S)
        except OSError as error:
            raise cannot_open(self.address, error) from error
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, data: bytes, timeout_s: float = SEND_TIMEOUT_S) -> None:
        try:
            self._socket.settimeout(timeout_s)
            self._socket.sendall(data)
        except OSError as error:
            self.close()
            raise link_lost(self.address, f"{len(data)} bytes", error) from error

    def receive(self, timeout_s: float) -> bytes:
        try:
            self._socket.settimeout(max(timeout_s, 0.0))
            data = self._socket.recv(65536)
        except (TimeoutError, BlockingIOError):
            return b""
        except OSError as error:
            self.close()
            raise link_lost(self.address, "an answer", error) from error
        if not data:
            self.close()
            raise link_lost(self.address, "an answer", "the other side closed the connection")
        return data

    def close(self) -> None:
        self._socket.close()


__all__ = ["RawLink", "TransportError"]
