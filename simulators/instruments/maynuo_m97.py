"""Simulated Maynuo M97xx electronic load: Modbus RTU.

Facts: libsigrok's driver, read as a description of coils and registers. Not stated there and chosen here:
registers can be written only under remote control (coil 0500), otherwise exception 4; a value out of range is
exception 3; a limit bounds the current and, for voltage and power, switches off; an input command other than
mode, soft start, dynamic, battery, on and off changes only the mode register; what cannot be measured reads
as not-a-number. Dynamic goes between the currents at 0A21 and 0A23 with the times at 0A25 and 0A27 in s,
continuously where 0A2D is 0, else from its first on, since no trigger is told; a battery test sinks the set
current down to the voltage at 0A2E, switches off, and leaves the Ah at 0A30.
"""

from __future__ import annotations

import struct

from pydantic import BaseModel, ConfigDict, Field

from simulators.faults import MESSAGE_FAULTS, FaultSpec
from simulators.instruments.rtu import ModbusRefusal, RtuDialect
from simulators.instruments.sink import Mode, Ratings, Sink
from simulators.instruments.transient import Transient
from simulators.wiring import Circuit

_PC1, _REMOTE, _STATE = 0x0500, 0x0503, 0x0510
_COILS = (*range(0x0500, 0x0504), _STATE, 0x0511, *range(0x0520, 0x0525))
_COMMAND = 0x0A00
_MODES: dict[int, Mode] = {1: "CC", 2: "CV", 3: "CP", 4: "CR"}
_SOFT_START, _DYNAMIC, _SHORT, _BATTERY, _ON, _OFF = 20, 25, 26, 38, 42, 43
_DYNAMIC_AT = (0x0A21, 0x0A25, 0x0A23, 0x0A27)
_DYNAMIC_MODE, _END_V, _RESULT = 0x0A2D, 0x0A2E, 0x0A30
_LEVELS: dict[int, Mode] = {0x0A01: "CC", 0x0A03: "CV", 0x0A05: "CP", 0x0A07: "CR"}
_LIMITS = {0x0A34: "limit_A", 0x0A36: "limit_V", 0x0A38: "limit_W"}
_FIRST, _LAST = 0x0A00, 0x0A3F
_TOLD_FIRST, _TOLD_LAST = 0x0B00, 0x0B07
FRAME_FAULTS = {
    "checksum_wrong": FaultSpec("the checksum of each reply is wrong"),
    "length_wrong": FaultSpec("the byte count of each reply is wrong by two"),
}


class MaynuoOptions(BaseModel):
    """Settings of one simulated M9710. ``model``: the code in register 0B06."""

    model_config = ConfigDict(extra="forbid")

    unit: int = Field(default=1, ge=1, le=247)
    model: int = 28
    edition: int = 102
    reply_delay_s: float = Field(default=0.0, ge=0)
    terminal: bool = False
    voltage_max_V: float = 150.0
    current_max_A: float = 30.0
    power_max_W: float = 150.0
    voltage_noise_V: float = Field(default=0.001, ge=0)
    current_noise_A: float = Field(default=0.001, ge=0)


class MaynuoM97(Sink):
    """One load; ``conversation`` makes what a client talks to."""

    def __init__(self, options: MaynuoOptions, circuit: Circuit, *, seed: int = 0) -> None:
        self.options, self.unit = options, options.unit
        self.coils: dict[int, bool] = {}
        self.words: dict[int, int] = {}
        top = Ratings(
            options.voltage_max_V,
            options.current_max_A,
            options.power_max_W,
            0.0001,
            0.0001,
            options.voltage_noise_V,
            options.current_noise_A,
        )
        super().__init__("maynuo-m97", circuit, top, seed=seed, link_faults=MESSAGE_FAULTS)
        self.faults.learn(FRAME_FAULTS)

    def power_on_settings(self) -> None:
        super().power_on_settings()
        self.sense = False
        self.coils = dict.fromkeys(_COILS, False)
        self.words = dict.fromkeys(range(_FIRST, _LAST + 1), 0)
        for register, mode in _LEVELS.items():
            self._keep(register, self.levels[mode])
        for register, name in _LIMITS.items():
            self._keep(register, getattr(self, name))
        self.words[_COMMAND] = 1
        self.function = 1

    def front_panel_took_over(self) -> None:
        self.coils[_PC1] = False

    def conversation(self) -> RtuDialect:
        """For one more client."""
        return RtuDialect(self)

    def spoil(self, frame: bytes) -> bytes:
        active = self.faults.active
        if "checksum_wrong" in active:
            return frame[:-1] + bytes((frame[-1] ^ 0x55,))
        if "length_wrong" in active:
            return frame[:2] + bytes(((frame[2] + 2) % 256,)) + frame[3:]
        return frame

    # ---- functions ------------------------------------------------------------------------

    def serve(self, function: int, data: bytes) -> bytes:
        self.before_line()
        at, count = struct.unpack(">HH", data[:4])
        if function == 1:
            return self._told_coils(at, count)
        if function == 3:
            return self._told_words(at, count)
        if function == 5:
            return self._write_coil(at, count, data)
        if function == 6:
            self._write_words(at, [count])
            return data
        if function == 16:
            if not 1 <= count <= 123 or data[4] != 2 * count or len(data) != 5 + 2 * count:
                raise ModbusRefusal(3)
            self._write_words(at, list(struct.unpack(f">{count}H", data[5:])))
            return data[:4]
        raise ModbusRefusal(1)

    def _told_coils(self, at: int, count: int) -> bytes:
        if not 1 <= count <= 2000:
            raise ModbusRefusal(3)
        trips = {0x0520: "OC", 0x0521: "OV", 0x0522: "OP"}
        bits = 0
        for n in range(count):
            coil = at + n
            if not 0x0500 <= coil <= 0x0524:
                raise ModbusRefusal(2)
            on = self.coils.get(coil, False)
            if coil == _STATE:
                on = self.output_on
            elif coil == 0x0524:
                on = self.circuit.terminals_V() < -0.1
            elif coil in trips:
                on = self.why_off == trips[coil]
            bits |= on << n
        return bytes(((count + 7) // 8,)) + bits.to_bytes((count + 7) // 8, "little")

    def _told_words(self, at: int, count: int) -> bytes:
        if not 1 <= count <= 125:
            raise ModbusRefusal(3)
        known = self.words if at < _TOLD_FIRST else self._told()
        try:
            return bytes((2 * count,)) + struct.pack(f">{count}H", *(known[at + n] for n in range(count)))
        except KeyError as error:
            raise ModbusRefusal(2) from error

    def _told(self) -> dict[int, int]:
        values = []
        for quantity in ("V", "A"):
            try:
                values.append(struct.pack(">f", float(self.reading(quantity, "%.5f"))))
            except (ValueError, OverflowError):
                values.append(b"\x7f\xc0\x00\x00")
        words = struct.unpack(">4H", b"".join(values))
        mode = next(code for code, name in _MODES.items() if name == self.mode)
        rest = (_SHORT if self.shorted else mode, self.output_on, self.options.model, self.options.edition)
        return dict(enumerate((*words, *(int(value) for value in rest)), start=_TOLD_FIRST))

    def _write_coil(self, coil: int, value: int, data: bytes) -> bytes:
        if coil not in self.coils:
            raise ModbusRefusal(2)
        if value not in (0, 0xFF00):
            raise ModbusRefusal(3)
        if "remote_lost" in self.faults.active:
            raise ModbusRefusal(4)
        self.coils[coil] = bool(value)
        if coil == _PC1:
            self.coils[_REMOTE] = bool(value)
        return data

    def _write_words(self, at: int, values: list[int]) -> None:
        if at < _FIRST or at + len(values) - 1 > _LAST:
            raise ModbusRefusal(2)
        if not self.coils[_PC1] or "remote_lost" in self.faults.active:
            raise ModbusRefusal(4)
        self.settle()
        if at == _COMMAND:
            self._command(values[0])
        wanted = {at + n: value for n, value in enumerate(values)}
        for register in (*_LEVELS, *_LIMITS):
            if register in wanted and register + 1 in wanted:
                self._float(
                    register,
                    struct.unpack(">f", struct.pack(">2H", wanted[register], wanted[register + 1]))[0],
                )
        self.words.update(wanted)
        self.circuit.changed()

    def _float(self, register: int, value: float) -> None:
        top = self.ratings
        if register in _LEVELS:
            mode = _LEVELS[register]
            high = {"CC": self.limit_A, "CV": self.limit_V, "CP": self.limit_W, "CR": 7500.0}[mode]
        else:
            high = {"limit_A": top.current_A, "limit_V": top.voltage_V, "limit_W": top.power_W}[
                _LIMITS[register]
            ]
        if not 0.0 <= value <= high * 1.0001:
            raise ModbusRefusal(3)
        if register in _LEVELS:
            self.set_level(_LEVELS[register], value)
        else:
            setattr(self, _LIMITS[register], value)

    def _command(self, code: int) -> None:
        if code == _ON and "output_trip" in self.faults.active:
            raise ModbusRefusal(4)
        if code in (_ON, _OFF):
            self.set_input(code == _ON)
            self._play()
        elif code in (*_MODES, _SOFT_START, _DYNAMIC, _BATTERY):
            self.function, self.shorted = code, False
            self.set_mode(_MODES.get(code, "CC"))
            self._play()
        elif code == _SHORT:
            self.shorted = True

    def _play(self) -> None:
        """Dynamic, once it is chosen and the input is on."""
        if self.function != _DYNAMIC or not self.output_on:
            return
        high, high_s, low, low_s = (self._kept(register) for register in _DYNAMIC_AT)
        transient = Transient(high, high_s, low, low_s, self.words[_DYNAMIC_MODE])
        if not transient.possible(self.limit_A):
            raise ModbusRefusal(4)
        self.run_program(transient.begun(self.circuit.time_s))

    def after_step(self, time_s: float, duration_s: float, voltage_V: float, current_A: float) -> None:
        super().after_step(time_s, duration_s, voltage_V, current_A)
        if self.output_on and self.function == _BATTERY and voltage_V <= self._kept(_END_V):
            self.switch_off()
            self._keep(_RESULT, self.charge_Ah)

    def _kept(self, register: int) -> float:
        words = struct.pack(">2H", self.words[register], self.words[register + 1])
        return float(struct.unpack(">f", words)[0])

    def _keep(self, register: int, value: float) -> None:
        self.words[register], self.words[register + 1] = struct.unpack(">2H", struct.pack(">f", value))
