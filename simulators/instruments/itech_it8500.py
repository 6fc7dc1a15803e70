"""Simulated ITECH IT8500+ load: binary frames of 26 bytes.

Facts: pages of the IT8512A+ manual and open code that agrees. Not stated there and chosen here: settings
outside remote control answer 0xB0; a current, power or voltage above its limit answers 0xA0; a list begins
with the trigger, needs the input on, holds its last level at its end; a battery test is the mode as set, and
the input goes off below the minimum voltage; the load-on timer counts simulated seconds; a frame for another
address is not answered, and a new address counts from the next frame on; a pause of 50 ms ends an unfinished
frame. Of the codes of newer loads (``newer``: hardware power limit, turn-on voltage, protections, slopes) the
facts tell no fields: pairs of them are kept and told again, the others are unknown here.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from pydantic import BaseModel, ConfigDict, Field

from simulators.faults import MESSAGE_FAULTS, FaultSpec
from simulators.instruments.rigol_programs import LoadProgram, ProgramStep
from simulators.instruments.sink import Mode, Ratings, Sink
from simulators.instruments.transient import Transient
from simulators.wiring import Circuit

_LENGTH = 26
_GAP_S = 0.05
_OK, _BAD_SUM, _BAD_VALUE, _NOT_NOW, _UNKNOWN = 0x80, 0x90, 0xA0, 0xB0, 0xC0
_MODES: tuple[Mode, ...] = ("CC", "CV", "CP", "CR")
_PER_UNIT = {"CC": 10_000.0, "CV": 1000.0, "CP": 1000.0, "CR": 1000.0}
_DEMAND = {"CC": 0x40, "CV": 0x80, "CP": 0x100, "CR": 0x200}
_TRIPS = {"OV": 0x02, "OC": 0x04, "OP": 0x08}
_FUNCTIONS = 5
_SHORT, _TRANSIENT, _LIST, _BATTERY = 1, 2, 3, 4
_LIST_CODES = (0x40, 0x42, 0x44, 0x46)
_TRANSIENT_CODES = (0x32, 0x34, 0x36, 0x38)
_NEWER = (0x02, 0x0E, 0x10, *range(0x80, 0x90, 2), 0xB0, 0xB2)
FRAME_FAULTS = {
    "checksum_wrong": FaultSpec("the checksum of each reply is wrong"),
    "length_wrong": FaultSpec("each reply is two bytes short"),
}


class ItechOptions(BaseModel):
    """Settings of one simulated load. ``barcode``: whether it knows command 0x6B; ``newer``: an IT8500+."""

    model_config = ConfigDict(extra="forbid")

    unit: int = Field(default=0, ge=0, le=254)
    model: str = Field(default="8512A", max_length=5)
    serial: str = Field(default="8000000001", max_length=10)
    barcode: bool = True
    newer: bool = True
    reply_delay_s: float = Field(default=0.0, ge=0)
    terminal: bool = False
    voltage_max_V: float = 150.0
    current_max_A: float = 30.0
    power_max_W: float = 300.0
    voltage_noise_V: float = Field(default=0.001, ge=0)
    current_noise_A: float = Field(default=0.001, ge=0)


class ItechIT8500(Sink):
    """One load: settings by command code. ``conversation`` makes what a client talks to."""

    def __init__(self, options: ItechOptions, circuit: Circuit, *, seed: int = 0) -> None:
        self.options = options
        ratings = Ratings(
            options.voltage_max_V,
            options.current_max_A,
            options.power_max_W,
            0.001,
            0.0001,
            options.voltage_noise_V,
            options.current_noise_A,
        )
        self.remote = False
        self.unit = options.unit
        self.stored: dict[int, bytes] = {}
        self.list_steps: dict[int, tuple[float, float]] = {}
        self.saved: dict[int, dict[int, bytes]] = {}
        super().__init__("itech-it8500", circuit, ratings, seed=seed, link_faults=MESSAGE_FAULTS)
        self.faults.learn(FRAME_FAULTS)
        self._acts: dict[int, Callable[[bytes], int]] = {
            0x20: self._remote,
            0x21: self._switch_input,
            0x22: lambda data: self._limit("limit_V", data, 1000.0, self.ratings.voltage_V),
            0x24: lambda data: self._limit("limit_A", data, 10_000.0, self.ratings.current_A),
            0x26: lambda data: self._limit("limit_W", data, 1000.0, self.ratings.power_W),
            0x28: self._set_mode,
            0x2A: lambda data: self._level("CC", data),
            0x2C: lambda data: self._level("CV", data),
            0x2E: lambda data: self._level("CP", data),
            0x30: lambda data: self._level("CR", data),
            0x50: self._timer_value,
            0x52: self._timer_on,
            0x56: self._sense,
            0x5A: self._trigger,
            0x5B: self._save,
            0x5C: self._recall,
            0x5D: self._function,
        }
        for code in _LIST_CODES:
            self._acts[code] = lambda data, code=code: self._step(code, data)  # type: ignore[misc]
        for code in _TRANSIENT_CODES:
            self._acts[code] = lambda data, code=code: self._set_transient(code, data)  # type: ignore[misc]
        # Kept, told again and used from there: list set-up, battery end, local key, trigger source. Without
        # a meaning here: the list's name and places, and what newer loads have besides.
        newer = _NEWER if options.newer else ()
        for code in (0x3A, 0x3C, 0x3E, 0x48, 0x4A, 0x4C, 0x4E, 0x54, 0x55, 0x58, *newer):
            self._acts.setdefault(code, lambda data: _OK)  # noqa: ARG005

    def power_on_settings(self) -> None:
        super().power_on_settings()
        self.remote = self.sense = False
        self.stored = {}
        self.list_steps = {}

    def front_panel_took_over(self) -> None:
        self.remote = False

    def conversation(self) -> ItechDialect:
        """For one more client."""
        return ItechDialect(self)

    # ---- commands -------------------------------------------------------------------------

    def answer(self, command: int, data: bytes) -> tuple[int, bytes]:
        """Command and data of the reply."""
        self.before_line()
        if (told := self._told(command, data)) is not None:
            return command, told
        act = self._acts.get(command)
        if act is None:
            return 0x12, bytes((_UNKNOWN,))
        if "remote_lost" in self.faults.active or (command != 0x20 and not self.remote):
            return 0x12, bytes((_NOT_NOW,))
        self.settle()
        status = act(data)
        if status == _OK and (command < 0x6A or command in _NEWER):
            self.stored[command] = data
        if status == _OK and command == 0x54:
            self.unit = min(data[0], 254)
        self._go_on()
        self.circuit.changed()
        return 0x12, bytes((status,))

    def _told(self, command: int, data: bytes) -> bytes | None:
        if command == 0x5F:
            return self._measured()
        if command == 0x6A:
            name = self.options.model.encode().ljust(5, b"\x00")
            return name + b"\x08\x02" + self.options.serial.encode().ljust(10, b"\x00")
        if command == 0x6B and self.options.barcode:
            return b"85120010120" + self.options.serial.encode()[:8]
        if command == 0x01:
            top = self.ratings
            return b"".join(
                value.to_bytes(4, "little")
                for value in (
                    round(top.current_A * 1e4),
                    round(top.voltage_V * 1e3),
                    100,
                    round(top.power_W * 1e3),
                    4_000_000,
                )
            ) + (100).to_bytes(2, "little")
        if command == 0x5E:
            return self.stored.get(0x5D, b"\x00")[:1]
        settable = 0x22 <= command <= 0x59 or command - 1 in _NEWER
        if command % 2 and command - 1 in self._acts and settable and command != 0x55:
            return self._setting(command - 1, data)
        return None

    def _setting(self, command: int, data: bytes) -> bytes:
        limits = {0x22: (self.limit_V, 1e3), 0x24: (self.limit_A, 1e4), 0x26: (self.limit_W, 1e3)}
        levels: dict[int, Mode] = {0x2A: "CC", 0x2C: "CV", 0x2E: "CP", 0x30: "CR"}
        if command in limits:
            value, per_unit = limits[command]
            return round(value * per_unit).to_bytes(4, "little")
        if command in levels:
            mode = levels[command]
            return round(self.levels[mode] * _PER_UNIT[mode]).to_bytes(4, "little")
        if command == 0x28:
            return bytes((_MODES.index(self.mode),))
        if command in _LIST_CODES:
            mode = _MODES[(command - 0x40) // 2]
            level, width_s = self.list_steps.get(int.from_bytes(data[:2], "little"), (0.0, 0.0))
            return (
                data[:2]
                + round(level * _PER_UNIT[mode]).to_bytes(4, "little")
                + round(width_s * 1e4).to_bytes(2, "little")
            )
        return self.stored.get(command, bytes(22))

    def _measured(self) -> bytes:
        volts = self.count("V", 1e3, 0xFFFFFFFF)
        amps = self.count("A", 1e4, 0xFFFFFFFF)
        watts = self.count("W", 1e3, 0xFFFFFFFF)
        waiting = self.output_on and self.program is None and self._chosen() == _LIST
        state = waiting << 1 | self.remote << 2 | self.output_on << 3 | self.sense << 5
        state |= bool(self.stored.get(0x55, b"\x00")[0]) << 4 | bool(self._timer_armed()) << 6
        demand = _TRIPS.get(self.why_off, 0)
        if self.output_on:
            demand |= _DEMAND[self.mode]
        if self.circuit.terminals_V() < -0.1:
            demand |= 0x01
        if self.sense and not self.sense_connected:
            demand |= 0x20
        return (
            b"".join(n.to_bytes(4, "little") for n in (volts, amps, watts))
            + bytes((state,))
            + demand.to_bytes(2, "little")
        )

    # ---- settings -------------------------------------------------------------------------

    def _remote(self, data: bytes) -> int:
        if data[0] > 1:
            return _BAD_VALUE
        self.remote = bool(data[0])
        return _OK

    def _switch_input(self, data: bytes) -> int:
        if data[0] > 1:
            return _BAD_VALUE
        if data[0] and "output_trip" in self.faults.active:
            return _NOT_NOW
        self.timer_s = float(self._timer_armed())
        self.set_input(bool(data[0]))
        return _OK

    def _timer_armed(self) -> int:
        if self.stored.get(0x52, b"\x00")[0] == 0:
            return 0
        return int.from_bytes(self.stored.get(0x50, b"\x00\x00")[:2], "little")

    def _timer_value(self, data: bytes) -> int:
        return _OK if int.from_bytes(data[:2], "little") > 0 else _BAD_VALUE

    def _timer_on(self, data: bytes) -> int:
        return _OK if data[0] <= 1 else _BAD_VALUE

    def _sense(self, data: bytes) -> int:
        self.sense = bool(data[0])
        return _OK

    def _limit(self, name: str, data: bytes, per_unit: float, highest: float) -> int:
        value = int.from_bytes(data[:4], "little") / per_unit
        if value > highest:
            return _BAD_VALUE
        setattr(self, name, value)
        return _OK

    def _set_mode(self, data: bytes) -> int:
        if data[0] >= len(_MODES):
            return _BAD_VALUE
        self.set_mode(_MODES[data[0]])
        return _OK

    def _level(self, mode: Mode, data: bytes) -> int:
        value = int.from_bytes(data[:4], "little") / _PER_UNIT[mode]
        if value > {"CC": self.limit_A, "CV": self.limit_V, "CP": self.limit_W, "CR": 4000.0}[mode]:
            return _BAD_VALUE
        self.set_level(mode, value)
        return _OK

    def _step(self, code: int, data: bytes) -> int:
        number, width = int.from_bytes(data[:2], "little"), int.from_bytes(data[6:8], "little")
        if not number or not width:
            return _BAD_VALUE
        self.list_steps[number] = (
            int.from_bytes(data[2:6], "little") / _PER_UNIT[_MODES[(code - 0x40) // 2]],
            width * 1e-4,
        )
        return _OK

    def _function(self, data: bytes) -> int:
        if data[0] >= _FUNCTIONS:
            return _BAD_VALUE
        self.shorted = data[0] == _SHORT
        self.program = None
        return _OK

    def _chosen(self) -> int:
        """The function: 0 fixed, 1 short, 2 transient, 3 list, 4 battery test."""
        return self.stored.get(0x5D, b"\x00")[0]

    def _set_transient(self, code: int, data: bytes) -> int:
        mode = _MODES[_TRANSIENT_CODES.index(code)]
        highest = {"CC": self.limit_A, "CV": self.limit_V, "CP": self.limit_W, "CR": 4000.0}[mode]
        if not _transient_of(data, _PER_UNIT[mode]).possible(highest):
            return _BAD_VALUE
        if self._chosen() == _TRANSIENT:
            self.program = None
        return _OK

    def _transient(self) -> Transient | None:
        """That of the present mode, None where none was set."""
        data = self.stored.get(_TRANSIENT_CODES[_MODES.index(self.mode)])
        return None if data is None else _transient_of(data, _PER_UNIT[self.mode])

    def _go_on(self) -> None:
        """A transient plays as soon as it is chosen and the input is on."""
        if self.output_on and self.program is None and self._chosen() == _TRANSIENT:
            transient = self._transient()
            if transient is not None:
                self.run_program(transient.begun(self.circuit.time_s), self.mode)

    def after_step(self, time_s: float, duration_s: float, voltage_V: float, current_A: float) -> None:
        super().after_step(time_s, duration_s, voltage_V, current_A)
        if self.output_on and self._chosen() == _BATTERY:
            end_V = int.from_bytes(self.stored.get(0x4E, b"")[:4], "little") / 1000.0
            if voltage_V < end_V:
                self.switch_off()

    def _trigger(self, data: bytes) -> int:  # noqa: ARG002 - every act has the same form
        if self.stored.get(0x58, b"\x00")[0] != 2:
            return _NOT_NOW
        if self._chosen() == _TRANSIENT and self.program is not None:
            transient = self._transient()
            assert transient is not None  # by it the program began
            after = transient.triggered(self.circuit.time_s, self.program.level)
            if after is not None:
                self.run_program(after, self.mode)
            return _OK
        if self._chosen() != _LIST or not self.output_on:
            return _OK
        count = int.from_bytes(self.stored.get(0x3E, b"\x00\x00")[:2], "little")
        if not count or any(n not in self.list_steps for n in range(1, count + 1)):
            return _NOT_NOW
        steps = [ProgramStep(*self.list_steps[n]) for n in range(1, count + 1)]
        repeat = self.stored.get(0x3C, b"\x00")[0]
        mode = _MODES[self.stored.get(0x3A, b"\x00")[0] % len(_MODES)]
        self.run_program(LoadProgram(steps, self.circuit.time_s, count=0 if repeat else 1), mode)
        return _OK

    def _save(self, data: bytes) -> int:
        if not 1 <= data[0] <= 25:
            return _BAD_VALUE
        self.saved[data[0]] = dict(self.stored)
        return _OK

    def _recall(self, data: bytes) -> int:
        for command, content in self.saved.get(data[0], {}).items():
            if command not in (0x20, 0x21, 0x5A, 0x5B, 0x5C):
                self._acts[command](content)
        return _OK if data[0] in self.saved else _BAD_VALUE


def _transient_of(data: bytes, per_unit: float) -> Transient:
    """From the 22 bytes of the frame: levels in 4 bytes, times in 0.1 ms in 2 bytes, the operation."""
    a, b = (int.from_bytes(data[at : at + 4], "little") / per_unit for at in (0, 6))
    a_s, b_s = (int.from_bytes(data[at : at + 2], "little") * 1e-4 for at in (4, 10))
    return Transient(a, a_s, b, b_s, data[12])


class ItechDialect:
    """Cuts the stream of one client into frames and answers them."""

    def __init__(self, load: ItechIT8500) -> None:
        self._load = load
        self._buffer = b""
        self._heard_at = 0.0

    def feed(self, data: bytes) -> list[bytes]:
        """Bytes from the host."""
        now = time.monotonic()
        if now - self._heard_at > _GAP_S:
            self._buffer = b""
        self._heard_at = now
        self._buffer += data
        answers = []
        while self._buffer:
            start = self._buffer.find(0xAA)
            self._buffer = self._buffer[start:] if start >= 0 else b""
            if len(self._buffer) < _LENGTH:
                break
            asked, self._buffer = self._buffer[:_LENGTH], self._buffer[_LENGTH:]
            unit = self._load.unit
            if asked[1] not in (unit, 0xFF):
                continue
            if sum(asked[:25]) & 0xFF != asked[25]:
                answers.append(self._sealed(unit, 0x12, bytes((_BAD_SUM,))))
            else:
                answers.append(self._sealed(unit, *self._load.answer(asked[2], asked[3:25])))
        return answers

    def _sealed(self, unit: int, command: int, data: bytes) -> bytes:
        body = bytes((0xAA, unit, command)) + data[:22].ljust(22, b"\x00")
        total = sum(body) & 0xFF
        active = self._load.faults.active
        if "checksum_wrong" in active:
            total ^= 0x55
        sealed = body + bytes((total,))
        return sealed[:-2] if "length_wrong" in active else sealed
