"""One call from an address to an open python-can bus."""

from __future__ import annotations

import can

from drivers.errors import TransportError
from drivers.transports.address import CanAddress, SocketcandAddress, parse_address, wrong_address
from drivers.transports.line import cannot_open
from drivers.transports.socketcand import SocketcandBus


def open_can(address: str, open_timeout_s: float = 1.0) -> can.BusABC:
    """Open ``socketcand://`` or ``can://``. Raises TransportError."""
    parsed = parse_address(address)
    try:
        match parsed:
            case SocketcandAddress():
                return SocketcandBus(parsed.channel, parsed.host, parsed.port, open_timeout_s)
            case CanAddress():
                options = dict(parsed.options)
                if parsed.interface == "slcan":
                    options.setdefault("sleep_after_open", 0)  # python-can sleeps 2 s otherwise
                return can.Bus(channel=parsed.channel, interface=parsed.interface, **options)  # type: ignore[arg-type]
    except can.CanInterfaceNotImplementedError as error:
        raise wrong_address(address, str(error)) from error
    except (can.CanError, OSError, ValueError, TypeError, ImportError) as error:
        # TypeError: an option this interface does not know; ImportError: its library is missing.
        raise cannot_open(address, error) from error
    raise wrong_address(address, "a BMS speaks CAN: use socketcand:// or can://")


def send(bus: can.BusABC, address: str, arbitration_id: int, data: bytes) -> None:
    """Send one standard frame. Raises TransportError."""
    try:
        bus.send(can.Message(arbitration_id=arbitration_id, data=data, is_extended_id=False))
    except (can.CanError, OSError) as error:
        raise TransportError(
            f"{address}: frame {arbitration_id:03X} not sent: {error}",
            remedy="Check the CAN adapter, its bit rate, the termination, and that the pack is awake.",
            address=address,
        ) from error
