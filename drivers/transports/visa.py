"""Lines through PyVISA: USB, GPIB, serial, VXI-11, and raw sockets without the Nagle stall.

For a raw ``SOCKET`` resource PyVISA-py reports a refused connection as opened,
spins on a closed one and cannot set TCP_NODELAY (its attribute raises
UnknownAttribute), so set-then-query stalls 44 ms. There the resource manager
opens the session and the line is then spoken on the session's own socket by
the same code as ``tcp://``.
"""

from __future__ import annotations

import contextlib
import socket
import warnings
from typing import Any

import pyvisa
from pyvisa import constants
from pyvisa.errors import VisaIOError
from pyvisa.resources import TCPIPSocket

from drivers import progress
from drivers.transports.address import VisaAddress, wrong_address
from drivers.transports.line import (
    ByteLog,
    LineOptions,
    LineTransport,
    cannot_open,
    echoed,
    link_lost,
    timed_out,
)
from drivers.transports.tcp import TcpLine


def open_visa(
    address: VisaAddress, options: LineOptions | None = None, log: ByteLog | None = None
) -> LineTransport:
    """Open a VISA resource as a line transport. Raises TransportError."""
    options = options or LineOptions()
    resource = _open(address, options)
    link = _private_socket(resource)
    if link is None:
        return VisaLine(address, options, log, resource)
    return VisaSocketLine(address, options, log, resource)


def _open(address: VisaAddress, options: LineOptions) -> Any:
    try:
        with warnings.catch_warnings():
            # Backends warn of every other interface whose library is missing, GPIB for one.
            warnings.simplefilter("ignore")
            return pyvisa.ResourceManager(options.visa_backend).open_resource(
                address.resource, open_timeout=int(options.open_timeout_s * 1000)
            )
    except (ValueError, OSError) as error:
        # ValueError: name not parsed, or a backend or driver package that is not installed.
        raise wrong_address(address.text, f"VISA says: {error}") from error
    except Exception as error:  # PyVISA-py raises bare Exception when it cannot connect
        raise cannot_open(address.text, error) from error


def _private_socket(resource: Any) -> socket.socket | None:
    """Get the socket inside a PyVISA-py SOCKET session; None for everything else."""
    sessions = getattr(resource.visalib, "sessions", {})
    link = getattr(sessions.get(resource.session), "interface", None)
    return link if isinstance(link, socket.socket) else None


class VisaSocketLine(TcpLine):
    """A raw SOCKET resource: opened and closed by PyVISA, spoken by TcpLine."""

    def __init__(
        self, address: VisaAddress, options: LineOptions, log: ByteLog | None, resource: Any
    ) -> None:
        self._visa_address = address
        self._resource: Any = resource
        self._setup(address.text, options, log)

    def _connect(self) -> socket.socket:
        if self._resource is None:
            self._resource = _open(self._visa_address, self._options)
        link = _private_socket(self._resource)
        try:
            if link is None:
                raise OSError("PyVISA gave no socket")
            pending = link.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if pending:
                raise ConnectionRefusedError(pending, "connection refused")
            link.getpeername()
            self._prepare(link)
        except OSError as error:
            self._disconnect()
            raise cannot_open(self._visa_address.text, error) from error
        return link

    def _disconnect(self) -> None:
        self._socket = None
        resource, self._resource = self._resource, None
        _close_quietly(resource)


class VisaLine:
    """Every other VISA resource, through PyVISA's own read and write."""

    def __init__(
        self, address: VisaAddress, options: LineOptions, log: ByteLog | None, resource: Any
    ) -> None:
        self._visa_address = address
        self._options = options
        self._log = log
        self._end = options.read_terminator.encode("ascii")
        self._out_of_step = False
        self._closed = False
        self.reopened = 0
        self._resource: Any = resource
        self._configure(resource)

    @property
    def address(self) -> str:
        return self._visa_address.text

    def _configure(self, resource: Any) -> None:
        resource.timeout = self._options.timeout_s * 1000
        resource.read_termination = self._options.read_terminator
        if self._options.baudrate is not None and hasattr(resource, "baud_rate"):
            resource.baud_rate = self._options.baudrate
        if self._options.visa_backend != "@py" and isinstance(resource, TCPIPSocket):
            resource.set_visa_attribute(constants.ResourceAttribute.tcpip_nodelay, True)

    def write(self, command: str) -> None:
        resource = self._in_step(command)
        self._out_of_step = True
        self._send(resource, command)
        self._out_of_step = False

    def query(self, command: str, timeout_s: float | None = None) -> str:
        resource = self._in_step(command)
        self._out_of_step = True
        limit_s = self._options.timeout_s if timeout_s is None else timeout_s
        if timeout_s is not None:
            resource.timeout = timeout_s * 1000
        self._throw_away_spare(resource, command)
        self._send(resource, command)
        line = self._receive(resource, command, limit_s)
        if timeout_s is not None:
            resource.timeout = self._options.timeout_s * 1000
        if line == command:
            raise echoed(self.address, command)
        self._out_of_step = False
        progress.exchanged()
        return line

    def _send(self, resource: Any, command: str) -> None:
        data = (command + self._options.write_terminator).encode("ascii")
        try:
            resource.write_raw(data)
        except (VisaIOError, OSError) as error:
            raise link_lost(self.address, command, error) from error
        if self._log is not None:
            self._log("tx", data)

    def _receive(self, resource: Any, command: str, limit_s: float) -> str:
        try:
            data: bytes = resource.read_raw()
        except VisaIOError as error:
            if error.error_code == constants.StatusCode.error_timeout:
                raise timed_out(self.address, command, limit_s) from error
            raise link_lost(self.address, command, error) from error
        except OSError as error:
            raise link_lost(self.address, command, error) from error
        if self._log is not None:
            self._log("rx", data)
        if not data.endswith(self._end) and self._resource_is_stream(resource):
            raise timed_out(self.address, command, limit_s, data)
        return data.decode("ascii", errors="replace").rstrip("\r\n")

    @staticmethod
    def _resource_is_stream(resource: Any) -> bool:
        # Message-based links (USB, GPIB, VXI-11) mark the end of a reply outside the text.
        return bool(resource.interface_type == constants.InterfaceType.asrl)

    def _throw_away_spare(self, resource: Any, command: str) -> int:
        if not self._resource_is_stream(resource):
            return 0
        try:
            waiting = int(resource.bytes_in_buffer)
            data = resource.read_bytes(waiting) if waiting else b""
        except (VisaIOError, OSError) as error:
            raise link_lost(self.address, command, error) from error
        if data and self._log is not None:
            self._log("spare", data)
        return len(data)

    def drain(self) -> int:
        return self._throw_away_spare(self._in_step("drain"), "drain")

    def _in_step(self, command: str) -> Any:
        if self._closed:
            raise link_lost(self.address, command, "the link was closed by the station")
        if self._out_of_step:
            old, self._resource = self._resource, None
            if old is not None:
                with contextlib.suppress(VisaIOError, OSError, NotImplementedError):
                    old.clear()  # device clear: the instrument forgets the unread reply
            _close_quietly(old)
            self._resource = _open(self._visa_address, self._options)
            self._configure(self._resource)
            self._out_of_step = False
            self.reopened += 1
        return self._resource

    def close(self) -> None:
        self._closed = True
        resource, self._resource = self._resource, None
        _close_quietly(resource)


def _close_quietly(resource: Any) -> None:
    """Close a resource; a link that is already broken may refuse, which changes nothing."""
    if resource is not None:
        with contextlib.suppress(VisaIOError, OSError, AttributeError, pyvisa.errors.InvalidSession):
            resource.close()
