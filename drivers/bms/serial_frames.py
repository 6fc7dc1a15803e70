"""What the framings of serial lines have in common: bytes in, frames or named trouble out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Literal

Trouble = Literal["checksum_wrong", "length_wrong", "frame_malformed", "negative_response", "written_to"]
BUFFER_MAX = 1 << 16


@dataclass(frozen=True)
class SerialFrame:
    """One answer: ``key`` names its layout. With ``trouble`` there is no payload to read.

    ``asked``: it was a request of some tester, not an answer. ``address``: of the pack, where frames have
    one.
    """

    key: str = ""
    payload: bytes = b""
    address: int | None = None
    trouble: Trouble | None = None
    detail: str = ""
    asked: bool = False


@dataclass(frozen=True)
class Cut:
    """What stands at the beginning of the buffer: ``length`` bytes that are ``frames``, or noise (none).

    ``length`` 0: more bytes are needed to tell.
    """

    length: int
    frames: tuple[SerialFrame, ...] = ()


class Framing(ABC):
    """Finds frames in a stream.

    Feed it what arrives; bytes that belong to nothing are counted in ``noise``.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.noise = 0

    def feed(self, data: bytes) -> list[SerialFrame]:
        """Take bytes as they arrive. Never raises for what they contain."""
        self._buffer += data
        return self._cut_all()

    def discard(self) -> None:
        """Forget what has not become a frame."""
        self._buffer.clear()

    def end(self) -> list[SerialFrame]:
        """The line is quiet or the recording has ended: what is not whole now never will be."""
        found: list[SerialFrame] = []
        while self._buffer:
            begun = self.begins(self._buffer)
            if begun < 0:
                self.noise += len(self._buffer)
                self._buffer.clear()
                break
            self.noise += begun
            del self._buffer[:begun]
            found.append(
                SerialFrame(trouble="length_wrong", detail=f"broke off after {len(self._buffer)} bytes")
            )
            del self._buffer[:1]
            found += self._cut_all()
        return found

    def _cut_all(self) -> list[SerialFrame]:
        found: list[SerialFrame] = []
        while self._buffer:
            begun = self.begins(self._buffer)
            if begun != 0:
                skipped = len(self._buffer) if begun < 0 else begun
                self.noise += skipped
                del self._buffer[:skipped]
                continue
            cut = self.cut(self._buffer)
            if cut.length == 0:
                if len(self._buffer) > BUFFER_MAX:
                    del self._buffer[:1]
                    self.noise += 1
                    continue
                break
            if not cut.frames:
                self.noise += cut.length
            found += cut.frames
            del self._buffer[: cut.length]
        return found

    @abstractmethod
    def begins(self, data: bytes | bytearray) -> int:
        """Where the next frame may begin; -1 nowhere."""

    @abstractmethod
    def cut(self, data: bytes | bytearray) -> Cut:
        """Judge what stands at the beginning, which ``begins`` took for a frame."""

    @abstractmethod
    def request(self, key: str, address: int) -> bytes:
        """The bytes that ask for the answer ``key``. Only reading requests exist."""

    def bare(self, key: str, payload: bytes) -> list[SerialFrame]:
        """Frames of a payload that was stored without its framing; nothing proves it."""
        return [SerialFrame(key, payload)]


def asked(key: str, changes: bool) -> SerialFrame:
    """A request of another tester; one that ``changes`` something in the pack is told as trouble."""
    return SerialFrame(key, trouble="written_to" if changes else None, asked=True)


def first_of(data: bytes | bytearray, starts: tuple[bytes, ...]) -> int:
    """The place of the first byte from which one of ``starts`` stands, wholly or as far as there are
    bytes.
    """
    for at in range(len(data)):
        rest = bytes(data[at : at + 4])
        if any(rest.startswith(start) or start.startswith(rest) for start in starts):
            return at
    return -1


def crc16_modbus(data: bytes | bytearray) -> int:
    """CRC-16 of Modbus: polynomial 0xA001 reflected, start 0xFFFF."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc
