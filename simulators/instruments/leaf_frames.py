"""Encodes the broadcast frames of a Nissan Leaf battery controller (Motorola bit order).

Facts: 1DB, 1DC (10 ms), 55B, 5BC (100 ms), 59E, 5C0 (500 ms); CRC-8 with polynomial 0x85 over
bytes 0–6 in byte 7 of 1DB, 1DC, 55B; 0x3FF as "not available" in voltage and current after waking.
"""

from __future__ import annotations

NOT_AVAILABLE = 0x3FF
WATT_HOURS_PER_GID = 77.0


def _crc_table(polynomial: int) -> tuple[int, ...]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = ((value << 1) ^ polynomial if value & 0x80 else value << 1) & 0xFF
        table.append(value)
    return tuple(table)


_CRC_85 = _crc_table(0x85)


def crc8(data: bytes) -> int:
    """CRC-8, polynomial 0x85, start 0, no reflection, no final xor."""
    crc = 0
    for byte in data:
        crc = _CRC_85[crc ^ byte]
    return crc


def _sealed(body: bytearray) -> bytes:
    body[7] = crc8(bytes(body[:7]))
    return bytes(body)


def _clamped(value: float, low: int, high: int) -> int:
    return min(max(round(value), low), high)


def current_raw(current_A: float) -> int:
    """Signed 11-bit count of 0.5 A, never the sentinel."""
    return _clamped(current_A / 0.5, -1024, NOT_AVAILABLE - 1)


def voltage_raw(voltage_V: float) -> int:
    """10-bit count of 0.5 V, never the sentinel."""
    return _clamped(voltage_V / 0.5, 0, NOT_AVAILABLE - 1)


def frame_1db(
    *,
    current: int,
    voltage: int,
    counter: int,
    relay_permitted: bool,
    interlock_closed: bool,
    full: bool,
    failsafe: int,
    relay_cut: int = 0,
) -> bytes:
    """Pack current (raw) and voltage (raw), permission, cut request, interlock, counter 0–3."""
    current &= 0x7FF
    body = bytearray(8)
    body[0] = current >> 3
    body[1] = (current & 7) << 5 | (relay_cut & 3) << 3 | (failsafe & 7)
    body[2] = voltage >> 2
    body[3] = (voltage & 3) << 6 | relay_permitted << 5 | full << 4 | interlock_closed << 3
    body[6] = counter & 3
    return _sealed(body)


def frame_1dc(*, discharge_kW: float, charge_kW: float, charger_kW: float, counter: int) -> bytes:
    """Power limits."""
    discharge = _clamped(discharge_kW / 0.25, 0, 0x3FE)
    charge = _clamped(charge_kW / 0.25, 0, 0x3FE)
    charger = _clamped((charger_kW + 10.0) / 0.1, 0, 0x3FE)
    body = bytearray(8)
    body[0] = discharge >> 2
    body[1] = (discharge & 3) << 6 | charge >> 4
    body[2] = (charge & 15) << 4 | charger >> 6
    body[3] = (charger & 63) << 2
    body[6] = counter & 3
    return _sealed(body)


def frame_55b(*, soc_percent: float, counter: int, empty: bool) -> bytes:
    """State of charge in 0.1 %."""
    soc = _clamped(soc_percent * 10.0, 0, 1000)
    body = bytearray(8)
    body[0] = soc >> 2
    body[1] = (soc & 3) << 6
    body[6] = empty << 7 | (counter & 3)
    return _sealed(body)


def frame_5bc(*, gids: int, maximum: bool, soh_percent: float, temperature_degC: float) -> bytes:
    """Energy in GIDs of 77 Wh (or their maximum), state of health, temperature."""
    gids = _clamped(gids, 0, 0x3FF)
    body = bytearray(8)
    body[0] = gids >> 2
    body[1] = (gids & 3) << 6
    body[3] = _clamped(temperature_degC + 40.0, 0, 254)
    body[4] = _clamped(soh_percent, 0, 127) << 1
    body[5] = maximum << 4
    return bytes(body)


def frame_5c0(*, highest: bool, temperature_degC: float) -> bytes:
    """Highest (mux 1) or lowest (mux 3) temperature, 0.5 °C steps from -40 °C."""
    body = bytearray(8)
    body[0] = (1 if highest else 3) << 6
    body[2] = _clamped(temperature_degC + 40.0, 0, 127) << 1
    return bytes(body)


def frame_59e() -> bytes:
    """Sent by AZE0 and later; its content is not in the facts, so it is zero here."""
    return bytes(8)
