"""Modbus TCP front of the safety relay module, on pymodbus' server.

Coils (FC 1, 5, 15) drive contactors; discrete inputs (FC 2) report. Addresses beyond the module
answer exception 2, registers exception 1, another unit's address stays unanswered.
"""

from __future__ import annotations

from typing import Any

from pymodbus.constants import ExcCodes
from pymodbus.datastore import ModbusServerContext
from pymodbus.datastore.context import ModbusBaseDeviceContext
from pymodbus.server import ModbusTcpServer

from simulators.instruments.safety_io import SafetyIO

_COIL_FUNCTIONS = (1, 5, 15)
_INPUT_FUNCTION = 2


class RelayContext(ModbusBaseDeviceContext):
    """Maps Modbus requests to the safety chain."""

    def __init__(self, io: SafetyIO) -> None:
        self._io = io

    def getValues(self, func_code: int, address: int, count: int = 1) -> list[bool] | ExcCodes:
        """Read coils or discrete inputs."""
        if func_code in _COIL_FUNCTIONS:
            return self._read(self._io.read_coils(address, count), count)
        if func_code == _INPUT_FUNCTION:
            return self._read(self._io.read_inputs(address, count), count)
        return ExcCodes.ILLEGAL_FUNCTION

    def setValues(self, func_code: int, address: int, values: list[int] | list[bool]) -> ExcCodes | None:
        """Write coils."""
        if func_code not in _COIL_FUNCTIONS:
            return ExcCodes.ILLEGAL_FUNCTION
        if address + len(values) > self._io.coil_count:
            return ExcCodes.ILLEGAL_ADDRESS
        self._io.write_coils(address, [bool(value) for value in values])
        return None

    @staticmethod
    def _read(values: list[bool], count: int) -> list[bool] | ExcCodes:
        return values if len(values) == count else ExcCodes.ILLEGAL_ADDRESS


class ModbusRelay:
    """The TCP server."""

    def __init__(self, io: SafetyIO, *, host: str, port: int, unit: int) -> None:
        self.io = io
        self._host = host
        self._port = port
        self._unit = unit
        self._server: ModbusTcpServer | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Host and the port really bound."""
        return self._host, self._port

    async def start(self) -> None:
        """Bind and listen."""
        devices = {self._unit: RelayContext(self.io)}
        self._server = ModbusTcpServer(
            ModbusServerContext(devices=devices, single=False),  # type: ignore[no-untyped-call]
            address=(self._host, self._port),
            ignore_missing_devices=True,
            trace_packet=self._through_cable,
        )
        await self._server.serve_forever(background=True)
        transport: Any = self._server.transport
        self._port = int(transport.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Hang up and stop listening."""
        if self._server is not None:
            await self._server.shutdown()  # type: ignore[no-untyped-call]
            self._server = None

    def _through_cable(self, sending: bool, data: bytes) -> bytes:  # noqa: ARG002  (pymodbus' signature)
        return b"" if "link_silent" in self.io.faults.active else data
