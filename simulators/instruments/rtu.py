"""Modbus RTU of a simulated instrument: cuts frames out of a stream, checks them, answers.

A pause of 50 ms (real time) ends an unfinished frame; a frame for another unit or with a wrong checksum is
not answered (Modbus over serial line V1.02).
"""

from __future__ import annotations

import time
from typing import Protocol

_GAP_S = 0.05
_TABLE = []
for _index in range(256):
    _entry = _index
    for _ in range(8):
        _entry = _entry >> 1 ^ (0xA001 if _entry & 1 else 0)
    _TABLE.append(_entry)


def checksum(data: bytes) -> bytes:
    """CRC-16 of Modbus, low byte first."""
    register = 0xFFFF
    for octet in data:
        register = register >> 8 ^ _TABLE[(register ^ octet) & 0xFF]
    return bytes((register & 0xFF, register >> 8))


class ModbusRefusal(Exception):
    """A Modbus exception: 1 function, 2 address, 3 value, 4 failure."""

    def __init__(self, code: int) -> None:
        super().__init__(f"Modbus exception {code}")
        self.code = code


class RtuDevice(Protocol):
    """What stands behind the unit number."""

    unit: int

    def serve(self, function: int, data: bytes) -> bytes:
        """The data of the reply to ``data`` (both without unit, function, checksum). Raises ModbusRefusal."""
        ...

    def spoil(self, frame: bytes) -> bytes:
        """What active faults do to a reply."""
        ...


class RtuDialect:
    """One client's conversation."""

    def __init__(self, device: RtuDevice) -> None:
        self._device = device
        self._buffer = b""
        self._heard_at = 0.0

    def feed(self, data: bytes) -> list[bytes]:
        """Bytes from the host."""
        now = time.monotonic()
        if now - self._heard_at > _GAP_S:
            self._buffer = b""
        self._heard_at = now
        self._buffer += data
        answers = []
        while len(self._buffer) >= 8:
            length = 8
            if self._buffer[1] in (15, 16):
                length = 9 + self._buffer[6]
            if len(self._buffer) < length:
                break
            frame = self._buffer[:length]
            if checksum(frame[:-2]) != frame[-2:]:
                self._buffer = self._buffer[1:]
                continue
            self._buffer = self._buffer[length:]
            if frame[0] in (0, self._device.unit):
                answer = self._answer(frame[1], frame[2:-2])
                if frame[0]:
                    answers.append(answer)
        return answers

    def _answer(self, function: int, data: bytes) -> bytes:
        unit = self._device.unit
        try:
            body = bytes((unit, function)) + self._device.serve(function, data)
        except ModbusRefusal as refusal:
            body = bytes((unit, function | 0x80, refusal.code))
        return self._device.spoil(body + checksum(body))
