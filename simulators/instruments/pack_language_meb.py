"""What a simulated VW MEB pack says: CAN FD frames with CRC and counter, and UDS on 29-bit identifiers.

Built from the protocol facts, byte by byte; no code of a driver. One multiplexed frame each 180 ms, so a cell
is told again after four of them (temperatures and three times 42 cells).
"""

from __future__ import annotations

from typing import ClassVar

from simulators.instruments.pack_contactors import CLOSED, PRECHARGING, crc8_h2f
from simulators.instruments.pack_languages import PackView, be, clamp, refuse
from simulators.instruments.socketcand import Frame

BMS_20 = bytes.fromhex("ee806e4e29c692c065aa3aa18fcde690")
CELLS_PER_FRAME = 42


class MebLanguage:
    """Mode 7 while waking, 0 with open contactors (2 while it balances), 4 once they are closed to charge."""

    cycles: ClassVar[dict[str, float]] = {"fast": 0.01, "cells": 0.18, "slow": 0.1}
    request_id, reply_id = 0x1C40007B, 0x1C42007B
    fd: ClassVar[bool] = True

    def frames(self, cycle: str, view: PackView, count: int) -> list[Frame]:
        if cycle == "fast":
            return [Frame(0x0CF, self._bms_20(view, count), fd=True)]
        if cycle == "cells":
            groups = max(1, -(-len(view.cells_V) // CELLS_PER_FRAME))
            mux = count % (groups + 1)
            return [Frame(0x16A954E8, self._cells(view, mux), fd=True)]
        raw = 0xFFE if view.waking else clamp(view.insulation_ohm / 5000, 0, 0xFFD)
        isolation = bytes((0, 0, (raw & 0x7F) << 1, raw >> 7, 0, 0, 0, 0))
        return [Frame(0x1A555550, isolation, fd=True)]

    @staticmethod
    def _bms_20(view: PackView, count: int) -> bytes:
        resting = 2 if view.balanced else 0
        mode = 7 if view.waking else {CLOSED: 4, PRECHARGING: 0}.get(view.contactors, resting)
        current = clamp(16300 + view.current_A * 10, 0, 0x7FFD)
        link = clamp(view.outside_V * 4, 0, 0xFFD)
        pack = 0xFFE if view.waking else clamp(view.voltage_V * 4, 0, 0xFFD)
        body = bytes(
            (
                count & 15,
                mode | 1 << 3,
                current & 0xFF,
                current >> 8,
                link & 0xFF,
                link >> 8 | (pack & 15) << 4,
                pack >> 4,
            )
        )
        return bytes((crc8_h2f(body + BMS_20[count & 15 : (count & 15) + 1]),)) + body

    @staticmethod
    def _cells(view: PackView, mux: int) -> bytes:
        if mux == 0:
            temperatures = [clamp((degC + 40) * 2, 0, 0xFC) for degC in view.temperatures_degC[:56]]
            return bytes((0,)) + bytes(temperatures).ljust(63, b"\xfd")
        first = CELLS_PER_FRAME * (mux - 1)
        raw = [
            0xFFE if view.waking else clamp((volts - 1.0) * 1000, 1, 0xFFC)
            for volts in view.cells_V[first : first + CELLS_PER_FRAME]
        ]
        raw += [0xFFE] * (CELLS_PER_FRAME - len(raw))
        whole = sum(one << 12 * at for at, one in enumerate(raw))
        return bytes((mux,)) + whole.to_bytes(63, "little")

    def reply(self, request: bytes, view: PackView) -> bytes | None:
        if request[:1] == b"\x3e":
            return None if request[1:2] == b"\x80" else b"\x7e" + request[1:2]
        if request[:1] != b"\x22":
            return refuse(request, 0x11)
        if len(request) != 3:
            return refuse(request, 0x13)
        number = int.from_bytes(request[1:3], "big")
        if 0x1E40 <= number <= 0x1EAB:
            at = number - 0x1E40
            raw = clamp((view.cells_V[at] - 1.0) * 1000, 0, 0xFFD) if at < len(view.cells_V) else 0xFFE
            return b"\x62" + request[1:3] + be(raw, 2)
        words = {
            0x1E3B: (clamp(view.voltage_V * 4, 0, 0xFFFF), 2),
            0x1E3D: (clamp(150000 + view.current_A * 100, 0, 1 << 31), 4),
            0x1E33: (clamp(max(view.cells_V) / 0.0002441, 0, 0xFFFF), 2),
            0x1E34: (clamp(min(view.cells_V) / 0.0002441, 0, 0xFFFF), 2),
            0x1E2C: (clamp(view.soc * 10000, 0, 0xFFFF), 2),
            0x1E2D: (clamp(view.soc * 10000, 0, 0xFFFF), 2),
            0x1E36: (clamp(view.voltage_V * 32, 0, 0xFFFF), 2),
            0x1E38: (clamp(view.outside_V * 32, 0, 0xFFFF), 2),
        }
        if number not in words:
            return refuse(request, 0x31)
        return b"\x62" + request[1:3] + be(*words[number])
