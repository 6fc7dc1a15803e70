"""Diagnostic replies of the simulated Leaf BMS and their ISO-TP transport (79B → 7BB).

The BMS answers one request at a time and silently drops what arrives while it answers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from simulators.instruments.pack_balancing import bitmap
from simulators.instruments.pack_contactors import trouble_code_bytes
from simulators.instruments.socketcand import Frame

REQUEST_ID = 0x79B
REPLY_ID = 0x7BB
CELLS = 96
CELL_REPLY_BYTES = 198
_PAD = 0xFF
_FLOW_TIMEOUT_S = 1.0


@dataclass(frozen=True)
class PackState:
    """What the BMS believes."""

    current_A: float
    voltage_V: float
    soc: float
    soh: float
    capacity_Ah: float
    insulation_kohm: float
    cell_voltages_V: Sequence[float]
    balanced: frozenset[int] = frozenset()
    codes: Sequence[str] = ()
    charge_counts: tuple[int, int] = (0, 0)
    serial: str = ""


def reply_to(request: bytes, state: Callable[[], PackState], *, zero_emission_1: bool) -> bytes | None:
    """Reply payload to a request payload, or None if the BMS stays silent."""
    if len(request) == 2 and request[0] == 0x21:
        if request[1] == 0x01:
            return _general(state(), zero_emission_1)
        if request[1] == 0x02:
            return _cells(state())
        if request[1] == 0x06:
            return b"\x61\x06" + bitmap(state().balanced, 12)
        if request[1] == 0x62:
            return b"\x61\x62" + b"".join(count.to_bytes(2, "big") for count in state().charge_counts)
        if request[1] == 0x84 and state().serial:
            return b"\x61\x84" + state().serial.encode("ascii", "replace")
        if request[1] == 0x61:
            return b"\x61\x61" + round(state().soh * 10000.0).to_bytes(2, "big")
        return bytes((0x7F, 0x21, 0x12))
    if len(request) == 3 and request[:2] == b"\x19\x02":
        return bytes((0x59, 0x02, 0x0E)) + trouble_code_bytes(state().codes)
    if len(request) == 2 and request[0] == 0x10:
        return bytes((0x50, request[1]))
    return bytes((0x7F, request[0], 0x11)) if request else None


def _general(state: PackState, zero_emission_1: bool) -> bytes:
    body = bytearray(53 if zero_emission_1 else 43)
    body[0:2] = b"\x61\x01"
    current = round(state.current_A * 1024.0).to_bytes(4, "big", signed=True)
    body[2:6] = current
    body[8:12] = current
    body[20:22] = round(max(0.0, state.voltage_V) * 100.0).to_bytes(2, "big")
    body[24:26] = round(state.insulation_kohm).to_bytes(2, "big")
    soc = round(state.soc * 1e6).to_bytes(3, "big")
    ampere_hours = round(state.capacity_Ah * 1e4).to_bytes(3, "big")
    if zero_emission_1:
        body[30:32] = round(state.soh * 10240.0).to_bytes(2, "big")
        body[33:36], body[37:40] = soc, ampere_hours
    else:
        body[28:30] = round(state.soh * 10000.0).to_bytes(2, "big")
        body[31:34], body[35:38] = soc, ampere_hours
    return bytes(body)


def _cells(state: PackState) -> bytes:
    body = bytearray(CELL_REPLY_BYTES)
    body[0:2] = b"\x61\x02"
    for index, voltage_V in enumerate(state.cell_voltages_V[:CELLS]):
        millivolt = min(max(round(voltage_V * 1000.0), 0), 0xFFFF)
        body[2 + 2 * index : 4 + 2 * index] = millivolt.to_bytes(2, "big")
    return bytes(body)


class IsoTpServer:
    """ISO 15765-2 side of the BMS. ``gap_s`` is its own time between consecutive frames (real s).

    Block size and separation time are those that the tester asks for. ``pending_s``: how long it lets the
    tester wait after a "pending"; 0 answers at once.
    """

    def __init__(
        self,
        send: Callable[[Frame], None],
        reply: Callable[[bytes], bytes | None],
        *,
        gap_s: Callable[[], float],
        reply_id: int = REPLY_ID,
        pending_s: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._send = send
        self._reply_id = reply_id
        self._reply = reply
        self._gap_s = gap_s
        self._pending_s = pending_s
        self._rest = b""
        self._sequence = 0
        self._block_left: int | None = None
        self._waiting_flow = False
        self._minimum_gap_s = 0.0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def busy(self) -> bool:
        """Whether a reply is on its way."""
        return self._timer is not None

    def close(self) -> None:
        """Drop a reply that is under way."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._waiting_flow = False
        self._rest = b""

    def receive(self, data: bytes) -> None:
        """A frame on the request identifier."""
        kind = data[0] >> 4 if data else 0xF
        if kind == 3:
            self._flow_control(data)
        elif kind == 0 and not self.busy:
            length = data[0] & 0x0F
            request = data[1 : 1 + length]
            if len(request) == length and length:
                self._later(self._gap_s(), lambda: self._begin(request))

    def _begin(self, request: bytes) -> None:
        self._timer = None
        wait_s = self._pending_s()
        if wait_s > 0:
            self._put(bytes((3, 0x7F, request[0], 0x78)))
            self._later(wait_s, lambda: self._answer(request))
        else:
            self._answer(request)

    def _answer(self, request: bytes) -> None:
        self._timer = None
        payload = self._reply(request)
        if payload is None:
            return
        if len(payload) <= 7:
            self._put(bytes((len(payload),)) + payload)
            return
        self._put(bytes((0x10 | len(payload) >> 8, len(payload) & 0xFF)) + payload[:6])
        self._rest = payload[6:]
        self._sequence = 1
        self._await_flow()

    def _flow_control(self, data: bytes) -> None:
        if not self._waiting_flow or len(data) < 3 or data[0] & 0x0F:
            return
        self._waiting_flow = False
        self._block_left = data[1] or None
        self._minimum_gap_s = _separation_s(data[2])
        self._later(max(self._gap_s(), self._minimum_gap_s), self._consecutive)

    def _consecutive(self) -> None:
        self._timer = None
        self._put(bytes((0x20 | self._sequence,)) + self._rest[:7])
        self._rest = self._rest[7:]
        self._sequence = (self._sequence + 1) & 0x0F
        if not self._rest:
            return
        if self._block_left is not None:
            self._block_left -= 1
            if self._block_left == 0:
                self._await_flow()
                return
        self._later(max(self._gap_s(), self._minimum_gap_s), self._consecutive)

    def _await_flow(self) -> None:
        self._waiting_flow = True
        self._later(_FLOW_TIMEOUT_S, self.close)

    def _later(self, delay_s: float, action: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(delay_s, action)

    def _put(self, data: bytes) -> None:
        self._send(Frame(self._reply_id, data.ljust(8, bytes((_PAD,)))))


def _separation_s(code: int) -> float:
    if code <= 0x7F:
        return code / 1000.0
    if 0xF1 <= code <= 0xF9:
        return (code - 0xF0) / 10000.0
    return 0.127
