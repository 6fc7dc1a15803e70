"""One call from an address to an open line transport."""

from __future__ import annotations

from drivers.transports.address import (
    SerialAddress,
    TcpAddress,
    UdpAddress,
    VisaAddress,
    parse_address,
    wrong_address,
)
from drivers.transports.line import ByteLog, LineOptions, LineTransport
from drivers.transports.tcp import TcpLine


def open_line(address: str, options: LineOptions | None = None, log: ByteLog | None = None) -> LineTransport:
    """Open ``tcp://``, ``udp://``, ``serial:`` or a VISA resource name. Raises TransportError."""
    parsed = parse_address(address)
    match parsed:
        case TcpAddress():
            return TcpLine(parsed, options, log)
        case VisaAddress():
            # PyVISA takes a quarter of a second to import; benches without it do not pay.
            from drivers.transports.visa import open_visa

            return open_visa(parsed, options, log)
        case SerialAddress() | UdpAddress():
            from drivers.transports.raw_line import RawLine

            return RawLine(parsed, options, log)
    raise wrong_address(
        address, "this instrument speaks text lines: use tcp://, udp://, serial: or a VISA resource name"
    )
