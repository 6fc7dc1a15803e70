"""Kunkin KP182 and KP184 electronic loads: the maker's own dialect of Modbus RTU on RS-232 or RS-485.

Protocol facts (grade A): the maker's manual v1.0 of 2017-09, whose five example frames the tests use, and
two open tools. A write has function 6 but carries four data bytes and a byte count; the answer to "read
all" says 0x30 bytes and has 18. The manual and older units send the checksum with its high byte first,
units after about 2020 with its low byte first: the first exchange finds out which, unless the option
``crc`` says it.

The dialect has no identity, no limits to set, no error queue and no host watchdog, and settings cannot be
read back: a write is confirmed by its echo (some units leave the data out of it), mode and input by "read
all". Not verified: current above 30 A on a unit sold as 40 A; remote sense. Never run on a real instrument.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field

from drivers.capabilities import Span, TimingClass
from drivers.commanded_load import CommandedLoad
from drivers.contracts.common import Identity
from drivers.contracts.load import LoadCapabilities, LoadProtection, LoadReading
from drivers.contracts.power import SafeState
from drivers.datasheet import Datasheet, Evidence, Proof, Variant
from drivers.errors import TransportError
from drivers.modbus_crc import crc16
from drivers.spec import Category, DriverOptions, DriverSpec, need_address
from drivers.transports.frames import FrameLink, FrameOptions, GarbledReply, garbled

INPUT, MODE, CURRENT_MA = 0x010E, 0x0110, 0x0116
CONSTANT_CURRENT = 1
_READ_ALL = bytes.fromhex("03 03 00 00 00")
_READ_ALL_LENGTH = 23
_WRITE_LENGTHS = (9, 13)
_POWER_W = {"KP182": 250.0, "KP184": 400.0}
_VOLTAGE = Span(0.0, 150.0)

ByteOrder = Literal["high-first", "low-first"]


class KunkinOptions(DriverOptions):
    """``unit``: bus address. ``crc``: which byte of the checksum comes first.

    ``current_max_A``: 30 by the manual's register; 40 where the nameplate says so. Times in s; the load
    answers after 50 to 100 ms.
    """

    model: Literal["KP182", "KP184"] = "KP184"
    unit: int = Field(default=1, ge=1, le=99)
    crc: Literal["auto", "high-first", "low-first"] = "auto"
    current_max_A: float = Field(default=30.0, gt=0, le=40.0)
    timeout_s: float = 0.3
    pulse_min_s: float = 0.5


@dataclass(frozen=True)
class State:
    """One answer to "read all": V, A, mode number, whether the input is on."""

    input_on: bool
    mode: int
    voltage_V: float
    current_A: float


def sealed(body: bytes, order: ByteOrder) -> bytes:
    """``body`` with its checksum."""
    return body + crc16(body).to_bytes(2, "big" if order == "high-first" else "little")


def cut_state(data: bytes, unit: int, order: ByteOrder, address: str) -> bytes | None:
    """The 23 bytes of a "read all" answer; None while more is needed. Raises GarbledReply."""
    head = bytes((unit, 3, 0x30))
    if data[:3] != head[: len(data)]:
        raise garbled(address, data, "not an answer to read all")
    if len(data) < _READ_ALL_LENGTH:
        return None
    frame = data[:_READ_ALL_LENGTH]
    if sealed(frame[:-2], order) != frame:
        raise garbled(address, frame, "the checksum is wrong")
    return frame


def cut_echo(data: bytes, request: bytes, order: ByteOrder, address: str) -> bytes | None:
    """The answer to a write: the request again, or only its head of 7 bytes with a checksum."""
    whole = sealed(request[:11], order)
    short = sealed(request[:7], order)
    if data[:13] == whole:
        return whole
    if data[:9] == short:
        return short
    if whole.startswith(data) or short.startswith(data):
        return None
    raise garbled(address, data, "not the echo of the write")


def parse_state(frame: bytes) -> State:
    """Decode a frame that ``cut_state`` found."""
    return State(
        input_on=bool(frame[3] & 1),
        mode=frame[3] >> 1 & 3,
        voltage_V=int.from_bytes(frame[5:8], "big") / 1000.0,
        current_A=int.from_bytes(frame[8:11], "big") / 1000.0,
    )


class KunkinKP184(CommandedLoad):
    """One KP184 on a serial line. Limits are kept by this driver: the instrument takes none."""

    def __init__(self, link: FrameLink, options: KunkinOptions | None = None) -> None:
        self._link = link
        self.address = link.address
        self._options = options or KunkinOptions()
        self._order: ByteOrder | None = None if self._options.crc == "auto" else self._options.crc
        self._level_A = 0.0

    def identify(self) -> Identity:
        """Get maker and the model of the options, if what answers speaks this dialect; it tells no more."""
        self._state()
        return Identity("Kunkin", self._options.model, "", "")

    def close(self) -> None:
        self._link.close()

    @property
    def capabilities(self) -> LoadCapabilities:
        """Get the manual's ratings; there is no timer and no list to program."""
        options = self._options
        return LoadCapabilities(
            voltage_V=_VOLTAGE,
            current_A=Span(0.0, options.current_max_A),
            power_W=Span(0.0, _POWER_W[options.model]),
            voltage_resolution_V=0.001,
            current_resolution_A=0.001,
            pulse_min_s=options.pulse_min_s,
            timing=frozenset({TimingClass.COMMANDED}),
        )

    def input_is_on(self) -> bool:
        return self._state().input_on

    def read(self) -> LoadReading:
        """Measure both in one exchange."""
        state = self._state()
        return LoadReading(state.voltage_V, state.current_A)

    def verify_safe(self) -> SafeState:
        state = self._state()
        return SafeState(state.input_on, state.current_A)

    # ---- parts ---------------------------------------------------------------------------

    def _take_control(self) -> None:
        """The dialect knows no remote control: any command is taken."""

    def _set_up(self, protection: LoadProtection) -> None:  # noqa: ARG002 - no limits to write
        self._write(MODE, CONSTANT_CURRENT)  # refused while the input is on
        if (mode := self._state().mode) != CONSTANT_CURRENT:
            raise self._refused(f"mode was set to constant current; it answers mode {mode}")

    def _command(self, current_A: float) -> None:
        self._write(CURRENT_MA, round(current_A * 1000.0))
        self._level_A = current_A

    def _commanded_A(self) -> float:
        return self._level_A

    def _switch(self, on: bool) -> None:
        self._write(INPUT, int(on))

    def _state(self) -> State:
        unit = self._options.unit
        state = parse_state(
            self._ask(
                bytes((unit,)) + _READ_ALL, lambda data, order: cut_state(data, unit, order, self.address)
            )
        )
        self._plausible(state.voltage_V, _VOLTAGE.high, "voltage", "V")
        self._plausible(state.current_A, self._options.current_max_A, "current", "A")
        return state

    def _write(self, register: int, value: int) -> None:
        body = bytes((self._options.unit, 6)) + register.to_bytes(2, "big") + b"\x00\x01\x04"
        body += value.to_bytes(4, "big")
        self._ask(body, lambda data, order: cut_echo(data, body, order, self.address))

    def _ask(self, body: bytes, cut: Any) -> bytes:
        """Exchange once; in both byte orders, one after the other, as long as none has been answered."""
        orders: tuple[ByteOrder, ...] = ("high-first", "low-first") if self._order is None else (self._order,)
        for order in orders:
            try:
                reply = self._link.ask(sealed(body, order), lambda data, order=order: cut(data, order))  # type: ignore[misc]
            except GarbledReply:
                raise
            except TransportError:
                if order == orders[-1]:
                    raise
            else:
                self._order = order
                return reply
        raise AssertionError("unreachable")


def _open(address: str | None, options: Any) -> KunkinKP184:
    assert isinstance(options, KunkinOptions)
    link = FrameLink(need_address(address, driver.name), FrameOptions(timeout_s=options.timeout_s))
    return KunkinKP184(link, options)


driver = DriverSpec(
    name="kunkin-kp184",
    category=Category.LOAD,
    title="Kunkin KP182/KP184 electronic load",
    open=_open,
    options_model=KunkinOptions,
    datasheet=Datasheet(
        evidence=Evidence.A,
        sources=("maker's manual v1.0 2017-09, five example frames", "two open tools"),
        links=("serial", "tcp"),
        variants=tuple(
            Variant(
                model,
                voltage_V=_VOLTAGE,
                current_A=Span(0.0, 30.0),
                power_W=Span(0.0, power_W),
                voltage_resolution_V=0.001,
                current_resolution_A=0.001,
                timing=frozenset({TimingClass.COMMANDED}),
                sequence_steps_max=0,
                buffered_readback=False,
                watchdog_s=False,
                load_on_timer_s=False,
                note="sold as 40 A; the manual's register ends at 30 A",
            )
            for model, power_W in _POWER_W.items()
        ),
        simulators=("kunkin-kp184",),
        proofs=(
            Proof(
                "Kunkin's example frames", "both", "five, byte for byte", "tests/drivers/test_kunkin_kp184.py"
            ),
        ),
        unverified=("current above 30 A", "remote sense", "what a unit answers when it refuses"),
    ),
)
