"""Modbus RTU for instruments on a serial line (Modbus Application Protocol V1.1b3, serial line V1.02)."""

from __future__ import annotations

import struct

from drivers.errors import InstrumentError
from drivers.modbus_crc import crc16
from drivers.transports.frames import FrameLink, garbled

_CAUSES = {1: "illegal function", 2: "illegal address", 3: "illegal value", 4: "device failure", 6: "busy"}
_READ_COILS, _READ_REGISTERS, _WRITE_COIL, _WRITE_REGISTERS = 1, 3, 5, 16


def sealed(body: bytes) -> bytes:
    """``body`` with its checksum, low byte first."""
    return body + crc16(body).to_bytes(2, "little")


def cut_reply(data: bytes, request: bytes, address: str) -> bytes | None:
    """The reply to ``request`` at the start of ``data``; None while more is needed. Raises GarbledReply."""
    if len(data) < 3:
        return None
    unit, function = request[0], request[1]
    if data[0] != unit or data[1] & 0x7F != function:
        raise garbled(address, data, f"not an answer of unit {unit} to function {function}")
    if data[1] & 0x80:
        length = 5
    elif function in (_READ_COILS, _READ_REGISTERS):
        count = int.from_bytes(request[4:6], "big")
        wanted = (count + 7) // 8 if function == _READ_COILS else 2 * count
        if data[2] != wanted:
            raise garbled(address, data, f"{data[2]} bytes instead of {wanted}")
        length = 5 + wanted
    else:
        length = 8
    if len(data) < length:
        return None
    frame = data[:length]
    if sealed(frame[:-2]) != frame:
        raise garbled(address, frame, "the checksum is wrong")
    if function in (_WRITE_COIL, _WRITE_REGISTERS) and not data[1] & 0x80 and frame[2:6] != request[2:6]:
        raise garbled(address, frame, "not the echo of the write")
    return frame


class RtuUnit:
    """One unit on a line. Raises TransportError; InstrumentError for a Modbus exception."""

    def __init__(self, link: FrameLink, unit: int) -> None:
        self.link = link
        self._unit = unit

    def coils(self, first: int, count: int) -> list[bool]:
        """Get coils (function 1)."""
        reply = self._ask(_READ_COILS, struct.pack(">HH", first, count))
        return [bool(reply[3 + n // 8] >> n % 8 & 1) for n in range(count)]

    def registers(self, first: int, count: int) -> list[int]:
        """Get holding registers (function 3)."""
        reply = self._ask(_READ_REGISTERS, struct.pack(">HH", first, count))
        return list(struct.unpack(f">{count}H", reply[3:-2]))

    def floats(self, first: int, count: int) -> list[float]:
        """Get IEEE single floats, two registers each, most significant first."""
        words = self.registers(first, 2 * count)
        return list(struct.unpack(f">{count}f", struct.pack(f">{2 * count}H", *words)))

    def write_coil(self, coil: int, on: bool) -> None:
        """Set a coil (function 5)."""
        self._ask(_WRITE_COIL, struct.pack(">HH", coil, 0xFF00 if on else 0))

    def write_registers(self, first: int, content: bytes) -> None:
        """Set holding registers (function 16)."""
        count = len(content) // 2
        self._ask(_WRITE_REGISTERS, struct.pack(">HHB", first, count, len(content)) + content)

    def write_register(self, at: int, value: int) -> None:
        """Set one register by function 16."""
        self.write_registers(at, struct.pack(">H", value))

    def write_float(self, at: int, value: float) -> None:
        """Set an IEEE single float."""
        self.write_registers(at, struct.pack(">f", value))

    def _ask(self, function: int, data: bytes) -> bytes:
        request = sealed(bytes((self._unit, function)) + data)
        address = self.link.address
        reply = self.link.ask(request, lambda got: cut_reply(got, request, address))
        if reply[1] & 0x80:
            cause = _CAUSES.get(reply[2], "unknown")
            raise InstrumentError(
                f"{address}: function {function}: Modbus exception {reply[2]} ({cause})",
                remedy="Check that nobody works at its front panel, and the model in the bench file.",
                address=address,
                error_code=reply[2],
                text=cause,
            )
        return reply
