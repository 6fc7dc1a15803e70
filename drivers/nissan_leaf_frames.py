"""Nissan Leaf CAN arithmetic: checksums and the frames that keep the pack awake.

Facts (verified on recorded traffic of AZE0 and ZE1 packs): byte 7 of 1DB, 1DC,
55B and 1D4 is a CRC-8, polynomial 0x85, start 0, over bytes 0–6; the low nibble
of byte 7 of 1F2 is the sum of all other nibbles plus 2.
"""

from __future__ import annotations

_POLYNOMIAL = 0x85


def _table() -> bytes:
    table = bytearray()
    for value in range(256):
        for _ in range(8):
            value = (value << 1) ^ _POLYNOMIAL if value & 0x80 else value << 1
            value &= 0xFF
        table.append(value)
    return bytes(table)


_CRC_TABLE = _table()


def crc8(data: bytes) -> int:
    """Compute the CRC-8 (polynomial 0x85, init 0, not reflected, no final xor) of ``data``."""
    crc = 0
    for byte in data:
        crc = _CRC_TABLE[crc ^ byte]
    return crc


def crc_is_right(data: bytes) -> bool:
    """Check byte 7 of an 8-byte frame."""
    return len(data) == 8 and crc8(data[:7]) == data[7]


def keep_awake_1d4(count: int) -> bytes:
    """Build the 10 ms motor-control frame number ``count``."""
    body = bytes((0x6E, 0x6E, 0x00, 0x04, (0x07, 0x47, 0x87, 0xC7)[count % 4], 0x46, 0xE0))
    return body + bytes((crc8(body),))


def keep_awake_1f2(count: int) -> bytes:
    """Build the 10 ms charger-control frame number ``count``."""
    body = bytes((0x10, 0x64, 0x00, 0xB0 if count % 10 < 5 else 0xB4, 0x00, 0x1E, count % 4))
    nibbles = sum((byte >> 4) + (byte & 0x0F) for byte in body)
    return body + bytes((0x80 | (nibbles + 8 + 2) & 0x0F,))


def keep_awake_50b(count: int) -> bytes:
    """Build the 100 ms wake frame (7 bytes, the same each time)."""
    del count
    return bytes.fromhex("000006C0000000")


def keep_awake_50c(count: int) -> bytes:
    """Build the 100 ms frame number ``count`` (6 bytes)."""
    return bytes(3) + bytes.fromhex(("005DC8", "01B231", "025D63", "03B29A")[count % 4])
