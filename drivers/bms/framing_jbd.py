"""JBD (Xiaoxiang) lines, 9600 8N1: ``DD A5 cmd 00 chk 77`` asks, ``DD cmd status len data chk 77`` answers.

chk = 0x10000 − sum(status, length, data), two bytes, high one first (verified on captured frames).
"""

from __future__ import annotations

from drivers.bms.serial_frames import Cut, Framing, SerialFrame, asked

_READ, _WRITE = 0xA5, 0x5A


class JbdFraming(Framing):
    """Keys are the two hex digits of the command."""

    def begins(self, data: bytes | bytearray) -> int:
        return data.find(0xDD)

    def cut(self, data: bytes | bytearray) -> Cut:
        if len(data) < 4:
            return Cut(0)
        length = data[3] + 7
        if data[1] in (_READ, _WRITE):
            return self._request(data, length)
        if data[2] not in (0x00, 0x80, 0x81, 0x82):
            return Cut(1)
        if len(data) < length:
            return Cut(0)
        key = f"{data[1]:02x}"
        if data[length - 1] != 0x77:
            return Cut(1, (SerialFrame(key, trouble="frame_malformed", detail="no end mark"),))
        if not _right(data[2 : length - 3], data[length - 3 : length - 1]):
            return Cut(length, (SerialFrame(key, trouble="checksum_wrong"),))
        if data[2]:
            told = SerialFrame(key, trouble="negative_response", detail=f"status {data[2]:02X}")
            return Cut(length, (told,))
        return Cut(length, (SerialFrame(key, bytes(data[4 : length - 3])),))

    def _request(self, data: bytes | bytearray, length: int) -> Cut:
        if len(data) < length:
            return Cut(0)
        if data[length - 1] != 0x77 or not _right(data[2 : length - 3], data[length - 3 : length - 1]):
            return Cut(1)
        return Cut(length, (asked(f"{data[2]:02x}", data[1] == _WRITE),))

    def request(self, key: str, address: int) -> bytes:  # noqa: ARG002 - one pack on a line
        body = bytes((int(key, 16), 0))
        return bytes((0xDD, _READ)) + body + (0x10000 - sum(body) & 0xFFFF).to_bytes(2, "big") + b"\x77"


def _right(body: bytes | bytearray, checksum: bytes | bytearray) -> bool:
    return (sum(body) + int.from_bytes(checksum, "big")) & 0xFFFF == 0
