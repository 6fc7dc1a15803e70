"""Lines over a serial port or datagrams, for instruments without a connection that could tell a cut.

After a failed query the line must be quiet for a moment before it is used again, so that a late reply is not
taken for the next answer; a datagram socket is replaced, so that late ones find nobody.
"""

from __future__ import annotations

import socket
import time

from drivers import progress
from drivers.errors import TransportError
from drivers.transports.address import SerialAddress, UdpAddress
from drivers.transports.line import ByteLog, LineOptions, cannot_open, echoed, link_lost, timed_out
from drivers.transports.raw import RawLink

_QUIET_S, _QUIET_MAX_S = 0.1, 1.0
_LONGEST_LINE = 65536


class UdpRaw(RawLink):
    """Datagrams to and from one host and port; those of others are not heard."""

    def __init__(self, address: UdpAddress) -> None:
        self.address = address.text
        try:
            family, kind, _, _, where = socket.getaddrinfo(
                address.host, address.port, type=socket.SOCK_DGRAM
            )[0]
            self._socket = socket.socket(family, kind)
            self._socket.connect(where)
        except OSError as error:
            raise cannot_open(self.address, error) from error

    def send(self, data: bytes, timeout_s: float = 1.0) -> None:
        try:
            self._socket.settimeout(timeout_s)
            self._socket.send(data)
        except OSError as error:
            raise link_lost(self.address, f"{len(data)} bytes", error) from error

    def receive(self, timeout_s: float) -> bytes:
        try:
            self._socket.settimeout(max(timeout_s, 0.0))
            return self._socket.recv(65536)
        except (TimeoutError, BlockingIOError):
            return b""
        except OSError as error:  # "refused": nobody listens at that port
            raise link_lost(self.address, "an answer", error) from error

    def close(self) -> None:
        self._socket.close()


class RawLine:
    """A LineTransport. Opens at once; raises TransportError."""

    def __init__(
        self,
        address: SerialAddress | UdpAddress,
        options: LineOptions | None = None,
        log: ByteLog | None = None,
    ) -> None:
        self._where = address
        self._options = options or LineOptions()
        self._log = log
        self._out_of_step = False
        self._closed = False
        self.reopened = 0
        self._link: RawLink | None = self._open()
        if isinstance(address, UdpAddress):
            self._probe()

    @property
    def address(self) -> str:
        return self._where.text

    def write(self, command: str) -> None:
        link = self._in_step(command)
        self._out_of_step = True
        self._send(link, command)
        self._out_of_step = False

    def query(self, command: str, timeout_s: float | None = None) -> str:
        link = self._in_step(command)
        limit_s = self._options.timeout_s if timeout_s is None else timeout_s
        self.drain()
        self._out_of_step = True
        self._send(link, command)
        end, data = self._options.read_terminator.encode("ascii"), b""
        deadline, late = time.monotonic() + limit_s, False
        while not late and len(data) < _LONGEST_LINE:
            left_s = deadline - time.monotonic()
            late = left_s <= 0  # one last look: this program may have had no turn for that long
            data += self._receive(link, max(left_s, 0.0))
            if (at := data.find(end)) >= 0:
                # More than a line: the pairing may have slipped, so the line has to come to rest first.
                self._out_of_step = len(data) > at + len(end)
                if self._log is not None:
                    self._log("rx", data[: at + len(end)])
                text = data[:at].decode("ascii", errors="replace").rstrip("\r\n")
                if text == command:
                    self._out_of_step = True
                    raise echoed(self.address, command)
                progress.exchanged()
                return text
        raise timed_out(self.address, command, limit_s, data)

    def drain(self) -> int:
        link, count = self._in_step("drain"), 0
        while count < _LONGEST_LINE and (spare := self._receive(link, 0.0)):
            count += len(spare)
            if self._log is not None:
                self._log("spare", spare)
        return count

    def close(self) -> None:
        self._closed = True
        self._drop()

    # ------------------------------------------------------------------ parts

    def _open(self) -> RawLink:
        if isinstance(self._where, UdpAddress):
            return UdpRaw(self._where)
        from drivers.transports.raw_serial import SerialRaw

        return SerialRaw(self._where)

    def _probe(self) -> None:
        """Datagrams have no connection: an empty line finds out at once whether nobody listens there."""
        link = self._in_step("the first line")
        link.send(self._options.write_terminator.encode("ascii"))
        try:
            link.receive(0.02)
        except TransportError as error:
            self.close()
            raise cannot_open(self.address, error.__cause__) from error

    def _in_step(self, command: str) -> RawLink:
        if self._closed:
            raise link_lost(self.address, command, "the link was closed by the station")
        if self._out_of_step and self._link is not None:
            if isinstance(self._where, UdpAddress):
                self._drop()
            else:
                self._come_to_rest(self._link, command)
        if self._link is None:
            self._link = self._open()
            self.reopened += 1
        self._out_of_step = False
        return self._link

    def _come_to_rest(self, link: RawLink, command: str) -> None:
        end = time.monotonic() + _QUIET_MAX_S
        while self._receive(link, _QUIET_S):
            if time.monotonic() > end:
                raise link_lost(self.address, command, "it sends without being asked")

    def _send(self, link: RawLink, command: str) -> None:
        data = (command + self._options.write_terminator).encode("ascii")
        try:
            link.send(data)
        except TransportError:
            self._drop()
            raise
        if self._log is not None:
            self._log("tx", data)

    def _receive(self, link: RawLink, timeout_s: float) -> bytes:
        try:
            return link.receive(timeout_s)
        except TransportError:
            self._drop()
            raise

    def _drop(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.close()
