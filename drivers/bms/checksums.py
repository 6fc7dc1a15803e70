"""Checksums and counters of the families, for one frame and, with numpy, for many at once.

``leaf_crc8``: CRC-8, polynomial 0x85, start 0 over the bytes before it (verified on recorded traffic).
``inverted_sum``: the complement of the byte sum (verified on recorded traffic of BYD cars).
``crc8_h2f``: CRC-8 with polynomial 0x2F, start and final xor 0xFF over the bytes after it and one constant
that the counter in the low nibble of byte 1 picks (read in a source, not verified).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

ChecksumKind = Literal["leaf_crc8", "inverted_sum", "crc8_h2f"]


def _table(polynomial: int) -> bytes:
    table = bytearray()
    for value in range(256):
        for _ in range(8):
            value = (value << 1 ^ polynomial if value & 0x80 else value << 1) & 0xFF
        table.append(value)
    return bytes(table)


_TABLES = {"leaf_crc8": _table(0x85), "crc8_h2f": _table(0x2F)}
_ARRAYS: dict[str, npt.NDArray[np.uint8]] = {
    kind: np.frombuffer(table, dtype=np.uint8) for kind, table in _TABLES.items()
}


@dataclass(frozen=True)
class Checksum:
    """Which byte of a frame proves the others. ``constants``: 16 bytes, one for each counter value."""

    kind: ChecksumKind
    at: int
    constants: bytes = b""

    def expected(self, data: bytes) -> int:
        """The checksum byte that ``data`` should have."""
        if self.kind == "inverted_sum":
            return ~(sum(data) - data[self.at]) & 0xFF
        if self.kind == "leaf_crc8":
            table, crc = _TABLES["leaf_crc8"], 0
            for byte in data[: self.at]:
                crc = table[crc ^ byte]
            return crc
        table, crc = _TABLES["crc8_h2f"], 0xFF
        for byte in data[self.at + 1 :]:
            crc = table[crc ^ byte]
        return table[crc ^ self.constants[data[self.at + 1] & 15]] ^ 0xFF

    def right(self, data: bytes) -> bool:
        """Whether the checksum of one frame is right; too short a frame has none."""
        return len(data) > self.at + (self.kind == "crc8_h2f") and self.expected(data) == data[self.at]

    def right_all(self, rows: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
        """The same for frames of one length: shape (frames, bytes) → (frames,)."""
        if rows.shape[1] <= self.at + (self.kind == "crc8_h2f"):
            return np.zeros(len(rows), dtype=np.bool_)
        own: npt.NDArray[Any] = rows[:, self.at]
        if self.kind == "inverted_sum":
            total = rows.sum(axis=1, dtype=np.uint32) - own
            return np.asarray((~total & 0xFF) == own)
        table = _ARRAYS[self.kind]
        if self.kind == "leaf_crc8":
            crc = np.zeros(len(rows), dtype=np.uint8)
            for column in range(self.at):
                crc = table[crc ^ rows[:, column]]
            return np.asarray(crc == own)
        crc = np.full(len(rows), 0xFF, dtype=np.uint8)
        for column in range(self.at + 1, rows.shape[1]):
            crc = table[crc ^ rows[:, column]]
        constants = np.frombuffer(self.constants, dtype=np.uint8)
        return np.asarray(table[crc ^ constants[rows[:, self.at + 1] & 15]] ^ 0xFF == own)
