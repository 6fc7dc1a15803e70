"""What simulated packs on CAN say: Kona 64 kWh, E-GMP, BYD Atto 3, and the Pylontech and Victron kind.

Built from the protocol facts, byte by byte; no code of a driver. Rounding is the pack's own: 20 mV, 1 mV, and
only the highest and lowest cell. Where a fact names no start-up value, all ones stand for "not available".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from simulators.instruments.socketcand import Frame


@dataclass(frozen=True)
class PackView:
    """What the controller believes. Current in A, positive charging; ``waking``: nothing is measured yet."""

    current_A: float
    voltage_V: float
    soc: float
    soh: float
    cells_V: Sequence[float]
    temperatures_degC: Sequence[float]
    insulation_ohm: float
    charged_Ah: float
    discharged_Ah: float
    waking: bool
    contactors: str = ""
    """``open``, ``precharging`` or ``closed``; '' where the pack has none of its own to tell of."""
    outside_V: float = 0.0
    balanced: frozenset[int] = frozenset()
    """Numbers, from 1, of the cells that are being balanced."""


class PackLanguage(Protocol):
    """One family. ``cycles``: name and period in s of what it sends by itself."""

    cycles: ClassVar[dict[str, float]]
    request_id: int
    reply_id: int
    fd: ClassVar[bool]

    def frames(self, cycle: str, view: PackView, count: int) -> list[Frame]:
        """The frames of a cycle; ``count`` grows by one each time."""
        ...

    def reply(self, request: bytes, view: PackView) -> bytes | None:
        """The answer to a diagnostic request; None is silence."""
        ...


def clamp(value: float, low: int, high: int) -> int:
    """The nearest whole number within the bounds."""
    return min(max(round(value), low), high)


def refuse(request: bytes, reason: int) -> bytes:
    """A negative response (ISO 14229-1)."""
    return bytes((0x7F, request[0] if request else 0, reason))


def le16(value: int) -> bytes:
    """Two bytes, low one first."""
    return (value & 0xFFFF).to_bytes(2, "little")


def be(value: int, size: int) -> bytes:
    """``size`` bytes, high one first, two's complement."""
    return (value & ((1 << 8 * size) - 1)).to_bytes(size, "big")


class KonaLanguage:
    """Every 100 ms; cells only when asked, 32 at a time in steps of 20 mV."""

    cycles: ClassVar[dict[str, float]] = {"fast": 0.1}
    groups: ClassVar[tuple[bytes, ...]] = (b"\x01\x02", b"\x01\x03", b"\x01\x04")
    request_id, reply_id = 0x7E4, 0x7EC
    fd: ClassVar[bool] = False

    def frames(self, cycle: str, view: PackView, count: int) -> list[Frame]:  # noqa: ARG002
        volts = 0xFFFF if view.waking else clamp(view.voltage_V * 10, 0, 65534)
        current = be(clamp(-view.current_A * 10, -32768, 32767), 2)[::-1]
        coldest, warmest = min(view.temperatures_degC), max(view.temperatures_degC)
        soc = clamp(view.soc * 200, 0, 200)
        return [
            Frame(0x594, bytes((0x34, 0x21, 0x34, 0x21, 0xA0, soc, 0, 0x20))),
            Frame(0x542, bytes((soc, 0, 0, 0, 0, 0, 0xFF, 0xFF))),
            Frame(0x595, b"\x0b\x00\xb8\xb8" + current + le16(volts)),
            Frame(
                0x596,
                b"\x3a\x7a\x00\x00\x4c\x00"
                + be(clamp(coldest, -40, 120), 1)
                + be(clamp(warmest, -40, 120), 1),
            ),
            Frame(0x5D5, b"\x00\x00\x00\xa0\xc8\xc8\x00" + be(clamp(warmest, -40, 120), 1)),
        ]

    def reply(self, request: bytes, view: PackView) -> bytes | None:
        if request[:1] == b"\x3e":
            return b"\x7e" + request[1:2]
        if request[:1] != b"\x22":
            return refuse(request, 0x11)
        if len(request) != 3:
            return refuse(request, 0x13)
        identifier = request[1:3]
        if identifier == b"\x01\x01":
            return b"\x62" + identifier + self._general(view)
        if identifier in self.groups:
            first = 32 * self.groups.index(identifier)
            cells = [clamp(volts / 0.02, 1, 254) for volts in view.cells_V[first : first + 32]]
            return b"\x62" + identifier + b"\xff\xff\xff\xff" + bytes(cells).ljust(32, b"\0")
        if identifier == b"\x01\x05":
            last = [clamp(volts / 0.02, 1, 254) for volts in view.cells_V[96:98]]
            body = bytes(25) + be(clamp(view.soh * 1000, 0, 1000), 2) + bytes(7) + bytes(last).ljust(2, b"\0")
            return b"\x62" + identifier + body + bytes(1)
        return refuse(request, 0x31)

    @staticmethod
    def _general(view: PackView) -> bytes:
        body = bytearray(62)  # places as in the tables: the first three bytes are the answer's own
        cells = list(view.cells_V)
        body[7] = clamp(view.soc * 200, 0, 200)
        body[13:15] = be(clamp(-view.current_A * 10, -32768, 32767), 2)
        body[15:17] = be(clamp(view.voltage_V * 10, 0, 65535), 2)
        body[17:18] = be(clamp(max(view.temperatures_degC), -40, 120), 1)
        body[18:19] = be(clamp(min(view.temperatures_degC), -40, 120), 1)
        body[26], body[27] = clamp(max(cells) / 0.02, 0, 254), cells.index(max(cells)) + 1
        body[28], body[29] = clamp(min(cells) / 0.02, 0, 254), cells.index(min(cells)) + 1
        body[32] = 124
        body[33:37] = be(clamp(view.charged_Ah * 10, 0, 1 << 31), 4)
        body[37:41] = be(clamp(view.discharged_Ah * 10, 0, 1 << 31), 4)
        body[41:45] = be(clamp(view.charged_Ah * view.voltage_V / 100, 0, 1 << 31), 4)
        body[45:49] = be(clamp(view.discharged_Ah * view.voltage_V / 100, 0, 1 << 31), 4)
        body[60:62] = be(clamp(view.insulation_ohm / 1000, 0, 65535), 2)
        return bytes(body[3:])


class EgmpLanguage(KonaLanguage):
    """Nothing by itself; the same identifiers on CAN FD, up to 192 cells in six groups."""

    cycles: ClassVar[dict[str, float]] = {}
    groups: ClassVar[tuple[bytes, ...]] = (
        b"\x01\x02", b"\x01\x03", b"\x01\x04", b"\x01\x0a", b"\x01\x0b", b"\x01\x0c",
    )  # fmt: skip
    fd: ClassVar[bool] = True


class BydLanguage:
    """One frame of three cells every 20 ms: each cell is read when its frame goes out."""

    cycles: ClassVar[dict[str, float]] = {"fast": 0.05, "cells": 0.02, "slow": 1.0}
    request_id, reply_id = 0x7E7, 0x7EF
    fd: ClassVar[bool] = False

    def frames(self, cycle: str, view: PackView, count: int) -> list[Frame]:
        if cycle == "cells":
            groups = max(1, -(-len(view.cells_V) // 3))
            index = count % groups
            raw = [
                0xFFF if view.waking else clamp(volts * 1000, 0, 0xFFE)
                for volts in view.cells_V[3 * index : 3 * index + 3]
            ]
            raw += [0xFFF] * (3 - len(raw))
            return [Frame(0x43D, bytes((index,)) + b"".join(le16(one) for one in raw) + b"\0")]
        if cycle == "fast":
            coarse = 0xFFF if view.waking else clamp(view.voltage_V, 0, 0xFFE)
            fine = 0xFFFF if view.waking else clamp(view.voltage_V * 10, 0, 0xFFFE)
            amperes = 0xFFFF if view.waking else clamp(5000 - view.current_A * 10, 0, 0xFFFE)
            state = bytes((clamp(view.soh * 100, 0, 100), clamp(view.soc * 100, 0, 100), 0))
            per_volt = clamp(view.insulation_ohm / max(view.voltage_V, 1.0), 0, 0xFFFE)
            relays = {"closed": 0x84, "precharging": 0x44}.get(view.contactors, 0x00)
            state_344 = [Frame(0x344, bytes((relays, 0, 0, 0, 0, 0, 0, 0)))] if view.contactors else []
            return [
                *state_344,
                self._closed(0x444, le16(coarse) + le16(amperes) + state),
                self._closed(0x438, bytes(5) + le16(fine)),
                self._closed(0x43A, bytes(2) + le16(per_volt) + bytes(3)),
            ]
        cells = list(view.cells_V)
        low, high = cells.index(min(cells)), cells.index(max(cells))
        cold, warm = (
            clamp(min(view.temperatures_degC) + 40, 0, 254),
            clamp(max(view.temperatures_degC) + 40, 0, 254),
        )
        extremes = bytes((low + 1,)) + le16(clamp(cells[low] * 1000, 0, 0xFFE)) + b"\0"
        extremes += bytes((high + 1,)) + le16(clamp(cells[high] * 1000, 0, 0xFFE)) + b"\0"
        temperatures = (
            bytes((1, cold, 2, warm)) + le16(clamp(view.soc * 1000, 0, 1000)) + bytes((cold + warm >> 1,))
        )
        return [Frame(0x446, extremes), self._closed(0x447, temperatures)]

    @staticmethod
    def _closed(can_id: int, body: bytes) -> Frame:
        return Frame(can_id, body + bytes((0xFF - (sum(body) & 0xFF),)))

    def reply(self, request: bytes, view: PackView) -> bytes | None:
        if request[:1] != b"\x22" or len(request) != 3:
            return refuse(request, 0x11 if request[:1] != b"\x22" else 0x13)
        words = {
            0x0004: 12,
            0x1FFC: view.soc * 10000,
            0x1FFE: view.soh * 15000,
            0x000B: 321,
            0x000F: view.charged_Ah,
            0x0010: view.discharged_Ah,
            0x0011: view.charged_Ah * view.voltage_V / 1000,
            0x0012: view.discharged_Ah * view.voltage_V / 1000,
        }
        number = words.get(int.from_bytes(request[1:3], "big"))
        return (
            refuse(request, 0x31)
            if number is None
            else b"\x62" + request[1:3] + le16(clamp(number, 0, 65535))
        )


class PylontechCanLanguage:
    """Once a second; of the cells only the highest and the lowest."""

    cycles: ClassVar[dict[str, float]] = {"slow": 1.0}
    request_id, reply_id = 0x7F0, 0x7F8
    fd: ClassVar[bool] = False

    def frames(self, cycle: str, view: PackView, count: int) -> list[Frame]:  # noqa: ARG002
        cells = view.cells_V
        kelvin = [clamp(degC + 273.15, 0, 65535) for degC in view.temperatures_degC]
        amperes = le16(clamp(view.current_A * 10, -32768, 32767))
        measured = le16(clamp(view.voltage_V * 100, -32768, 32767)) + amperes
        low_high = (
            clamp(min(cells) * 1000, 0, 65535),
            clamp(max(cells) * 1000, 0, 65535),
            min(kelvin),
            max(kelvin),
        )
        return [
            Frame(0x351, le16(532) + le16(1000) + le16(1000) + le16(448)),
            Frame(0x355, le16(clamp(view.soc * 100, 0, 100)) + le16(clamp(view.soh * 100, 0, 100))),
            Frame(0x356, measured + le16(clamp(max(view.temperatures_degC) * 10, -32768, 32767))),
            Frame(0x359, bytes(4) + b"\x01PN"),
            Frame(0x35C, b"\xc0\x00"),
            Frame(0x35E, b"PYLON   "),
            Frame(0x373, b"".join(le16(one) for one in low_high)),
        ]

    def reply(self, request: bytes, view: PackView) -> bytes | None:  # noqa: ARG002
        return None
