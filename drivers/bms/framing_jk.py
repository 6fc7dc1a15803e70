"""JK lines: the 4E 57 frames of the serial port and the 300-byte frames of its radio.

4E 57, length, terminal number, command, source, type, records, record number, 68, checksum: the low 16 bits
are the byte sum from 4E to 68 (verified). Records are an identifier and a value whose length the identifier
tells. 55 AA EB 90, type, count, … with the byte sum of 299 bytes in the last one (verified). Radio frames of
boards for 24 and for 32 cells differ by 32 bytes: the mask of connected cells tells which it is.
"""

from __future__ import annotations

from dataclasses import replace

from drivers.bms.serial_frames import Cut, Framing, SerialFrame, asked, first_of

_LENGTHS = {
    **dict.fromkeys(range(0x80, 0x85), 2),
    0x85: 1, 0x86: 1, 0x87: 2, 0x89: 4,
    **dict.fromkeys(range(0x8A, 0x9D), 2),
    0x9D: 1,
    **dict.fromkeys(range(0x9E, 0xA9), 2),
    0xA9: 1, 0xAA: 4, 0xAB: 1, 0xAC: 1, 0xAD: 2, 0xAE: 1, 0xAF: 1, 0xB0: 2, 0xB1: 1, 0xB2: 10, 0xB3: 1,
    0xB4: 8, 0xB5: 4, 0xB6: 4, 0xB7: 15, 0xB8: 1, 0xB9: 4, 0xBA: 24, 0xC0: 1,
}  # fmt: skip
_RADIO = b"\x55\xaa\xeb\x90"
_RADIO_LENGTH = 300
_READ_ALL, _READ, _WRITE = 0x06, 0x03, 0x02


class JkFraming(Framing):
    """Keys: two hex digits of a record's identifier; ``radio-…`` of a radio frame."""

    def begins(self, data: bytes | bytearray) -> int:
        return first_of(data, (b"\x4e\x57", _RADIO))

    def cut(self, data: bytes | bytearray) -> Cut:
        if data[0] == 0x55:
            return self._radio(data)
        if len(data) < 4:
            return Cut(0)
        length = int.from_bytes(data[2:4], "big") + 2
        if not 20 <= length <= 1024:
            return Cut(1)
        if len(data) < length:
            return Cut(0)
        if data[length - 5] != 0x68:
            return Cut(1, (SerialFrame(trouble="frame_malformed", detail="no end mark"),))
        if sum(data[: length - 4]) & 0xFFFF != int.from_bytes(data[length - 2 : length], "big"):
            return Cut(length, (SerialFrame(trouble="checksum_wrong"),))
        if data[10] == 0:
            key = "all" if data[8] == _READ_ALL else f"{data[11]:02x}"
            return Cut(length, (asked(key, data[8] == _WRITE),))
        address = int.from_bytes(data[4:8], "big")
        return Cut(length, tuple(records(bytes(data[11 : length - 9]), address)))

    def _radio(self, data: bytes | bytearray) -> Cut:
        if len(data) < _RADIO_LENGTH:
            return Cut(0)
        if sum(data[: _RADIO_LENGTH - 1]) & 0xFF != data[_RADIO_LENGTH - 1]:
            return Cut(4, (SerialFrame(f"radio-{data[4]:02x}", trouble="checksum_wrong"),))
        frame = bytes(data[:_RADIO_LENGTH])
        return Cut(_RADIO_LENGTH, (SerialFrame(_radio_key(frame), frame),))

    def request(self, key: str, address: int) -> bytes:
        command = _READ_ALL if key == "all" else _READ
        wanted = b"\x00" if key == "all" else bytes((int(key, 16),))
        body = address.to_bytes(4, "big") + bytes((command, 3, 0)) + wanted + bytes(4) + b"\x68"
        head = b"\x4e\x57" + (len(body) + 2 + 4).to_bytes(2, "big") + body
        return head + (sum(head) & 0xFFFF).to_bytes(4, "big")

    def bare(self, key: str, payload: bytes) -> list[SerialFrame]:
        return list(records(payload, None)) if key == "all" else [SerialFrame(key, payload)]


def records(data: bytes, address: int | None) -> list[SerialFrame]:
    """The records of an answer; an unknown identifier ends them, for nothing tells its length."""
    found: list[SerialFrame] = []
    at = 0
    while at < len(data):
        identifier, at = data[at], at + 1
        if identifier == 0x79:
            if at >= len(data):
                break
            length, at = data[at], at + 1
        elif identifier in _LENGTHS:
            length = _LENGTHS[identifier]
        else:
            detail = f"unknown record {identifier:02X}"
            return [*found, SerialFrame(trouble="frame_malformed", detail=detail)]
        if at + length > len(data):
            return [*found, SerialFrame(f"{identifier:02x}", trouble="length_wrong")]
        found.append(SerialFrame(f"{identifier:02x}", data[at : at + length], address))
        at += length
    if not any(frame.key == "c0" and frame.payload == b"\x01" for frame in found):
        # Boards that do not tell protocol 1 count the current from 10000.
        return [replace(frame, key="84-old") if frame.key == "84" else frame for frame in found]
    return found


def _radio_key(frame: bytes) -> str:
    kind = f"radio-{frame[4]:02x}"
    if frame[4] != 0x02:
        return kind
    cells = sum(1 for at in range(6, 54, 2) if frame[at : at + 2] != b"\0\0")
    mask = int.from_bytes(frame[54:58], "little")
    return f"{kind}-24s" if mask.bit_count() == cells else f"{kind}-32s"
