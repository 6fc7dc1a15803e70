"""What simulated boards on a serial line answer: JBD, Daly, JK and Pylontech.

Built from the protocol facts, byte by byte; no code of a driver. Each answers reading requests only, keeps
silent on a wrong checksum, and rounds as the board does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from simulators.instruments.pack_languages import PackView, be, clamp


class SerialLanguage(Protocol):
    """Bytes in, answers out; ``view`` is asked when an answer needs a measurement."""

    def feed(self, data: bytes, view: Callable[[], PackView]) -> list[bytes]:
        """What arrived; returns whole answers."""
        ...


class JbdLanguage:
    """DD A5 cmd 00 chk 77; cells in mV, temperatures in 0.1 K."""

    def __init__(self) -> None:
        self._heard = b""

    def feed(self, data: bytes, view: Callable[[], PackView]) -> list[bytes]:
        self._heard += data
        answers: list[bytes] = []
        while (at := self._heard.find(b"\xdd\xa5")) >= 0 and len(self._heard) >= at + 7:
            request, self._heard = self._heard[at : at + 7], self._heard[at + 7 :]
            if (
                request[6] == 0x77
                and (request[2] + request[3] + int.from_bytes(request[4:6], "big")) & 0xFFFF == 0
            ):
                answers.append(self._answer(request[2], view()))
        return answers

    def _answer(self, command: int, view: PackView) -> bytes:
        if command == 0x04:
            body = b"".join(be(clamp(volts * 1000, 0, 65535), 2) for volts in view.cells_V)
        elif command == 0x05:
            body = b"SIMULATED-BOARD"
        elif command == 0x03:
            body = self._basic(view)
        else:
            return self._framed(command, 0x80, b"")
        return self._framed(command, 0x00, body)

    @staticmethod
    def _basic(view: PackView) -> bytes:
        volts = clamp(view.voltage_V * 100, 0, 65535)
        amperes = clamp(view.current_A * 100, -32768, 32767)
        sensors = view.temperatures_degC[:3]
        fixed = (
            be(volts, 2) + be(amperes, 2) + be(400, 2) + be(500, 2) + be(77, 2) + be(22 << 9 | 3 << 5 | 28, 2)
        )
        # bit 0 of the first word is cell 1, of the second cell 17
        low = sum(1 << number - 1 for number in view.balanced if number <= 16)
        high = sum(1 << number - 17 for number in view.balanced if 16 < number <= 32)
        switches = (
            be(low, 2)
            + be(high, 2)
            + bytes(2)
            + bytes((0x80, clamp(view.soc * 100, 0, 100), 3, len(view.cells_V), len(sensors)))
        )
        return fixed + switches + b"".join(be(clamp(degC * 10 + 2731, 0, 65535), 2) for degC in sensors)

    @staticmethod
    def _framed(command: int, status: int, body: bytes) -> bytes:
        inner = bytes((status, len(body))) + body
        return bytes((0xDD, command)) + inner + be(-sum(inner), 2) + b"\x77"


class DalyLanguage:
    """A5 40 cmd 08 …; three cells in a frame, all frames of a sweep one after the other."""

    def __init__(self) -> None:
        self._heard = b""

    def feed(self, data: bytes, view: Callable[[], PackView]) -> list[bytes]:
        self._heard += data
        answers: list[bytes] = []
        while (at := self._heard.find(b"\xa5\x40")) >= 0 and len(self._heard) >= at + 13:
            request, self._heard = self._heard[at : at + 13], self._heard[at + 13 :]
            if sum(request[:12]) & 0xFF == request[12]:
                answers.extend(self._framed(request[2], body) for body in self.bodies(request[2], view()))
        return answers

    @staticmethod
    def bodies(command: int, view: PackView) -> list[bytes]:
        cells = [clamp(volts * 1000, 0, 65535) for volts in view.cells_V]
        warm = [clamp(degC + 40, 0, 255) for degC in view.temperatures_degC[:7]]
        if command == 0x90:
            volts, amperes = (
                clamp(view.voltage_V * 10, 0, 65535),
                clamp(view.current_A * 10 + 30000, 0, 65535),
            )
            return [be(volts, 2) * 2 + be(amperes, 2) + be(clamp(view.soc * 1000, 0, 1000), 2)]
        if command == 0x91:
            high, low = cells.index(max(cells)), cells.index(min(cells))
            return [be(cells[high], 2) + bytes((high + 1,)) + be(cells[low], 2) + bytes((low + 1, 0, 0))]
        if command == 0x92:
            return [bytes((max(warm), 1, min(warm), 1, 0, 0, 0, 0))]
        if command == 0x93:
            return [bytes((0, 1, 1, 1)) + be(clamp(view.soc * 50_000, 0, 1 << 31), 4)]
        if command == 0x94:
            return [bytes((len(cells), len(warm), 0, 0, 0)) + be(77, 2) + b"\0"]
        if command == 0x95:
            groups = [cells[at : at + 3] for at in range(0, len(cells), 3)]
            return [
                bytes((number,)) + b"".join(be(one, 2) for one in group).ljust(6, b"\xff") + b"\0"
                for number, group in enumerate(groups, 1)
            ]
        if command == 0x97:
            return [sum(1 << number - 1 for number in view.balanced if number <= 48).to_bytes(8, "little")]
        if command == 0x96:
            return [bytes((1, *warm)).ljust(8, b"\0")]
        return [bytes(8)] if command == 0x98 else []

    @staticmethod
    def _framed(command: int, body: bytes) -> bytes:
        frame = bytes((0xA5, 0x01, command, 8)) + body
        return frame + bytes((sum(frame) & 0xFF,))


class JkLanguage:
    """NW …; every value as a record behind its identifier."""

    def __init__(self) -> None:
        self._heard = b""

    def feed(self, data: bytes, view: Callable[[], PackView]) -> list[bytes]:
        self._heard += data
        answers: list[bytes] = []
        while (at := self._heard.find(b"NW")) >= 0 and len(self._heard) >= at + 21:
            request, self._heard = self._heard[at : at + 21], self._heard[at + 21 :]
            if sum(request[:17]) & 0xFFFF == int.from_bytes(request[19:21], "big") and request[8] == 6:
                answers.append(self._answer(view()))
        return answers

    @staticmethod
    def _answer(view: PackView) -> bytes:
        cells = b"".join(
            bytes((number,)) + be(clamp(volts * 1000, 0, 65535), 2)
            for number, volts in enumerate(view.cells_V, 1)
        )
        warm = clamp(max(view.temperatures_degC), -40, 100)
        degC = be(warm if warm >= 0 else 100 - warm, 2)
        amperes = clamp(abs(view.current_A) * 100, 0, 0x7FFF) | (0x8000 if view.current_A > 0 else 0)
        records = b"\x79" + bytes((len(cells),)) + cells
        records += b"\x80" + degC + b"\x81" + degC + b"\x82" + degC
        records += b"\x83" + be(clamp(view.voltage_V * 100, 0, 65535), 2) + b"\x84" + be(amperes, 2)
        records += (
            b"\x85" + bytes((clamp(view.soc * 100, 0, 100),)) + b"\x87\x00\x4d\x8a" + be(len(view.cells_V), 2)
        )
        records += b"\xc0\x01"
        body = bytes(4) + b"\x06\x00\x01" + records + bytes(4) + b"\x68"
        head = b"NW" + be(len(body) + 6, 2) + body
        return head + be(sum(head) & 0xFFFF, 4)


class PylontechLanguage:
    """~ … \\r; the battery's cells as modules of at most fifteen."""

    def __init__(self) -> None:
        self._heard = b""

    def feed(self, data: bytes, view: Callable[[], PackView]) -> list[bytes]:
        *lines, self._heard = (self._heard + data).split(b"\r")
        answers: list[bytes] = []
        for line in lines:
            text = line[line.find(b"~") + 1 :]
            if len(text) >= 16 and (sum(text[:-4]) + int(text[-4:], 16)) & 0xFFFF == 0:
                answers.append(self._answer(text[2:4].decode(), text[6:8].decode(), view()))
        return answers

    def _answer(self, address: str, command: str, view: PackView) -> bytes:
        if command == "42":
            return self._framed(address, "00", self._analog(view))
        if command == "92":
            return self._framed(address, "00", "026EF05AA0022BFDD5C0")
        return self._framed(address, "04", "")

    @staticmethod
    def _analog(view: PackView) -> str:
        cells = [clamp(volts * 1000, 0, 32767) for volts in view.cells_V]
        modules = [cells[at : at + 15] for at in range(0, len(cells), 15)]
        kelvin = [clamp(degC * 10 + 2731, 0, 65535) for degC in view.temperatures_degC[:5]]
        text = f"11{len(modules):02X}"
        for module in modules:
            text += f"{len(module):02X}" + "".join(f"{one:04X}" for one in module)
            text += f"{len(kelvin):02X}" + "".join(f"{one:04X}" for one in kelvin)
            text += f"{clamp(view.current_A * 10, -32768, 32767) & 0xFFFF:04X}{sum(module):04X}"
            text += f"{clamp(view.soc * 50_000, 0, 65535):04X}02C350001F"
        return text

    @staticmethod
    def _framed(address: str, code: str, info: str) -> bytes:
        count = len(info)
        check = -((count & 15) + (count >> 4 & 15) + (count >> 8 & 15)) & 15
        text = f"20{address}46{code}{check:X}{count:03X}{info}"
        return f"~{text}{-sum(text.encode()) & 0xFFFF:04X}\r".encode()


SERIAL_LANGUAGES: dict[str, Callable[[], SerialLanguage]] = {
    "jbd": JbdLanguage,
    "daly": DalyLanguage,
    "jk": JkLanguage,
    "pylontech": PylontechLanguage,
}
