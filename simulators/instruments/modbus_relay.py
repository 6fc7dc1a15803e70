"""Modbus TCP front of the safety relay module, on pymodbus' server.

Coils (FC 1, 5, 15) drive contactors; discrete inputs (FC 2) report. Addresses beyond the module
answer exception 2, registers exception 1, another unit's address stays unanswered.

With timed coils the board understands what Waveshare publishes for its relay boards: function 5 at
0x0200 + coil ("flash on") closes the coil for a time and then opens it, at 0x0400 + coil ("flash
off") the other way round, the value being the time in units of 100 ms; value 0x5500 turns a coil
over; address 0x00FF means all coils. The reply repeats the request. Not published and chosen here:
the same command again starts the time anew, a plain command ends it, and a time of 0 or above 0x7FFF
is refused with exception 3.
"""

from __future__ import annotations

import asyncio
import logging
import struct
from typing import Any, cast

from pymodbus.constants import ExcCodes
from pymodbus.datastore import ModbusServerContext
from pymodbus.datastore.context import ModbusBaseDeviceContext
from pymodbus.pdu import ExceptionResponse, ModbusPDU
from pymodbus.server import ModbusTcpServer
from pymodbus.server.requesthandler import ServerRequestHandler

from simulators.instruments.safety_io import SafetyIO
from simulators.link import Cable, Link

_COIL_FUNCTIONS = (1, 5, 15)
_INPUT_FUNCTION = 2
_FLASH_ON, _FLASH_OFF = 0x0200, 0x0400
_ALL_COILS = 0x00FF
_ON, _OFF, _TURN_OVER = 0xFF00, 0x0000, 0x5500
_TIME_UNIT_S = 0.1
_LONGEST_TIME = 0x7FFF
#: The loop's timer may fire a clock tick early; a coil is never late by more than this.
_TIMER_SLACK_S = 0.001


class RelayContext(ModbusBaseDeviceContext):
    """Maps Modbus requests to the safety chain."""

    def __init__(self, io: SafetyIO, *, timed: bool) -> None:
        self._io = io
        self._timed = timed

    def getValues(self, func_code: int, address: int, count: int = 1) -> list[bool] | ExcCodes:
        """Read coils or discrete inputs."""
        address -= self._first
        if address < 0:
            return ExcCodes.ILLEGAL_ADDRESS
        if func_code in _COIL_FUNCTIONS:
            return self._read(self._io.read_coils(address, count), count)
        if func_code == _INPUT_FUNCTION:
            return self._read(self._io.read_inputs(address, count), count)
        return ExcCodes.ILLEGAL_FUNCTION

    def setValues(self, func_code: int, address: int, values: list[int] | list[bool]) -> ExcCodes | None:
        """Write coils."""
        if func_code not in _COIL_FUNCTIONS:
            return ExcCodes.ILLEGAL_FUNCTION
        if func_code == _RawWriteCoil.function_code and self._timed:
            return self._write_raw(address, int(values[0]))
        address -= self._first
        if address < 0 or address + len(values) > self._io.coil_count:
            return ExcCodes.ILLEGAL_ADDRESS
        self._io.write_coils(address, [bool(value) for value in values])
        return None

    def _write_raw(self, address: int, value: int) -> ExcCodes | None:
        """Function 5 with its value as it came."""
        io = self._io
        command, number = address & 0xFF00, address & 0x00FF
        coil = number - self._first
        coils = range(io.coil_count) if number == _ALL_COILS else range(coil, coil + 1)
        if command not in (0, _FLASH_ON, _FLASH_OFF) or coils[0] < 0 or coils[-1] >= io.coil_count:
            return ExcCodes.ILLEGAL_ADDRESS
        if command:
            if not 0 < value <= _LONGEST_TIME:
                return ExcCodes.ILLEGAL_VALUE
            for coil in coils:
                io.write_timed(coil, command == _FLASH_ON, value * _TIME_UNIT_S)
            asyncio.get_running_loop().call_later(value * _TIME_UNIT_S + _TIMER_SLACK_S, io.expire)
        elif value == _TURN_OVER:
            for coil in coils:
                io.write_coils(coil, [not io.read_coils(coil, 1)[0]])
        elif value in (_ON, _OFF):
            for coil in coils:
                io.write_coils(coil, [value == _ON])
        else:
            return ExcCodes.ILLEGAL_VALUE
        return None

    @property
    def _first(self) -> int:
        """The address of the first coil and the first input."""
        return 1 if "address_shift" in self._io.faults.active else 0

    @staticmethod
    def _read(values: list[bool], count: int) -> list[bool] | ExcCodes:
        return values if len(values) == count else ExcCodes.ILLEGAL_ADDRESS


class _RawWriteCoil(ModbusPDU):
    """Function 5 whose value reaches the board as it is and is repeated in the reply."""

    function_code = 5
    rtu_frame_size = 8

    def encode(self) -> bytes:
        """Address and value."""
        return struct.pack(">HH", self.address, self.registers[0])

    def decode(self, data: bytes) -> None:
        """Address and value."""
        self.address, value = struct.unpack(">HH", data[:4])
        self.registers = [value]

    async def datastore_update(self, context: ModbusServerContext, device_id: int) -> ModbusPDU:
        """Do it."""
        code = await context.async_setValues(device_id, self.function_code, self.address, self.registers)
        return ExceptionResponse(self.function_code, code) if code else self


class _Server(ModbusTcpServer):
    """pymodbus' server behind a cable that can fail."""

    def __init__(self, cable: Cable, io: SafetyIO, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.cable, self.io = cable, io

    def callback_new_connection(self) -> ServerRequestHandler:
        return _Connection(self)


class _Connection(ServerRequestHandler):
    def __init__(self, server: _Server) -> None:
        super().__init__(server, None, None, None)  # type: ignore[no-untyped-call]
        self._cable, self._io = server.cable, server.io
        self._link: Link | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        transport = cast(asyncio.Transport, transport)  # libuv has a class of its own
        self._link = Link(self._cable, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._link is not None:
            self._link.lost()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        heard = b"" if self._link is None or not self._io.answers else self._link.heard(data)
        if heard:
            super().data_received(heard)

    def send(self, data: bytes, addr: tuple[Any, ...] | None = None) -> None:  # noqa: ARG002  (pymodbus' signature)
        self.recv_buffer = b""
        if self._link is not None and self._io.answers:
            self._link.send(data)


class ModbusRelay:
    """The TCP server."""

    def __init__(self, io: SafetyIO, *, host: str, port: int, unit: int, timed_coils: bool = False) -> None:
        self.io = io
        self._host = host
        self._port = port
        self._unit = unit
        self._timed_coils = timed_coils
        self._cable = Cable(io.faults, spoil=self._spoiled)
        self._server: _Server | None = None
        # It would write its last telegrams to standard error whenever a client goes in between.
        logging.getLogger("pymodbus.logging").setLevel(logging.CRITICAL)

    @property
    def address(self) -> tuple[str, int]:
        """Host and the port really bound."""
        return self._host, self._port

    async def start(self) -> None:
        """Bind and listen."""
        devices = {self._unit: RelayContext(self.io, timed=self._timed_coils)}
        self._server = _Server(
            self._cable,
            self.io,
            ModbusServerContext(devices=devices, single=False),  # type: ignore[no-untyped-call]
            address=(self._host, self._port),
            ignore_missing_devices=True,
            custom_pdu=[_RawWriteCoil] if self._timed_coils else None,
        )
        await self._server.serve_forever(background=True)
        transport: Any = self._server.transport
        self._port = int(transport.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Hang up and stop listening."""
        if self._server is not None:
            self._cable.hang_up()
            await self._server.shutdown()  # type: ignore[no-untyped-call]
            self._server = None

    def _spoiled(self, message: bytes) -> bytes:
        """The telegram with a length field that is two bytes wrong, while that is a fault."""
        if "length_wrong" not in self.io.faults.active:
            return message
        (length,) = struct.unpack_from(">H", message, 4)
        return message[:4] + struct.pack(">H", length + 2) + message[6:]
