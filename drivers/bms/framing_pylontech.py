"""Pylontech lines (RS485, ASCII): ``~ VER ADR 46 CID2 LENGTH INFO CHKSUM \\r``.

LENGTH = check nibble and count of INFO characters; CHKSUM = two's complement of the character sum (verified
on captured frames). An answer does not say what was asked: the last request on the line tells, else its form.
The analog answer nests modules with their own counts, which is why it is taken apart here.
"""

from __future__ import annotations

from collections.abc import Iterator

from drivers.bms.serial_frames import Cut, Framing, SerialFrame, asked

_ANALOG, _ALARM, _MANAGEMENT = "42", "44", "92"
_REASONS = {
    1: "version",
    2: "checksum",
    3: "length check",
    4: "unknown command",
    5: "format",
    6: "invalid data",
}
_CHANGING = ("45", "49", "95")


class PylontechFraming(Framing):
    """Keys: the CID2 that was asked; ``42-module`` and ``42-temperature`` for each module of an analog
    answer.

    The payload of a module: its number, current, voltage, remaining and total charge in mAh (3 bytes each),
    cycles, cells; that of its temperatures: its number and they.
    """

    def __init__(self) -> None:
        super().__init__()
        self._asked = ""

    def begins(self, data: bytes | bytearray) -> int:
        return data.find(b"~")

    def cut(self, data: bytes | bytearray) -> Cut:
        if len(data) < 13:
            return Cut(0)
        try:
            word = int(data[9:13], 16)
        except ValueError:
            return Cut(1, (SerialFrame(trouble="frame_malformed", detail="no hexadecimal length"),))
        count = word & 0xFFF
        if (-sum(word >> shift & 15 for shift in (0, 4, 8)) & 15) != word >> 12:
            return Cut(1, (SerialFrame(trouble="length_wrong", detail="check of the length"),))
        end = 13 + count + 4
        if len(data) < end:
            return Cut(0)
        text = bytes(data[1 : 13 + count])
        try:
            checksum, body = int(data[13 + count : end], 16), bytes.fromhex(text.decode("ascii"))
        except ValueError:
            return Cut(1, (SerialFrame(trouble="frame_malformed", detail="no hexadecimal text"),))
        if -sum(text) & 0xFFFF != checksum:
            return Cut(end, (SerialFrame(trouble="checksum_wrong"),))
        return Cut(end, tuple(self._understand(body)))

    def _understand(self, body: bytes) -> Iterator[SerialFrame]:
        address, command, info = body[1], body[3], body[6:]
        if self._is_request(command, info):
            self._asked = f"{command:02x}"
            yield asked(self._asked, self._asked in _CHANGING)
            return
        if command != 0:
            reason = f"{command:02X} {_REASONS.get(command, 'unknown reason')}"
            yield SerialFrame(self._asked, address=address, trouble="negative_response", detail=reason)
            return
        topic, self._asked = self._asked or _guess(info), ""
        if topic != _ANALOG:
            yield SerialFrame(topic, info, address)
            return
        modules = analog_modules(info)
        if modules is None:
            yield SerialFrame(_ANALOG, address=address, trouble="length_wrong", detail=f"{len(info)} bytes")
            return
        for module, temperatures in modules:
            yield SerialFrame(f"{_ANALOG}-module", module, address)
            yield SerialFrame(f"{_ANALOG}-temperature", temperatures, address)

    @staticmethod
    def _is_request(command: int, info: bytes) -> bool:
        return command >= 0x40 and len(info) <= 2

    def request(self, key: str, address: int) -> bytes:
        self._asked = key
        info = f"{address:02X}" if key in (_ANALOG, _ALARM, _MANAGEMENT, "93") else ""
        if key == _ANALOG:
            info = "FF"
        word = (-sum(len(info) >> shift & 15 for shift in (0, 4, 8)) & 15) << 12 | len(info)
        text = f"20{address:02X}46{key.upper()}{word:04X}{info}"
        return f"~{text}{-sum(text.encode()) & 0xFFFF:04X}\r".encode()


def analog_modules(info: bytes) -> list[tuple[bytes, bytes]] | None:
    """Each module of an analog answer in one form; None when the bytes do not come out even.

    The second byte is how many modules follow, or, in the answer of a single one, its number.
    """
    if len(info) < 2:
        return None
    several = _modules(info, range(1, info[1] + 1))
    return several if several is not None else _modules(info, range(info[1], info[1] + 1))


def _modules(info: bytes, numbers: range) -> list[tuple[bytes, bytes]] | None:
    at = 2
    modules: list[tuple[bytes, bytes]] = []
    for number in numbers:
        try:
            cells = info[at]
            temperatures = info[at + 1 + 2 * cells]
            fixed = at + 2 + 2 * cells + 2 * temperatures
            end = fixed + 11
            remaining, total = b"\0" + info[fixed + 4 : fixed + 6], b"\0" + info[fixed + 7 : fixed + 9]
            if info[fixed + 6] == 4:  # modules above 65 Ah tell both charges again, with three bytes
                remaining, total, end = (
                    info[fixed + 11 : fixed + 14],
                    info[fixed + 14 : fixed + 17],
                    fixed + 17,
                )
        except IndexError:
            return None
        if end > len(info):
            return None
        head = bytes((number,))
        whole = head + info[fixed : fixed + 4] + remaining + total + info[fixed + 9 : fixed + 11]
        modules.append(
            (whole + info[at + 1 : at + 1 + 2 * cells], head + info[fixed - 2 * temperatures : fixed])
        )
        at = end
    return modules if modules and at == len(info) else None


def _guess(info: bytes) -> str:
    """What an answer is when its request was not heard."""
    if analog_modules(info):
        return _ANALOG
    if len(info) == 10:
        return _MANAGEMENT
    return _ALARM if len(info) > 16 and info[1] <= 16 else "unknown"
