"""Opens a link of bytes by its address."""

from __future__ import annotations

from drivers.transports.address import SerialAddress, TcpAddress, parse_address, wrong_address
from drivers.transports.raw import RawLink, TcpRaw

_PRINTERS = "a label printer speaks raw bytes: use tcp://HOST:9100 or serial:DEVICE"


def open_raw(address: str, speaks: str = _PRINTERS) -> RawLink:
    """Open ``tcp://`` or ``serial:``; ``speaks`` says what is wrong with another. Raises TransportError."""
    parsed = parse_address(address)
    match parsed:
        case TcpAddress():
            return TcpRaw(parsed)
        case SerialAddress():
            from drivers.transports.raw_serial import SerialRaw  # a bench without such a line does not pay

            return SerialRaw(parsed)
    raise wrong_address(address, speaks)
