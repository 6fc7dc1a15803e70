"""Simulated Kunkin KP184: the maker's dialect of Modbus RTU.

Facts: the maker's manual v1.0 (2017-09) with five example frames. Not stated there and chosen here: a write
that is refused (mode while the input is on, a value out of range, front panel in charge) is echoed and
changes nothing; bytes of "read all" without a meaning in the manual are 0; a pause of 50 ms ends an
unfinished frame. A single register is read by ``addr 03 regH regL 00 n``, n of 1, 2 or 4 registers or bytes
(how the tables of open tools are meant is not told), and answered by ``addr 03 04`` and its four bytes.
"""

from __future__ import annotations

import time
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from simulators.faults import MESSAGE_FAULTS, FaultSpec
from simulators.instruments.sink import Mode, Ratings, Sink
from simulators.wiring import Circuit

_MODES: tuple[Mode, ...] = ("CV", "CC", "CR", "CP")
_GAP_S = 0.05
_SCALES: dict[int, tuple[Mode, float]] = {
    0x0112: ("CV", 1000.0),
    0x0116: ("CC", 1000.0),
    0x011A: ("CR", 1.0),
    0x011E: ("CP", 10.0),
}
FRAME_FAULTS = {"checksum_wrong": FaultSpec("the checksum of each reply is wrong")}


class KunkinOptions(BaseModel):
    """Settings of one simulated KP184. ``short_echo``: writes are answered with 9 bytes instead of 13.

    ``crc``: the order of the unit; ``as-asked`` is no real one: it takes and answers both.
    """

    model_config = ConfigDict(extra="forbid")

    unit: int = Field(default=1, ge=1, le=99)
    crc: Literal["high-first", "low-first", "as-asked"] = "high-first"
    short_echo: bool = False
    reply_delay_s: float = Field(default=0.05, ge=0)
    terminal: bool = False
    voltage_max_V: float = 150.0
    current_max_A: float = 30.0
    power_max_W: float = 400.0
    ohm_per_count: float = 1.0
    voltage_noise_V: float = Field(default=0.001, ge=0)
    current_noise_A: float = Field(default=0.001, ge=0)


def checksum(data: bytes) -> int:
    """CRC-16 of Modbus by its table-free definition: reflected polynomial, all ones at the start."""
    register = 0xFFFF
    for octet in data:
        register ^= octet
        for _ in range(8):
            carry = register & 1
            register >>= 1
            if carry:
                register ^= 0xA001
    return register


class KunkinKP184(Sink):
    """One KP184; ``conversation`` makes what a client talks to."""

    def __init__(self, options: KunkinOptions, circuit: Circuit, *, seed: int = 0) -> None:
        self.options = options
        ratings = Ratings(
            options.voltage_max_V,
            options.current_max_A,
            options.power_max_W,
            0.001,
            0.001,
            options.voltage_noise_V,
            options.current_noise_A,
        )
        super().__init__("kunkin-kp184", circuit, ratings, seed=seed, link_faults=MESSAGE_FAULTS)
        self.faults.learn(FRAME_FAULTS)

    def conversation(self) -> KunkinDialect:
        """For one more client."""
        return KunkinDialect(self)

    def write(self, register: int, value: int) -> None:
        """One setting; what is not possible changes nothing."""
        self.before_line()
        if "remote_lost" in self.faults.active:
            return
        if register == 0x010E and value in (0, 1):
            self.set_input(bool(value))
        elif register == 0x0110 and value < 4 and not self.output_on:
            self.set_mode(_MODES[value])
        elif register in _SCALES:
            mode, scale = _SCALES[register]
            level = value / scale
            if mode == "CR":
                level *= self.options.ohm_per_count
            highest = {
                "CV": self.ratings.voltage_V,
                "CC": self.ratings.current_A,
                "CR": 80000.0,
                "CP": self.ratings.power_W,
            }
            if level <= highest[mode]:
                self.set_level(mode, level)

    def read_all(self) -> bytes:
        """The 18 bytes D1 to D18."""
        self.before_line()
        flags = int(self.output_on) | _MODES.index(self.mode) << 1
        volts, amps = self.count("V", 1000.0, 0xFFFFFF), self.count("A", 1000.0, 0xFFFFFF)
        return bytes((flags, 0)) + volts.to_bytes(3, "big") + amps.to_bytes(3, "big") + bytes(10)

    def read_one(self, register: int) -> int | None:
        """A setting as it was written, or a measurement in mV or mA; None where there is none."""
        self.before_line()
        if register in _SCALES:
            mode, scale = _SCALES[register]
            per_count = self.options.ohm_per_count if mode == "CR" else 1.0
            return round(self.levels[mode] * scale / per_count)
        if register == 0x0122:
            return self.count("V", 1000.0, 0xFFFFFFFF)
        if register == 0x0126:
            return self.count("A", 1000.0, 0xFFFFFFFF)
        return {0x010E: int(self.output_on), 0x0110: _MODES.index(self.mode)}.get(register)


class KunkinDialect:
    """Cuts the stream of one client into frames and answers them."""

    def __init__(self, load: KunkinKP184) -> None:
        self._load = load
        self._buffer = b""
        self._heard_at = 0.0
        self._order: Literal["big", "little"] = "big"

    def feed(self, data: bytes) -> list[bytes]:
        """Bytes from the host."""
        now = time.monotonic()
        if now - self._heard_at > _GAP_S:
            self._buffer = b""
        self._heard_at = now
        self._buffer += data
        answers = []
        while len(self._buffer) >= 2:
            length = {3: 8, 6: 13}.get(self._buffer[1])
            if length is None or self._buffer[0] > 99:
                self._buffer = self._buffer[1:]
                continue
            if len(self._buffer) < length:
                break
            frame, rest = self._buffer[:length], self._buffer[length:]
            if not self._whole(frame):
                self._buffer = self._buffer[1:]
                continue
            self._buffer = rest
            answer = self._answer(frame)
            if answer and frame[0] != 0:
                answers.append(answer)
        return answers

    def _answer(self, frame: bytes) -> bytes:
        load = self._load
        if frame[0] not in (0, load.options.unit):
            return b""
        if frame[1] == 6 and frame[4:7] == b"\x00\x01\x04":
            load.write(int.from_bytes(frame[2:4], "big"), int.from_bytes(frame[7:11], "big"))
            return self._spoiled(frame[:7] if load.options.short_echo else frame[:11])
        if frame[1:6] == b"\x03\x03\x00\x00\x00":
            return self._spoiled(frame[:2] + b"\x30" + load.read_all())
        if frame[1] == 3 and frame[4:6] in (b"\x00\x01", b"\x00\x02", b"\x00\x04"):
            value = load.read_one(int.from_bytes(frame[2:4], "big"))
            if value is not None:
                return self._spoiled(frame[:2] + b"\x04" + value.to_bytes(4, "big"))
        return b""

    def _whole(self, frame: bytes) -> bool:
        """Whether the checksum is right, in an order that this unit takes; it then answers in that one."""
        crc = self._load.options.crc
        orders: tuple[Literal["big", "little"], ...] = ("big", "little")
        if crc != "as-asked":
            orders = ("big",) if crc == "high-first" else ("little",)
        for order in orders:
            if frame[-2:] == checksum(frame[:-2]).to_bytes(2, order):
                self._order = order
                return True
        return False

    def _spoiled(self, body: bytes) -> bytes:
        sealed = self._seal(body)
        if "checksum_wrong" in self._load.faults.active:
            return sealed[:-1] + bytes((sealed[-1] ^ 0x55,))
        return sealed

    def _seal(self, body: bytes) -> bytes:
        return body + checksum(body).to_bytes(2, self._order)
