"""Requests and replies over TCP for protocols whose messages are neither lines nor Modbus.

Whoever speaks such a protocol says how a message ends; the rest, that no stale reply is ever taken for a
fresh one, is done here.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

from drivers import progress
from drivers.errors import TransportError
from drivers.transports.address import TcpAddress
from drivers.transports.line import cannot_open, link_lost, timed_out

_CHUNK = 65536
MESSAGE_MAX = 16 * 1024 * 1024
"""More than this without an end is no reply."""
HOLD_OFF_S = 0.2
"""A shutdown of many parts must not wait for a dead host once per part."""

Split = Callable[[bytes], int]
"""How many bytes of what has arrived are the first whole message; 0 while it is incomplete.

May raise TransportError for what can never become a message.
"""


class TcpMessages:
    """A connection that asks and is answered, one after the other. Opens at once; raises TransportError.

    After any failure the connection is dropped and the next request opens a new one: a late reply cannot
    meet the wrong request. ``on_open`` is called with this object after every opening, to log in again.
    """

    def __init__(
        self,
        address: TcpAddress,
        split: Split,
        *,
        timeout_s: float = 2.0,
        open_timeout_s: float = 2.0,
        on_open: Callable[[TcpMessages], None] = lambda _: None,
    ) -> None:
        self.address = address.text
        self._where = (address.host, address.port)
        self._split, self._timeout_s, self._open_timeout_s = split, timeout_s, open_timeout_s
        self._on_open = on_open
        self._socket: socket.socket | None = None
        self._rest = b""
        self._closed = False
        self._hold_off: tuple[float, TransportError] | None = None
        self.reopened = -1
        self._connect()

    def ask(self, request: bytes, what: str, timeout_s: float | None = None) -> bytes:
        """Send ``request`` and return the next whole message. ``what`` names it in errors.

        Bytes that arrived unasked before are thrown away. Raises TransportError.
        """
        link = self._in_step(what)
        try:
            self._throw_away_spare(link, what)
            link.settimeout(self._timeout_s)
            link.sendall(request)
            reply = self._receive(link, what, self._timeout_s if timeout_s is None else timeout_s)
        except OSError as error:
            self._drop()
            raise link_lost(self.address, what, error) from error
        except BaseException:
            self._drop()
            raise
        progress.exchanged()
        return reply

    def more(self, what: str, timeout_s: float | None = None) -> bytes:
        """Return one more message in answer to the last request, for protocols that answer in several."""
        link = self._socket
        if link is None:
            raise link_lost(self.address, what, "the link was lost")
        try:
            return self._receive(link, what, self._timeout_s if timeout_s is None else timeout_s)
        except OSError as error:
            self._drop()
            raise link_lost(self.address, what, error) from error
        except BaseException:
            self._drop()
            raise

    def drop(self) -> None:
        """Give up this connection after a reply that makes no sense; the next request opens a new one."""
        self._drop()

    def close(self) -> None:
        """Close the link. Idempotent; never raises."""
        self._closed = True
        self._drop()

    # ------------------------------------------------------------------ parts

    def _receive(self, link: socket.socket, what: str, limit_s: float) -> bytes:
        deadline, late = time.monotonic() + limit_s, False
        data = self._rest
        while True:
            size = self._split(data) if data else 0
            if size:
                self._rest = data[size:]
                return data[:size]
            if len(data) > MESSAGE_MAX:
                raise link_lost(self.address, what, "the reply does not end")
            if late:
                raise timed_out(self.address, what, limit_s, data)
            left_s = deadline - time.monotonic()
            late = left_s <= 0  # one last look: this program may have had no turn for that long
            link.settimeout(max(left_s, 0.0))
            try:
                chunk = link.recv(_CHUNK)
            except (TimeoutError, BlockingIOError):
                raise timed_out(self.address, what, limit_s, data) from None
            if not chunk:
                raise ConnectionResetError("the other side closed the connection")
            data += chunk

    def _throw_away_spare(self, link: socket.socket, what: str) -> None:
        self._rest = b""
        link.settimeout(0.0)
        for _ in range(64):
            try:
                if not link.recv(_CHUNK):
                    raise ConnectionResetError("the other side closed the connection")
            except BlockingIOError:
                return
        raise link_lost(self.address, what, "it sends without being asked")

    def _in_step(self, what: str) -> socket.socket:
        if self._closed:
            raise link_lost(self.address, what, "the link was closed by the station")
        if self._socket is None:
            if self._hold_off is not None and time.monotonic() < self._hold_off[0]:
                raise self._hold_off[1]
            try:
                self._connect()
            except TransportError as error:
                self._hold_off = (time.monotonic() + HOLD_OFF_S, error)
                raise
        assert self._socket is not None
        return self._socket

    def _connect(self) -> None:
        try:
            link = socket.create_connection(self._where, timeout=self._open_timeout_s)
        except OSError as error:
            raise cannot_open(self.address, error) from error
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket, self._rest, self._hold_off = link, b"", None
        self.reopened += 1
        try:
            self._on_open(self)
        except BaseException:
            self._drop()
            raise

    def _drop(self) -> None:
        link, self._socket = self._socket, None
        self._rest = b""
        if link is not None:
            link.close()
