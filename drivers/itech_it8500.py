"""ITECH IT8500(+), BK Precision 8500 and Array 371x loads: binary frames of 26 bytes on a serial port.

Protocol facts (grade A-): pages of the IT8512A+ manual; four open code bases agree. A frame is 0xAA,
address, command, 22 bytes of data, and the sum of all before modulo 256; numbers are little endian in mV,
0.1 mA, mW. A setting is answered by command 0x12 with a status byte, a question by its own command.

There is no host watchdog; the load-on timer (0x50 to 0x53, whole seconds) turns the input off by itself.
Lists have no slew; a step lasts 0.1 ms to 6.5535 s. A list says nothing of its end: a last step of zero is
added, and the load-on timer turns the input off within 2 s after it. Not verified: the timer's longest
time, the steps of one list, whether a limit (0x22 to 0x27) trips or clips. Models that speak SCPI are
``itech-it8500-scpi``. Never run on a real instrument.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from pydantic import Field

from drivers.capabilities import Span, TimingClass
from drivers.commanded_load import CommandedLoad
from drivers.contracts.common import Identity
from drivers.contracts.load import ListStep, LoadCapabilities, LoadProtection, LoadReading
from drivers.contracts.power import SafeState
from drivers.datasheet import Datasheet, Evidence, Proof, Variant
from drivers.errors import InstrumentError
from drivers.ranges import require_in
from drivers.spec import Category, DriverOptions, DriverSpec, need_address
from drivers.transports.frames import FrameLink, FrameOptions, garbled

LENGTH = 26
STATUS = 0x12
ANY = 0xFF
_DONE = 0x80
_WHY = {0x90: "checksum wrong", 0xA0: "parameter wrong", 0xB0: "cannot be done now", 0xC0: "unknown command"}

REMOTE, INPUT = 0x20, 0x21
_LIMIT_V, _LIMIT_A, _LIMIT_W = 0x22, 0x24, 0x26  # the next code asks
_MODE, _LEVEL, _TIMER, _TIMER_ON, _SENSE = 0x28, 0x2A, 0x50, 0x52, 0x56
_LIST_MODE, _LIST_REPEAT, _LIST_STEPS, _LIST_STEP = 0x3A, 0x3C, 0x3E, 0x40
_TRIGGER_SOURCE, _TRIGGER, _FUNCTION, _READ, _MODEL, _RATED = 0x58, 0x5A, 0x5D, 0x5F, 0x6A, 0x01
_FIXED, _LIST, _BUS = 0, 3, 2
_WIDTH = Span(0.0001, 6.5535)
_TIMER_S = Span(1.0, 60000.0)
_BIT_REMOTE, _BIT_ON = 0x04, 0x08
_DEMANDS = (
    "reversed voltage",
    "over-voltage",
    "over-current",
    "over-power",
    "over-temperature",
    "sense leads missing",
)


class ItechOptions(DriverOptions):
    """``unit``: address on the line. ``list_steps_max`` is not verified. Times in s."""

    unit: int = Field(default=0, ge=0, le=254)
    remote_sense: bool = True
    timeout_s: float = 0.5
    pulse_min_s: float = 0.2
    list_steps_max: int = 50


def frame(unit: int, command: int, data: bytes = b"") -> bytes:
    """A whole frame."""
    body = bytes((0xAA, unit, command)) + data.ljust(22, b"\x00")
    return body + bytes((sum(body) % 256,))


def cut_reply(data: bytes, unit: int, command: int, address: str) -> bytes | None:
    """The 26 bytes of the reply to ``command``; None while more is needed. Raises GarbledReply."""
    if data[:1] not in (b"", b"\xaa"):
        raise garbled(address, data, "a reply must begin with AA")
    if len(data) < LENGTH:
        return None
    found = data[:LENGTH]
    if sum(found[:-1]) % 256 != found[-1]:
        raise garbled(address, found, "the checksum is wrong")
    if unit not in (ANY, found[1]):
        raise garbled(address, found, f"it comes from unit {found[1]}")
    if found[2] not in (command, STATUS):
        raise garbled(address, found, f"it answers command {found[2]:02X}")
    return found


class ItechIT8500(CommandedLoad):
    """One load on a serial line; everything is set in remote control and asked back."""

    def __init__(self, link: FrameLink, options: ItechOptions | None = None) -> None:
        self._link = link
        self.address = link.address
        self._options = options or ItechOptions()

    def identify(self) -> Identity:
        reply = self._get(_MODEL)
        text = [
            part.split(b"\x00")[0].decode("ascii", "replace").strip() for part in (reply[3:8], reply[10:20])
        ]
        return Identity("ITECH or compatible", text[0], text[1], f"{reply[9]:x}.{reply[8]:02x}")

    def close(self) -> None:
        self._link.close()

    @cached_property
    def capabilities(self) -> LoadCapabilities:
        """Get the ratings that the load itself tells (0x01)."""
        reply = self._get(_RATED)
        current_A, voltage_V, power_W = _u32(reply, 3) / 1e4, _u32(reply, 7) / 1e3, _u32(reply, 15) / 1e3
        if not (current_A and voltage_V and power_W):
            raise self._refused("it tells ratings of zero")
        return LoadCapabilities(
            voltage_V=Span(0.0, voltage_V),
            current_A=Span(0.0, current_A),
            power_W=Span(0.0, power_W),
            voltage_resolution_V=0.001,
            current_resolution_A=0.0001,
            pulse_min_s=self._options.pulse_min_s,
            timing=frozenset({TimingClass.COMMANDED, TimingClass.SEQUENCED}),
            list_steps_max=self._options.list_steps_max,
            load_on_timer=_TIMER_S,
            remote_sense=self._options.remote_sense,
        )

    def input_is_on(self) -> bool:
        return bool(self._read()[15] & _BIT_ON)

    def read(self) -> LoadReading:
        """Measure both in one exchange."""
        return self._reading(self._read())

    def trips(self) -> tuple[str, ...]:
        found = int.from_bytes(self._read()[16:18], "little")
        return tuple(name for bit, name in enumerate(_DEMANDS) if found >> bit & 1)

    def verify_safe(self) -> SafeState:
        reply = self._read()
        return SafeState(bool(reply[15] & _BIT_ON), self._reading(reply).current_A)

    def set_load_on_timer(self, limit_s: float) -> None:
        require_in(limit_s, _TIMER_S, "load-on timer", "s", self.address, "instrument")
        whole_s = math.ceil(limit_s)
        self._set(_TIMER_ON, 0, 1)
        self._set_and_ask(_TIMER, whole_s, 2)
        self._set_and_ask(_TIMER_ON, 1, 1)

    def load_list(self, steps: Sequence[ListStep]) -> None:
        """Load steps of constant current; a step of zero follows them. The slew is the load's own."""
        self._check_list(steps, _WIDTH)
        whole = [(step.current_A, step.duration_s) for step in steps] + [(0.0, 0.1)]
        self._set(_LIST_MODE, 0, 1)
        self._set(_LIST_REPEAT, 0, 1)
        self._set(_LIST_STEPS, len(whole), 2)
        for number, (current_A, width_s) in enumerate(whole, start=1):
            data = number.to_bytes(2, "little") + round(current_A * 1e4).to_bytes(4, "little")
            self._say(_LIST_STEP, data + round(width_s * 1e4).to_bytes(2, "little"))
        self.set_load_on_timer(1.0 + sum(width_s for _, width_s in whole))

    def start_list(self) -> None:
        self._prepared()
        self._set(_FUNCTION, _LIST, 1)
        self._set(_TRIGGER_SOURCE, _BUS, 1)
        self._set(INPUT, 1, 1)
        self._say(_TRIGGER)

    def stop_list(self) -> None:
        self.input_off()
        self._set(_FUNCTION, _FIXED, 1)
        self._set(_TIMER_ON, 0, 1)
        self._command(0.0)

    # ---- parts ---------------------------------------------------------------------------

    def _take_control(self) -> None:
        self._set(REMOTE, 1, 1)

    def _set_up(self, protection: LoadProtection) -> None:
        p = protection
        self._set(_TIMER_ON, 0, 1)
        self._set_and_ask(_FUNCTION, _FIXED, 1)
        self._set_and_ask(_MODE, 0, 1)
        self._set_and_ask(_LIMIT_V, round(p.voltage_max_V * 1e3), 4)
        self._set_and_ask(_LIMIT_A, round(p.current_max_A * 1e4), 4)
        self._set_and_ask(_LIMIT_W, round(p.power_max_W * 1e3), 4)
        self._set_and_ask(_SENSE, int(self._options.remote_sense), 1)

    def _command(self, current_A: float) -> None:
        self._set_and_ask(_LEVEL, round(current_A * 1e4), 4)

    def _commanded_A(self) -> float:
        return _u32(self._get(_LEVEL + 1), 3) / 1e4

    def _switch(self, on: bool) -> None:
        self._set(INPUT, int(on), 1)

    def _read(self) -> bytes:
        reply = self._get(_READ)
        if reply == frame(reply[1], _READ):
            # A load under remote control says so; all zeros is the echo of the question.
            raise garbled(self.address, reply, "it is the question itself")
        return reply

    def _reading(self, reply: bytes) -> LoadReading:
        span = self.capabilities
        voltage_V = self._plausible(_u32(reply, 3) / 1e3, span.voltage_V.high, "voltage", "V")
        return LoadReading(
            voltage_V, self._plausible(_u32(reply, 7) / 1e4, span.current_A.high, "current", "A")
        )

    def _set_and_ask(self, command: int, value: int, size: int) -> None:
        """Set, then ask with the next command; raises InstrumentError when it answers another value."""
        self._set(command, value, size)
        got = int.from_bytes(self._get(command + 1)[3 : 3 + size], "little")
        if got != value:
            raise self._refused(f"command {command:02X} set {value}; it answers {got}")

    def _set(self, command: int, value: int, size: int) -> None:
        self._say(command, value.to_bytes(size, "little"))

    def _say(self, command: int, data: bytes = b"") -> None:
        reply = self._ask(command, data)
        if reply[2] != STATUS:
            raise garbled(self.address, reply, "a setting must be answered by a status")
        if reply[3] != _DONE:
            raise self._status(command, reply[3])

    def _get(self, command: int) -> bytes:
        reply = self._ask(command)
        if reply[2] == STATUS:
            raise self._status(command, reply[3])
        return reply

    def _ask(self, command: int, data: bytes = b"") -> bytes:
        unit = self._options.unit
        return self._link.ask(
            frame(unit, command, data), lambda got: cut_reply(got, unit, command, self.address)
        )

    def _status(self, command: int, status: int) -> InstrumentError:
        return self._refused(
            f"command {command:02X}: status {status:02X} ({_WHY.get(status, 'unknown')})", status
        )


def _u32(reply: bytes, at: int) -> int:
    return int.from_bytes(reply[at : at + 4], "little")


def _open(address: str | None, options: Any) -> ItechIT8500:
    assert isinstance(options, ItechOptions)
    link = FrameLink(need_address(address, driver.name), FrameOptions(timeout_s=options.timeout_s))
    return ItechIT8500(link, options)


driver = DriverSpec(
    name="itech-it8500",
    category=Category.LOAD,
    title="ITECH IT8500(+), BK Precision 8500, Array 371x electronic loads",
    open=_open,
    options_model=ItechOptions,
    datasheet=Datasheet(
        evidence=Evidence.A_MINUS,
        sources=("pages of the IT8512A+ manual", "four open code bases that agree"),
        links=("serial", "tcp"),
        variants=(
            Variant(
                "IT8500, IT8500+, BK 8500, Array 371x",
                voltage_resolution_V=0.001,
                current_resolution_A=0.0001,
                timing=frozenset({TimingClass.COMMANDED, TimingClass.SEQUENCED}),
                sequence_steps_max=ItechOptions().list_steps_max,
                buffered_readback=False,
                watchdog_s=False,
                load_on_timer_s=_TIMER_S,
                remote_sense=True,
                note="ratings are asked from the load",
                grades={"sequence_steps_max": Evidence.D, "load_on_timer_s": Evidence.D},
            ),
        ),
        simulators=("itech-it8500",),
        proofs=(
            Proof(
                "itech_serial 0.1.4 IT8500 (MIT)",
                "simulator",
                "identity, remote, mode, limits, level, input, measurement",
                "tests/drivers/test_load_counterparts.py",
            ),
            Proof(
                "pybk8500 1.2.0 (MIT)",
                "both",
                "its frames and parser against driver and simulator; transients and battery test",
                "tests/drivers/test_load_counterparts.py",
            ),
        ),
        unverified=("longest load-on time", "steps of one list", "whether limits trip or clip"),
    ),
)
