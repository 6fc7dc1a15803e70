"""The checksum of Modbus RTU."""

from __future__ import annotations


def crc16(data: bytes) -> int:
    """CRC-16 with polynomial 0xA001, begun at 0xFFFF (Modbus over serial line V1.02, 6.2.2).

    On a standard line its low byte goes first.
    """
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return value
