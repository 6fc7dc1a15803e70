"""A Modbus slave of our own: telegrams on TCP (MBAP) or RTU frames with CRC inside TCP.

Modbus Application Protocol V1.1b3 and Messaging on TCP/IP V1.0b. A ``ModbusDevice`` answers for bits and
registers; what it refuses becomes an exception reply (1 function, 2 address, 3 value, 4 device).
"""

from __future__ import annotations

import asyncio
import struct
from typing import Protocol, cast

from simulators.faults import FaultSet
from simulators.link import Cable, Link

ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE, DEVICE_FAILURE = 1, 2, 3, 4
_BITS_MAX, _REGISTERS_MAX = 2000, 125
_RTU_LENGTHS = {1: 8, 2: 8, 3: 8, 4: 8, 5: 8, 6: 8}


class ModbusRefusal(Exception):
    """An exception reply; ``code`` says which."""

    def __init__(self, code: int) -> None:
        super().__init__(f"Modbus exception {code}")
        self.code = code


class ModbusDevice(Protocol):
    """What answers. Raise ModbusRefusal for what is not there or not allowed."""

    faults: FaultSet

    def before_line(self) -> None:
        """Bring the world to now."""

    def read_bits(self, function: int, first: int, count: int) -> list[bool]:
        """Coils (function 1) or inputs (2)."""

    def read_registers(self, function: int, first: int, count: int) -> list[int]:
        """Holding (3) or input registers (4)."""

    def write_bit(self, address: int, value: int) -> None:
        """Function 5 with its value as it came."""

    def write_registers(self, first: int, values: list[int]) -> None:
        """Functions 6 and 16."""


def answer(device: ModbusDevice, request: bytes) -> bytes:
    """The reply to a request, both without address, length and checksum (the PDU)."""
    if not request:
        return b""
    function = request[0]
    try:
        return bytes([function]) + _answered(device, function, request[1:])
    except ModbusRefusal as error:
        return bytes([function | 0x80, error.code])
    except struct.error:
        return bytes([function | 0x80, ILLEGAL_VALUE])


def _answered(device: ModbusDevice, function: int, body: bytes) -> bytes:
    device.before_line()
    if function in (1, 2):
        first, count = struct.unpack(">HH", body)
        if not 1 <= count <= _BITS_MAX:
            raise ModbusRefusal(ILLEGAL_VALUE)
        bits = device.read_bits(function, first, count)
        packed = sum(bit << index for index, bit in enumerate(bits)).to_bytes((count + 7) // 8, "little")
        return bytes([len(packed)]) + packed
    if function in (3, 4):
        first, count = struct.unpack(">HH", body)
        if not 1 <= count <= _REGISTERS_MAX:
            raise ModbusRefusal(ILLEGAL_VALUE)
        values = device.read_registers(function, first, count)
        return bytes([2 * count]) + struct.pack(f">{count}H", *values)
    if function in (5, 6):
        first, value = struct.unpack(">HH", body)
        device.write_bit(first, value) if function == 5 else device.write_registers(first, [value])
        return body
    if function == 16:
        first, count, size = struct.unpack(">HHB", body[:5])
        if size != 2 * count or not 1 <= count <= _REGISTERS_MAX:
            raise ModbusRefusal(ILLEGAL_VALUE)
        device.write_registers(first, list(struct.unpack(f">{count}H", body[5 : 5 + size])))
        return body[:4]
    raise ModbusRefusal(ILLEGAL_FUNCTION)


def crc16(data: bytes) -> bytes:
    """CRC of an RTU frame, low byte first (Modbus over serial line V1.02, 6.2.2)."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
    return crc.to_bytes(2, "little")


def take_tcp(buffer: bytes) -> tuple[bytes | None, bytes]:
    """The next MBAP telegram of a stream and the rest; None while it is not complete. Raises ValueError."""
    if len(buffer) < 8:
        return None, buffer
    _, protocol, length = struct.unpack_from(">HHH", buffer)
    if protocol != 0 or not 2 <= length <= 254:
        raise ValueError("no Modbus TCP header")
    end = 6 + length
    return (buffer[:end], buffer[end:]) if len(buffer) >= end else (None, buffer)


def take_rtu(buffer: bytes) -> tuple[bytes | None, bytes]:
    """The next RTU frame of a stream and the rest; a frame with a wrong CRC ends in a ValueError."""
    if len(buffer) < 8:
        return None, buffer
    length = _RTU_LENGTHS.get(buffer[1]) or (9 + buffer[6] if buffer[1] == 16 else None)
    if length is None:
        raise ValueError("no known function")
    if len(buffer) < length:
        return None, buffer
    frame, rest = buffer[:length], buffer[length:]
    if crc16(frame[:-2]) != frame[-2:]:
        raise ValueError("checksum")
    return frame, rest


class _Connection(asyncio.Protocol):
    def __init__(self, server: ModbusServer) -> None:
        self._server = server
        self._link: Link | None = None
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._link = Link(self._server.cable, cast(asyncio.Transport, transport))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  (asyncio's signature)
        if self._link is not None:
            self._link.lost()

    def data_received(self, data: bytes) -> None:
        assert self._link is not None
        self._buffer += self._link.heard(data)
        take = take_rtu if self._server.rtu else take_tcp
        while True:
            try:
                frame, self._buffer = take(self._buffer)
            except ValueError:
                self._buffer = b""  # silence, as the serial line's specification wants it
                return
            if frame is None:
                return
            reply = self._server.reply(frame)
            if reply:
                self._link.send(reply)


class ModbusServer:
    """Listens for one device. ``unit`` None answers every unit; 0 is a broadcast: done, not answered."""

    def __init__(
        self,
        device: ModbusDevice,
        *,
        host: str,
        port: int,
        unit: int | None = None,
        rtu: bool = False,
        max_clients: int | None = None,
    ) -> None:
        self.device = device
        self.rtu = rtu
        self.cable = Cable(device.faults, max_clients=max_clients)
        self._unit = unit
        self._host, self._port = host, port
        self._server: asyncio.Server | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Host and the port really bound."""
        return self._host, self._port

    def reply(self, frame: bytes) -> bytes:
        """The whole reply to a whole frame; empty where there is none."""
        unit = frame[0] if self.rtu else frame[6]
        if self._unit is not None and unit not in (0, self._unit):
            return b""
        pdu = answer(self.device, frame[1:-2] if self.rtu else frame[7:])
        if self.rtu:
            return b"" if unit == 0 else bytes([unit]) + pdu + crc16(bytes([unit]) + pdu)
        return frame[:4] + struct.pack(">HB", len(pdu) + 1, unit) + pdu

    async def start(self) -> None:
        """Bind and listen. Raises OSError if the port is taken."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), self._host, self._port)
        self._port = int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Hang up all clients and stop listening."""
        if self._server is not None:
            self._server.close()
            self.cable.hang_up()
            await self._server.wait_closed()
            self._server = None
