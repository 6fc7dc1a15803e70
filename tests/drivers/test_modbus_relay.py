"""Relay boards against pymodbus's own server (an independent other side), and against a mute one."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from pymodbus import FramerType, ModbusDeviceIdentification
from pymodbus.datastore import ModbusDeviceContext, ModbusSequentialDataBlock, ModbusServerContext
from pymodbus.server import ModbusTcpServer

from drivers.catalogue import open_instrument
from drivers.contracts.relay import RelayBoard
from drivers.errors import InstrumentError, OutOfRange, TransportError
from tests.drivers.line_server import LineServer


class Board:
    """pymodbus's server in a thread of its own: 32 coils, 16 inputs, unit 1."""

    def __init__(self, framer: FramerType = FramerType.SOCKET, port: int = 0) -> None:
        self.coils = ModbusSequentialDataBlock(1, [False] * 32)
        self.inputs = ModbusSequentialDataBlock(1, [False] * 16)
        self.frames: list[bytes] = []
        self._framer = framer
        self._loop = asyncio.new_event_loop()
        self._up = threading.Event()
        self.port = port
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._up.wait(30)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        device = ModbusDeviceContext(co=self.coils, di=self.inputs)
        identity = ModbusDeviceIdentification(
            info_name={"VendorName": "Advantech", "ProductCode": "ADAM-6050", "MajorMinorRevision": "5.0"}
        )

        def trace(sending: bool, frame: bytes) -> bytes:
            if not sending and frame:
                self.frames.append(frame)
            return frame

        self._server = ModbusTcpServer(
            ModbusServerContext(devices={1: device}, single=False),
            framer=self._framer,
            identity=identity,
            address=("127.0.0.1", self.port),
            trace_packet=trace,
        )
        await self._server.listen()
        self.port = self._server.transport.sockets[0].getsockname()[1]
        self._done = asyncio.Event()
        self._up.set()
        await self._done.wait()
        await self._server.shutdown()

    def address(self, unit: int = 1) -> str:
        return f"modbus-tcp://127.0.0.1:{self.port}?unit={unit}"

    def close(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._done.set)
            self._thread.join(30)
        assert not self._thread.is_alive()


@pytest.fixture
def board() -> Iterator[Board]:
    server = Board()
    yield server
    server.close()


def relay(board: Board, unit: int = 1, **options: object) -> RelayBoard:
    device = open_instrument("modbus-relay", board.address(unit), options)
    assert isinstance(device, RelayBoard)
    return device


def test_coils_and_inputs_with_the_adam_map(board: Board) -> None:
    device = relay(board, map="adam-6050")
    device.set_coil(0, True)
    device.set_coil(5, True)
    device.set_coil(5, False)
    assert device.coils(0, 6) == [True, False, False, False, False, False]
    assert board.coils.getValues(1 + 16, 2) == [True, False]
    board.inputs.setValues(1 + 3, [True])
    assert device.inputs(0, 5) == [False, False, False, True, False]
    # FC05 coil 16 on, then FC01 read-back of one coil: transaction id, 0000, length, unit, function …
    assert board.frames[0][2:] == bytes.fromhex("0000 0006 01 05 0010 FF00")
    assert board.frames[1][2:] == bytes.fromhex("0000 0006 01 01 0010 0001")
    device.close()


def test_offsets_and_active_low_inputs(board: Board) -> None:
    device = relay(board, coil_offset=8, input_offset=4, active_low_inputs=True, verify=False)
    device.set_coil(0, True)
    assert board.coils.getValues(1 + 8, 1) == [True]
    board.inputs.setValues(1 + 4, [True])
    assert device.inputs(0, 2) == [False, True]
    device.close()


def test_rtu_frames_inside_tcp() -> None:
    board = Board(FramerType.RTU)
    device = relay(board, map="waveshare-8", framer="rtu")
    device.set_coil(7, True)
    assert device.coils(0, 8) == [False] * 7 + [True]
    assert board.frames[0] == bytes.fromhex("01 05 0007 FF00 3DFB")
    device.close()
    board.close()


def test_identity(board: Board) -> None:
    device = relay(board)
    who = device.identify()
    assert (who.manufacturer, who.model, who.firmware) == ("Advantech", "ADAM-6050", "5.0")
    device.close()


def test_a_modbus_exception_is_named(board: Board) -> None:
    device = relay(board, coil_offset=100)
    with pytest.raises(InstrumentError, match="illegal address") as caught:
        device.set_coil(0, True)
    assert caught.value.params["error_code"] == 2
    with pytest.raises(OutOfRange):
        device.coils(-1, 1)
    device.close()


def test_a_board_that_restarts_is_reached_again(board: Board) -> None:
    device = relay(board)
    device.set_coil(1, True)
    board.close()
    with pytest.raises(TransportError) as caught:
        device.coils(0, 1)
    assert board.address() in caught.value.message
    again = Board(port=board.port)
    device.set_coil(2, True)
    assert device.coils(2, 1) == [True]
    device.close()
    again.close()


def test_a_coil_that_does_not_follow_is_told(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    device = relay(board)
    monkeypatch.setattr(board.coils, "setValues", lambda *_: None)
    with pytest.raises(InstrumentError, match="coil 3 was set closed"):
        device.set_coil(3, True)
    device.close()


def test_a_mute_board_times_out_fast() -> None:
    with LineServer({}) as mute:
        device = open_instrument("modbus-relay", f"modbus-tcp://127.0.0.1:{mute.port}", {"timeout_s": 0.1})
        assert isinstance(device, RelayBoard)
        before = time.monotonic()
        with pytest.raises(TransportError, match=r"within 0\.1 s"):
            device.set_coil(0, False)
        assert time.monotonic() - before < 10.0
        device.close()


def test_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(TransportError, match=f"127.0.0.1:{port}"):
        open_instrument("modbus-relay", f"modbus-tcp://127.0.0.1:{port}", {})
    with pytest.raises(TransportError, match="use modbus-tcp"):
        open_instrument("modbus-relay", f"tcp://127.0.0.1:{port}", {})
