"""Lines over a raw TCP socket, without Nagle and without stale replies.

Nagle's algorithm together with the peer's delayed acknowledgement stalls the
second of two small writes by about 40 ms; TCP_NODELAY and one ``sendall`` per
command avoid it.
"""

from __future__ import annotations

import select
import socket
import struct
import sys
import time
from collections import deque
from collections.abc import Callable

from drivers import progress
from drivers.errors import TransportError
from drivers.transports.address import TcpAddress
from drivers.transports.line import ByteLog, LineOptions, cannot_open, echoed, link_lost, timed_out

_CHUNK = 65536
_ECHOES_OF = 8
_SPARE_CHUNKS_MAX = 64
_REOPEN_TRIES = 3
_REOPEN_PAUSE_S = 0.05
_HOLD_OFF_S = 0.2
_TIMEVAL = struct.Struct("@ll")
_KERNEL_TIMES = sys.platform == "linux"
"""The kernel times a blocking call itself: one system call where ``settimeout`` makes two of it, which a
thousand exchanges a second feel."""


def _limit(link: socket.socket, option: int, seconds: float) -> None:
    if _KERNEL_TIMES:
        whole_s, part_s = divmod(max(seconds, 1e-6), 1.0)
        link.setsockopt(socket.SOL_SOCKET, option, _TIMEVAL.pack(int(whole_s), max(int(part_s * 1e6), 1)))
    else:
        link.settimeout(seconds)


def _readable(link: socket.socket) -> Callable[[], object]:
    """A question that is true when something has arrived, asked without waiting."""
    if not hasattr(select, "poll"):
        return lambda: select.select((link,), (), (), 0)[0]
    poll = select.poll()
    poll.register(link, select.POLLIN)
    return lambda: poll.poll(0)


class TcpLine:
    """A LineTransport on a socket of its own. Opens at once; raises TransportError."""

    def __init__(
        self, address: TcpAddress, options: LineOptions | None = None, log: ByteLog | None = None
    ) -> None:
        self._where = (address.host, address.port)
        self._setup(address.text, options or LineOptions(), log)

    def _setup(self, address: str, options: LineOptions, log: ByteLog | None) -> None:
        self._address = address
        self._options = options
        self._log = log
        self._end = options.read_terminator.encode("ascii")
        self._out_of_step = False
        self._closed = False
        # Of queries: some instruments answer one with the very words that set the value.
        self._asked: deque[str] = deque(maxlen=_ECHOES_OF)
        self._hold_off: tuple[float, TransportError] | None = None
        self.spare_bytes = 0
        self.reopened = 0
        self._arrived: Callable[[], object] = bool
        self._socket: socket.socket | None = self._connect()

    @property
    def address(self) -> str:
        return self._address

    def _connect(self) -> socket.socket:
        try:
            link = socket.create_connection(self._where, timeout=self._options.open_timeout_s)
        except OSError as error:
            raise cannot_open(self._address, error) from error
        self._prepare(link)
        return link

    def _prepare(self, link: socket.socket) -> None:
        """No Nagle, and the time limits of this line."""
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if _KERNEL_TIMES:
            link.settimeout(None)
            _limit(link, socket.SO_SNDTIMEO, self._options.timeout_s)
        _limit(link, socket.SO_RCVTIMEO, self._options.timeout_s)
        self._arrived = _readable(link)

    def _disconnect(self) -> None:
        link, self._socket = self._socket, None
        if link is not None:
            link.close()

    def write(self, command: str) -> None:
        link = self._in_step(command)
        data = (command + self._options.write_terminator).encode("ascii")
        # A closed link accepts one more write in silence; looking first finds it out.
        self._throw_away_spare(link, command)
        self._out_of_step = True
        try:
            link.sendall(data)
        except OSError as error:
            self._disconnect()
            raise link_lost(self._address, command, error) from error
        self._out_of_step = False
        if self._log is not None:
            self._log("tx", data)

    def query(self, command: str, timeout_s: float | None = None) -> str:
        link = self._in_step(command)
        data = (command + self._options.write_terminator).encode("ascii")
        limit_s = self._options.timeout_s if timeout_s is None else timeout_s
        self._throw_away_spare(link, command)
        # Stays set when anything, also KeyboardInterrupt, leaves before the reply is complete.
        self._out_of_step = True
        self._asked.append(command)
        try:
            link.sendall(data)
            if self._log is not None:
                self._log("tx", data)
            line = self._read_line(link, command, limit_s)
        except OSError as error:
            self._disconnect()
            raise link_lost(self._address, command, error) from error
        if self._log is not None:
            self._log("rx", line)
        text = line.decode("ascii", errors="replace").rstrip("\r\n")
        if text in self._asked:
            raise echoed(self._address, command)
        self._out_of_step = False
        progress.exchanged()
        return text

    def _read_line(self, link: socket.socket, command: str, limit_s: float) -> bytes:
        deadline = time.monotonic() + limit_s
        end = self._end
        own_limit = limit_s != self._options.timeout_s
        data = b""
        try:
            if own_limit:
                _limit(link, socket.SO_RCVTIMEO, limit_s)
            while True:
                chunk = link.recv(_CHUNK)
                if not chunk:
                    raise ConnectionResetError("the other side closed the connection")
                data = data + chunk if data else chunk
                at, left_s = data.find(end), deadline - time.monotonic()
                if at >= 0:  # whole: that this program had no turn until now is not the instrument's doing
                    break
                if left_s <= 0:  # the kernel's own timing is a few ms coarse
                    raise TimeoutError
                own_limit = True
                _limit(link, socket.SO_RCVTIMEO, left_s)
        except (TimeoutError, BlockingIOError) as error:
            self._disconnect()
            raise timed_out(self._address, command, limit_s, data) from error
        if own_limit:
            _limit(link, socket.SO_RCVTIMEO, self._options.timeout_s)
        at += len(end)
        if at < len(data):
            self._spare(data[at:])
        return data[:at]

    def drain(self) -> int:
        before = self.spare_bytes
        self._throw_away_spare(self._in_step("drain"), "drain")
        return self.spare_bytes - before

    def _throw_away_spare(self, link: socket.socket, command: str) -> None:
        try:
            for _ in range(_SPARE_CHUNKS_MAX):
                if not self._arrived():
                    return
                chunk = link.recv(_CHUNK)
                if not chunk:
                    raise ConnectionResetError("the other side closed the connection")
                self._spare(chunk)
            raise ConnectionAbortedError("it sends without being asked")
        except OSError as error:
            self._disconnect()
            raise link_lost(self._address, command, error) from error

    def _spare(self, data: bytes) -> None:
        self.spare_bytes += len(data)
        if self._log is not None:
            self._log("spare", data)

    def _in_step(self, command: str) -> socket.socket:
        link = self._socket
        if link is not None and not self._out_of_step:
            return link
        if self._closed:
            raise link_lost(self._address, command, "the link was closed by the station")
        self._disconnect()
        self._socket = link = self._reconnect()
        self._out_of_step = False
        self.reopened += 1
        return link

    def _reconnect(self) -> socket.socket:
        if self._hold_off is not None and time.monotonic() < self._hold_off[0]:
            # A shutdown of many parts must not wait for a dead host once per part.
            raise self._hold_off[1]
        for tries_left in reversed(range(_REOPEN_TRIES)):
            try:
                return self._connect()
            except TransportError as error:
                # Instruments that serve one client need a moment to notice that the old link is gone.
                if tries_left and isinstance(error.__cause__, ConnectionError):
                    time.sleep(_REOPEN_PAUSE_S)
                    continue
                self._hold_off = (time.monotonic() + _HOLD_OFF_S, error)
                raise
        raise AssertionError("unreachable")

    def close(self) -> None:
        self._closed = True
        self._disconnect()
