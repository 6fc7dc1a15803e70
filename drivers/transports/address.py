"""Addresses as a person writes them in the bench file, parsed into typed records.

Accepted: ``tcp://HOST:PORT``, any VISA resource name, ``modbus-tcp://HOST:PORT?unit=1``,
``socketcand://HOST:PORT/CHANNEL``, ``can://INTERFACE/CHANNEL?bitrate=500000`` and, for instruments that send
raw bytes, ``serial:DEVICE?baudrate=9600``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from drivers.errors import TransportError

ACCEPTED_FORMS = (
    "tcp://HOST:PORT",
    "TCPIP0::HOST::PORT::SOCKET",
    "any other VISA resource name (USB0::…::INSTR, ASRL1::INSTR, GPIB0::9::INSTR)",
    "modbus-tcp://HOST:PORT?unit=1",
    "socketcand://HOST:PORT/CHANNEL",
    "can://INTERFACE/CHANNEL?bitrate=500000",
    "serial:DEVICE?baudrate=9600",
)

_VISA_SOCKET = re.compile(r"TCPIP\d*::(?P<host>[^:]+)::(?P<port>\d+)::SOCKET", re.IGNORECASE)
_VISA = re.compile(r"^(TCPIP|USB|ASRL|GPIB|PXI|VXI|VICP|PRLGX-TCPIP|PRLGX-ASRL)[^:]*(::|$)", re.IGNORECASE)


@dataclass(frozen=True)
class TcpAddress:
    """A raw TCP line server."""

    text: str
    host: str
    port: int


@dataclass(frozen=True)
class VisaAddress:
    """Anything PyVISA opens by its resource name."""

    text: str
    resource: str


@dataclass(frozen=True)
class ModbusTcpAddress:
    """A Modbus TCP server; ``unit`` is the unit (device) identifier 0–255."""

    text: str
    host: str
    port: int
    unit: int


@dataclass(frozen=True)
class SocketcandAddress:
    """A CAN bus served by a socketcand daemon."""

    text: str
    host: str
    port: int
    channel: str


@dataclass(frozen=True)
class CanAddress:
    """Any python-can interface; ``options`` are passed on to it (numbers already converted)."""

    text: str
    interface: str
    channel: str
    options: dict[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True)
class SerialAddress:
    """A serial port (``/dev/ttyUSB0``, ``COM3``), 8N1; ``rtscts``: hardware flow control."""

    text: str
    device: str
    baudrate: int = 9600
    rtscts: bool = False


Address = TcpAddress | VisaAddress | ModbusTcpAddress | SocketcandAddress | CanAddress | SerialAddress


def wrong_address(text: str, why: str) -> TransportError:
    """Build the one error every bad address gives: the address, why, and the accepted forms."""
    return TransportError(
        f"address {text!r} cannot be used: {why}",
        remedy="Write it in one of these forms: " + "; ".join(ACCEPTED_FORMS),
        address=text,
    )


def parse_address(text: str) -> Address:
    """Parse an address. Raises TransportError naming the address and the accepted forms."""
    text = text.strip()
    if _VISA.match(text) and "://" not in text:
        if "::" not in text:
            raise wrong_address(text, "a VISA resource name has parts joined by '::'")
        return VisaAddress(text, text)
    try:
        url = urlsplit(text)
        scheme = url.scheme.lower()
        match scheme:
            case "tcp":
                _nothing_else(text, url)
                return TcpAddress(text, *_host_port(text, url))
            case "modbus-tcp":
                return ModbusTcpAddress(text, *_host_port(text, url, default_port=502), _unit(text, url))
            case "socketcand":
                channel = unquote(url.path.strip("/"))
                if not channel:
                    raise wrong_address(text, "the CAN channel is missing after the port")
                return SocketcandAddress(text, *_host_port(text, url, default_port=29536), channel)
            case "can":
                return _can(text, url)
            case "serial":
                return _serial(text, url)
    except ValueError as error:  # urlsplit's own complaints: a port that is no number, a broken IPv6 bracket
        raise wrong_address(text, str(error)) from error
    raise wrong_address(text, "it is empty" if not text else "its form is not known")


def canonical_address(text: str) -> str:
    """One text for every way to write the same address: to tell whether two mean the same instrument."""
    try:
        parsed = parse_address(text)
    except TransportError:
        return text.strip().lower()
    match parsed:
        case TcpAddress(host=host, port=port):
            return f"tcp {_plain(host)}:{port}"
        case ModbusTcpAddress(host=host, port=port, unit=unit):
            return f"modbus {_plain(host)}:{port}/{unit}"
        case SocketcandAddress(host=host, port=port, channel=channel):
            return f"can {_plain(host)}:{port}/{channel.lower()}"
        case VisaAddress(resource=resource) if raw := _VISA_SOCKET.fullmatch(resource):
            return f"tcp {_plain(raw['host'])}:{raw['port']}"
    return parsed.text.lower()


def _plain(host: str) -> str:
    host = host.lower()
    return "127.0.0.1" if host in ("localhost", "::1") else host


def _host_port(text: str, url: SplitResult, default_port: int | None = None) -> tuple[str, int]:
    port = url.port or default_port
    if not url.hostname:
        raise wrong_address(text, "the host is missing")
    if not port:
        raise wrong_address(text, "the port is missing")
    return url.hostname, port


def _nothing_else(text: str, url: SplitResult) -> None:
    if url.path.strip("/") or url.query or url.fragment:
        raise wrong_address(text, "nothing may follow the port")


def _unit(text: str, url: SplitResult) -> int:
    options = dict(parse_qsl(url.query))
    raw = options.pop("unit", "1")
    if options:
        raise wrong_address(text, f"unknown option {sorted(options)[0]!r}")
    if not raw.isdigit() or not 0 <= int(raw) <= 255:
        raise wrong_address(text, f"unit must be 0 to 255, not {raw!r}")
    return int(raw)


def _can(text: str, url: SplitResult) -> CanAddress:
    if not url.netloc:
        raise wrong_address(text, "the CAN interface is missing")
    channel = unquote(url.path[1:])
    if not channel:
        raise wrong_address(text, "the CAN channel is missing after the interface")
    return CanAddress(text, url.netloc, channel, {key: _number(value) for key, value in parse_qsl(url.query)})


def _serial(text: str, url: SplitResult) -> SerialAddress:
    options = dict(parse_qsl(url.query))
    baudrate, flow = options.pop("baudrate", "9600"), options.pop("flow", "none")
    device = url.netloc + url.path
    if not device:
        raise wrong_address(text, "the serial port is missing")
    if options:
        raise wrong_address(text, f"unknown option {sorted(options)[0]!r}")
    if not baudrate.isdigit() or int(baudrate) == 0:
        raise wrong_address(text, f"baudrate must be a number, not {baudrate!r}")
    if flow not in ("none", "rtscts"):
        raise wrong_address(text, f"flow must be none or rtscts, not {flow!r}")
    return SerialAddress(text, device, int(baudrate), flow == "rtscts")


def _number(value: str) -> str | int | float:
    for kind in (int, float):
        try:
            return kind(value)
        except ValueError:
            continue
    return value
