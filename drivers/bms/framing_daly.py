"""Daly lines, 9600 8N1: ``A5 address command 08 eight bytes sum``, and the Modbus form that radio units send.

Address 40 asks, 01 answers; the sum is that of all bytes before it (verified on captured frames). The Modbus
form is ``D2 03 count registers crc`` with the CRC-16 of Modbus, low byte first (verified on captured frames);
what it holds is told by its length.
"""

from __future__ import annotations

from drivers.bms.serial_frames import Cut, Framing, SerialFrame, asked, crc16_modbus, first_of

_HOST = 0x40
_BY_COUNT = {124: "status", 160: "status", 64: "version", 82: "settings", 2: "switch", 6: "password"}


class DalyFraming(Framing):
    """Keys: two hex digits of the command, or ``status``, ``version``, ``settings`` of the Modbus form."""

    def begins(self, data: bytes | bytearray) -> int:
        return first_of(data, (b"\xa5", b"\xd2\x03", b"\xd2\x06", b"\xd2\x10"))

    def cut(self, data: bytes | bytearray) -> Cut:
        if data[0] == 0xD2:
            return self._modbus(data)
        if len(data) < 4:
            return Cut(0)
        if data[3] != 8:
            return Cut(1)
        if len(data) < 13:
            return Cut(0)
        key = f"{data[2]:02x}"
        if sum(data[:12]) & 0xFF != data[12]:
            return Cut(1, (SerialFrame(key, trouble="checksum_wrong"),))
        if data[1] >= _HOST:
            return Cut(13, (asked(key, not 0x90 <= data[2] <= 0x98),))
        return Cut(13, (SerialFrame(key, bytes(data[4:12]), data[1]),))

    def _modbus(self, data: bytes | bytearray) -> Cut:
        if len(data) < 3:
            return Cut(0)
        if len(data) >= 8 and crc16_modbus(data[:6]) == int.from_bytes(data[6:8], "little"):
            return Cut(8, (asked("modbus", data[1] != 3),))
        if data[1] != 3:
            return Cut(1)
        length = 3 + data[2] + 2
        if len(data) < length:
            return Cut(0)
        key = _BY_COUNT.get(data[2], f"modbus-{data[2]}")
        if crc16_modbus(data[: length - 2]) != int.from_bytes(data[length - 2 : length], "little"):
            return Cut(1, (SerialFrame(key, trouble="checksum_wrong"),))
        return Cut(length, (SerialFrame(key, bytes(data[3 : length - 2])),))

    def request(self, key: str, address: int) -> bytes:
        if key == "status":
            body = b"\xd2\x03" + (0).to_bytes(2, "big") + (62).to_bytes(2, "big")
            return body + crc16_modbus(body).to_bytes(2, "little")
        body = bytes((0xA5, _HOST + max(0, address - 1), int(key, 16), 8)) + bytes(8)
        return body + bytes((sum(body) & 0xFF,))
