"""What a charger says in GB/T 27930-2015: identifiers, bytes, and the receiving side of long messages.

All values little-endian; currents are told with an offset of −400 A, positive discharging, so that charging
with 20 A is −20 A on the wire. Bits without a meaning are ones.
"""

from __future__ import annotations

from datetime import datetime

CHARGER, PACK = 0x56, 0xF4
CHM, CRM, CTS, CML = 0x1826F456, 0x1801F456, 0x1807F456, 0x1808F456
CRO, CCS, CST, CSD = 0x100AF456, 0x1812F456, 0x101AF456, 0x181DF456
TP_TO_PACK = 0x1CECF456
TP_FROM_PACK = 0x1CEC56F4
DATA_FROM_PACK = 0x1CEB56F4


def chm(version: tuple[int, int, int]) -> bytes:
    """Handshake: the protocol version, V1.1 as (1, 1, 0)."""
    return bytes(version)


def crm(recognised: bool, number: int) -> bytes:
    """Recognition of the pack, and the charger's number."""
    return bytes((0xAA if recognised else 0x00,)) + number.to_bytes(4, "little") + b"\xff\xff\xff"


def cts(now: datetime) -> bytes:
    """Date and time in BCD: seconds, minutes, hours, day, month, year."""
    parts = (now.second, now.minute, now.hour, now.day, now.month, now.year % 100, now.year // 100)
    return bytes(part // 10 << 4 | part % 10 for part in parts)


def cml(voltage_max_V: float, voltage_min_V: float, current_max_A: float, current_min_A: float) -> bytes:
    """What the charger can give; currents as positive charging currents."""
    words = (round(voltage_max_V * 10), round(voltage_min_V * 10), _wire(current_max_A), _wire(current_min_A))
    return b"".join(word.to_bytes(2, "little") for word in words)


def cro(ready: bool) -> bytes:
    """Ready to charge, or not."""
    return b"\xaa" if ready else b"\x00"


def ccs(voltage_V: float, current_A: float, minutes: int, permitted: bool) -> bytes:
    """What flows, as a positive charging current; ``permitted`` False is a pause."""
    words = (round(voltage_V * 10), _wire(current_A), minutes)
    return b"".join(word.to_bytes(2, "little") for word in words) + bytes((0xFC | permitted, 0xFF))


def cst() -> bytes:
    """Stopped by a person; no fault, no error."""
    return bytes((0b00000100, 0x00, 0x00, 0x00))


def csd(minutes: int, energy_kWh: float, number: int) -> bytes:
    """Totals of the session."""
    words = minutes.to_bytes(2, "little") + round(energy_kWh * 10).to_bytes(2, "little")
    return words + number.to_bytes(4, "little")


def clear_to_send(packets: int, first: int, pgn: bytes) -> bytes:
    """J1939-21 TP.CM_CTS."""
    return bytes((17, packets, first, 0xFF, 0xFF)) + pgn


def end_of_message(length: int, packets: int, pgn: bytes) -> bytes:
    """J1939-21 TP.CM_EndOfMsgACK."""
    return bytes((19,)) + length.to_bytes(2, "little") + bytes((packets, 0xFF)) + pgn


def _wire(charging_A: float) -> int:
    return round((400.0 - charging_A) * 10)
