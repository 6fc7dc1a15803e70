"""One unit behind Modbus TCP: requests that may be repeated, on a link that reopens itself.

Modbus Application Protocol V1.1b3 for the exception codes. Every failed exchange drops the link; the next
one reconnects. A unit that stays silent is not asked again: the caller decides what a late answer means.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from pymodbus import FramerType, ModbusException
from pymodbus.client import ModbusTcpClient
from pymodbus.exceptions import ConnectionException

from drivers.contracts.common import Identity
from drivers.errors import InstrumentError, TransportError
from drivers.transports.address import ModbusTcpAddress
from drivers.transports.line import REMEDY_UNREACHABLE

_CAUSES = {1: "illegal function", 2: "illegal address", 3: "illegal value", 4: "device failure", 6: "busy"}
_ILLEGAL_FUNCTION = 1


class ModbusTcpUnit:
    """A client for one unit. ``remedy`` says where to look when the unit answers with an exception."""

    def __init__(
        self,
        address: ModbusTcpAddress,
        *,
        timeout_s: float,
        remedy: str,
        framer: Literal["socket", "rtu"] = "socket",
    ) -> None:
        self.address = address.text
        self.unit = address.unit
        self._timeout_s = timeout_s
        self._remedy = remedy
        self.client: Any = ModbusTcpClient(  # partly untyped
            address.host,
            port=address.port,
            framer=FramerType.RTU if framer == "rtu" else FramerType.SOCKET,
            timeout=timeout_s,
            retries=0,
        )
        self.connect()

    def close(self) -> None:
        """Release the link."""
        self.client.close()

    def ask(self, what: str, request: Callable[[], Any]) -> Any:
        """Exchange once; once more on a fresh link where the unit had closed the old one.

        Raises TransportError, and InstrumentError with the exception code that the unit answered.
        """
        self.connect()
        try:
            try:
                reply = request()
            except (ConnectionException, OSError):
                self.client.close()
                self.connect()
                reply = request()
        except (ModbusException, OSError) as error:
            raise self.lost(what, error) from error
        except BaseException:
            self.client.close()  # an interrupted exchange leaves a reply on its way
            raise
        if reply.isError():
            code = int(reply.exception_code)
            raise InstrumentError(
                f"{self.address}: {what}: Modbus exception {code} ({_CAUSES.get(code, 'unknown')})",
                remedy=self._remedy,
                address=self.address,
                error_code=code,
                text=_CAUSES.get(code, "unknown"),
            )
        return reply

    def bits(self, what: str, count: int, request: Callable[[], Any]) -> list[bool]:
        """Exactly ``count`` bits. Raises as ``ask``, and TransportError when fewer came back."""
        bits = [bool(bit) for bit in self.ask(what, request).bits[:count]]
        if len(bits) < count:
            raise self.lost(what, f"only {len(bits)} of {count} bits came back")
        return bits

    def registers(self, first: int, count: int, what: str) -> list[int]:
        """Holding registers (function 3). Raises as ``bits``."""
        reply = self.ask(
            what, lambda: self.client.read_holding_registers(first, count=count, device_id=self.unit)
        )
        values = [int(value) for value in reply.registers[:count]]
        if len(values) < count:
            raise self.lost(what, f"only {len(values)} of {count} registers came back")
        return values

    def identification(self) -> Identity:
        """Function 43/14, basic; blank where the unit has none."""
        try:
            reply = self.ask("identification", lambda: self.client.read_device_information(
                read_code=1, object_id=0, device_id=self.unit
            ))  # fmt: skip
        except InstrumentError as error:
            if error.params["error_code"] != _ILLEGAL_FUNCTION:
                raise
            return Identity("", "", "", "")
        texts = [reply.information.get(index, b"") for index in range(3)]
        vendor, product, revision = (text.decode("ascii", errors="replace").strip() for text in texts)
        return Identity(vendor, product, "", revision)

    def connect(self) -> None:
        """Open the link unless it is open. Raises TransportError."""
        if not self.client.connect():
            raise TransportError(
                f"{self.address}: cannot be opened",
                remedy=REMEDY_UNREACHABLE,
                address=self.address,
            )

    def lost(self, what: str, why: object) -> TransportError:
        """Drop the link; the error to raise."""
        self.client.close()
        return TransportError(
            f"{self.address}: no valid answer for {what} within {self._timeout_s:g} s: {why}",
            remedy=f"{REMEDY_UNREACHABLE} Check the unit id and the framing (Modbus TCP or RTU in TCP).",
            address=self.address,
        )
