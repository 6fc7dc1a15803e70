"""A Leaf pack for tests, from the facts alone: own checksum arithmetic, frames built bit by bit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import can
import isotp


def crc(data: bytes) -> int:
    """CRC-8, polynomial 0x85, as long division over the bits."""
    remainder = int.from_bytes(data, "big") << 8
    for shift in range(8 * len(data) - 1, -1, -1):
        if remainder >> (shift + 8) & 1:
            remainder ^= 0x185 << shift
    return remainder


def closed(body: bytes) -> bytes:
    return body + bytes([crc(body)])


def frame_1db(raw_current: int, raw_voltage: int, count: int, failsafe: int = 0, flags: int = 0x28) -> bytes:
    """Current in 0.5 A, two's complement of 11 bits; voltage in 0.5 V.

    Flags: 0x20 relay permission, 0x10 full, 0x08 interlock.
    """
    current = raw_current & 0x7FF
    body = bytes(
        (
            current >> 3,
            (current & 7) << 5 | failsafe,
            raw_voltage >> 2,
            (raw_voltage & 3) << 6 | flags,
            0,
            0,
            count & 3,
        )
    )
    return closed(body)


def frame_55b(raw_soc: int, count: int) -> bytes:
    return closed(bytes((raw_soc >> 2, (raw_soc & 3) << 6, 0, 0, 0, 0, count & 3)))


def frame_5bc(soh_pct: int) -> bytes:
    return bytes((0, 0, 0, 0, soh_pct << 1, 0, 0, 0))


def frame_5c0(mux: int, degC: float) -> bytes:
    return bytes((mux << 6, 0, int((degC + 40) * 2), 0, 0, 0, 0, 0))


class Pack:
    """Answers 21 02 with ISO-TP on a bus of its own and records what the station sends."""

    def __init__(self, bus: can.BusABC, cells_mV: list[int]) -> None:
        self.bus = bus
        self.cells_mV = cells_mV
        self.requests: list[bytes] = []
        self.request_times: list[float] = []
        self.heard: list[can.Message] = []
        self.heard_event = threading.Condition()
        self.ignore = 0
        self.general: bytes | None = None
        self._count = 0
        self._stop = threading.Event()
        self._notifier = can.Notifier(bus, [self._hear], timeout=0.05)
        address = isotp.Address(isotp.AddressingMode.Normal_11bits, txid=0x7BB, rxid=0x79B)
        self._stack = isotp.NotifierBasedCanStack(
            bus, self._notifier, address=address, params={"tx_padding": 0xFF}
        )
        self._stack.start()
        self._thread = threading.Thread(target=self._answer, daemon=True)
        self._thread.start()

    def _hear(self, message: can.Message) -> None:
        with self.heard_event:
            self.heard.append(message)
            self.heard_event.notify_all()

    def wait_until(self, ready: Callable[[], bool], timeout_s: float = 5.0) -> None:
        with self.heard_event:
            assert self.heard_event.wait_for(ready, timeout_s)

    def _answer(self) -> None:
        while not self._stop.is_set():
            request = self._stack.recv(block=True, timeout=0.05)
            if request is None:
                continue
            self.request_times.append(time.monotonic())
            self.requests.append(bytes(request))
            if self.ignore:
                self.ignore -= 1
            elif bytes(request) == b"\x21\x02":
                cells = b"".join(value.to_bytes(2, "big") for value in self.cells_mV)
                self._stack.send(b"\x61\x02" + cells + bytes(4))
            elif bytes(request) == b"\x21\x01" and self.general is not None:
                self._stack.send(b"\x61\x01" + self.general)
            elif bytes(request) == b"\x21\x84":
                self._stack.send(b"\x61\x84230B6A1234567\x00\x00")

    def send(self, frame: int, data: bytes) -> None:
        self.bus.send(can.Message(arbitration_id=frame, data=data, is_extended_id=False))

    def broadcast(self, raw_current: int, raw_voltage: int) -> None:
        """One 1DB with the next counter value."""
        self.send(0x1DB, frame_1db(raw_current, raw_voltage, self._count))
        self._count += 1

    def close(self) -> None:
        self._stop.set()
        self._thread.join(30)
        self._stack.stop()
        self._notifier.stop()
        self.bus.shutdown()
