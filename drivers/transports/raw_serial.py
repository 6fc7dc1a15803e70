"""Bytes over a serial port.

Pyserial opens the port and sets it up. On POSIX it is read and written here, by its descriptor: each new time
limit costs pyserial a look at all settings of the port. Its ``flush`` is not used either: it waits without a
limit for a device that holds the line by hardware flow control.
"""

from __future__ import annotations

import contextlib
import os
import select
import time
from typing import Any

import serial

from drivers.transports.address import SerialAddress
from drivers.transports.line import cannot_open, link_lost
from drivers.transports.raw import SEND_TIMEOUT_S, RawLink

_CHUNK = 65536
_SENT_STEP_S = 0.001
_FAILED = (serial.SerialException, OSError)


class SerialRaw(RawLink):
    """A serial port, 8N1 and without flow control unless the address asks for something else.

    It is opened for this program alone: a second one is told that the port is taken.
    """

    def __init__(self, address: SerialAddress) -> None:
        self.address = address.text
        try:
            self._port: Any = serial.Serial(
                address.device,
                address.baudrate,
                parity=address.parity,
                stopbits=address.stopbits,
                rtscts=address.rtscts,
                timeout=0.0,
                write_timeout=0.0,
                exclusive=True,
            )
        except (*_FAILED, ValueError) as error:
            raise cannot_open(self.address, error) from error

    def send(self, data: bytes, timeout_s: float = SEND_TIMEOUT_S) -> None:
        deadline = time.monotonic() + timeout_s
        try:
            if os.name == "posix":
                self._write(self._port.fileno(), data, deadline)
            else:
                self._port.write_timeout = timeout_s
                self._port.write(data)
            while self._port.out_waiting:
                _in_time(deadline)
                time.sleep(_SENT_STEP_S)
        except _FAILED as error:
            self.close()
            raise link_lost(self.address, f"{len(data)} bytes", error) from error

    def receive(self, timeout_s: float) -> bytes:
        try:
            if os.name == "posix":
                return self._read(self._port.fileno(), max(timeout_s, 0.0))
            self._port.timeout = max(timeout_s, 0.0)
            first = self._port.read(1)
            return bytes(first + self._port.read(self._port.in_waiting)) if first else b""
        except _FAILED as error:
            self.close()
            raise link_lost(self.address, "an answer", error) from error

    def close(self) -> None:
        self._port.close()

    # ------------------------------------------------------------------ parts

    @staticmethod
    def _write(file: int, data: bytes, deadline: float) -> None:
        while True:
            with contextlib.suppress(BlockingIOError):
                data = data[os.write(file, data) :]
            if not data:
                return
            _in_time(deadline)
            select.select([], [file], [], max(deadline - time.monotonic(), 0.0))

    @staticmethod
    def _read(file: int, timeout_s: float) -> bytes:
        if not select.select([file], [], [], timeout_s)[0]:
            return b""
        if not (data := os.read(file, _CHUNK)):
            raise serial.SerialException("the port is ready but gives nothing: the device has gone")
        return data


def _in_time(deadline: float) -> None:
    if time.monotonic() >= deadline:
        raise serial.SerialTimeoutException("the device does not take what is sent to it")
