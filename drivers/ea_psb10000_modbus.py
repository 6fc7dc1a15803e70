"""EA-PSB 10000 and 9000 by Modbus TCP: the same supplies as ``ea-psb10000``, in registers.

Protocol facts (grade B): a C library for the PSB 10000 and an open driver that cites the vendor's ModBus and
SCPI guide REV 24. Coils 402 remote and 405 DC output (function 5, 0xFF00 or 0); registers 498 sink power, 500
voltage, 501 current, 502 power, 507 to 509 actual values; 0xCCCC is 100 % of the rating and 53477 (102 %) the
largest setting. One voltage loop: the unit charges towards its voltage and discharges towards it.

Not verified, so settable or left alone: the register of the sink current (option ``sink_current_register``),
the bits of the state in 505, and whether actual values tell a direction: only one direction is ever allowed
by the settings, and the reading takes its sign. No register of protections is known: they keep what the unit
has. Nothing tells who the unit is; ratings come from the bench file. Never run on a real instrument.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from drivers.capabilities import Capabilities, TimingClass
from drivers.commanded_port import CommandedPort
from drivers.contracts.common import Identity
from drivers.contracts.power import PowerReading, Protection
from drivers.datasheet import Datasheet, Evidence, Proof, Variant
from drivers.ea_psb10000 import EaOptions, ratings
from drivers.errors import InstrumentError, NoReading, OutOfRange
from drivers.spec import Category, DriverSpec, need_address
from drivers.transports.address import ModbusTcpAddress, parse_address, wrong_address
from drivers.transports.modbus_tcp import ModbusTcpUnit
from drivers.transports.scpi import attempt_all

FULL, LARGEST = 0xCCCC, 53477
_REMOTE, _OUTPUT = 402, 405
_SINK_POWER, _VOLTAGE, _CURRENT, _POWER = 498, 500, 501, 502
_ACTUAL, _LIMITS = 507, 9000
FINGERPRINT = "EA-PSB by its registers"
_NO_VALUE = 0xFFFF


class EaModbusOptions(EaOptions):
    """As those of ``ea-psb10000``; ``sink_current_register`` is not verified."""

    sink_current_register: int = Field(default=499, ge=0, le=65535)


class EaPsb10000Modbus(CommandedPort):
    """One PSB behind Modbus TCP."""

    def __init__(self, address: ModbusTcpAddress, options: EaModbusOptions) -> None:
        self.address = address.text
        self._options = options
        self._protection: Protection | None = None
        self._commanded_A = 0.0
        self._sink = options.sink_current_register
        self._link = ModbusTcpUnit(
            address,
            timeout_s=options.timeout_s,
            remedy="Check the front panel: remote control, interlock, and alarms; and the unit id.",
        )

    def identify(self) -> Identity:
        """Get what can be told: whether the settings and their limits stand where a PSB has them.

        No register of a name or a serial number is verified. Blank when the unit has other registers.
        """
        try:
            settings = self._link.registers(_SINK_POWER, 5, "settings")
            limits = self._link.registers(_LIMITS, 5, "limits of the settings")
        except InstrumentError:
            return Identity("", "", "", "")
        fits = all(value <= LARGEST for value in (*settings, *limits)) and any(limits)
        return Identity(FINGERPRINT if fits else "", "", "", "")

    def close(self) -> None:
        self._link.close()

    @property
    def capabilities(self) -> Capabilities:
        """Get the ratings of the bench file."""
        return ratings(self._options)

    def prepare(self, protection: Protection) -> None:
        self._check_protection(protection)
        self._protection = None
        self._coil(_REMOTE, True)
        if not self._coil_is(_REMOTE):
            raise self._refused("coil 402", "remote control is not given")
        self._coil(_OUTPUT, False)
        options = self._options
        for register, value, rating in (
            (_CURRENT, 0.0, options.current_max_A),
            (self._sink, 0.0, options.current_max_A),
            (_VOLTAGE, protection.voltage_max_V, options.voltage_max_V),
            (_POWER, protection.charge_power_max_W, options.power_max_W),
            (_SINK_POWER, protection.discharge_power_max_W, options.power_max_W),
        ):
            self._set(register, value, rating)
        if self.output_is_on():
            raise self._refused("coil 405", "the output is still on")
        self._commanded_A = 0.0
        self._protection = protection

    def set_current(self, current_A: float) -> None:
        protection, options = self._checked_current(current_A), self._options
        charge_A, sink_A = max(current_A, 0.0), max(-current_A, 0.0)
        ordered = [(_CURRENT, charge_A), (self._sink, sink_A)]
        if charge_A:
            ordered.reverse()  # the other direction off first
        self._set(ordered[0][0], ordered[0][1], options.current_max_A)
        if current_A:
            towards_V = protection.voltage_max_V if charge_A else protection.voltage_min_V
            self._set(_VOLTAGE, towards_V, options.voltage_max_V)
        self._set(ordered[1][0], ordered[1][1], options.current_max_A)
        self._commanded_A = current_A

    def output_on(self) -> None:
        self._prepared()
        for register in (_CURRENT, self._sink):
            if self._link.registers(register, 1, f"register {register}")[0] > 1:
                raise OutOfRange(
                    f"{self.address}: the output may only go on at zero current",
                    remedy="Call set_current(0) first.",
                    address=self.address,
                )
        self._coil(_OUTPUT, True)
        if not self.output_is_on():
            raise self._refused("coil 405", "the output stays off")

    def output_off(self) -> None:
        self._coil(_OUTPUT, False)
        if self.output_is_on():
            raise self._refused("coil 405", "the output is still on")

    def output_is_on(self) -> bool:
        return self._coil_is(_OUTPUT)

    def read(self) -> PowerReading:
        voltage, current = self._link.registers(_ACTUAL, 2, "actual values")
        for what, value in (("voltage", voltage), ("current", current)):
            if value == _NO_VALUE:
                raise NoReading(
                    f"{self.address}: {what}: {value:#06x} is not a reading",
                    remedy="Check the leads; if it repeats, check the front panel.",
                    address=self.address,
                    quantity=what,
                    reply=f"{value:#06x}",
                )
        ampere = current / FULL * self._options.current_max_A
        return PowerReading(
            voltage / FULL * self._options.voltage_max_V, -ampere if self._commanded_A < 0 else ampere
        )

    def make_safe(self) -> None:
        # Remote control first: without it nothing else is taken.
        attempt_all(
            lambda: self._coil(_REMOTE, True),
            lambda: self._write(_CURRENT, 0),
            lambda: self._write(self._sink, 0),
            self.output_off,
        )

    # ------------------------------------------------------------------ parts

    def _coil(self, number: int, on: bool) -> None:
        self._link.ask(
            f"coil {number}", lambda: self._link.client.write_coil(number, on, device_id=self._link.unit)
        )

    def _coil_is(self, number: int) -> bool:
        return self._link.bits(
            f"coil {number}",
            1,
            lambda: self._link.client.read_coils(number, count=1, device_id=self._link.unit),
        )[0]

    def _set(self, register: int, value: float, rating: float) -> None:
        """Write a setting in parts of its rating and read it back."""
        counts = round(value / rating * FULL)
        if not 0 <= counts <= LARGEST:
            raise OutOfRange(
                f"{self.address}: register {register}: {value:g} is beyond 102 % of the rating",
                remedy="Check the ratings in the bench file.",
                address=self.address,
                value=value,
            )
        self._write(register, counts)
        got = self._link.registers(register, 1, f"register {register}")[0]
        if abs(got - counts) > 1:
            raise self._refused(f"register {register}", f"was set to {counts}; it answers {got}")

    def _write(self, register: int, counts: int) -> None:
        self._link.ask(
            f"register {register}",
            lambda: self._link.client.write_register(register, counts, device_id=self._link.unit),
        )


def _open(address: str | None, options: Any) -> EaPsb10000Modbus:
    assert isinstance(options, EaModbusOptions)
    text = need_address(address, driver.name)
    parsed = parse_address(text)
    if not isinstance(parsed, ModbusTcpAddress):
        raise wrong_address(text, "this driver speaks Modbus: use modbus-tcp://")
    return EaPsb10000Modbus(parsed, options)


driver = DriverSpec(
    name="ea-psb10000-modbus",
    category=Category.POWER,
    title="EA-PSB 10000/9000, bidirectional source and sink, Modbus TCP",
    open=_open,
    options_model=EaModbusOptions,
    datasheet=Datasheet(
        evidence=Evidence.B,
        sources=("a C library for PSB 10000", "an open driver that cites EA's ModBus and SCPI guide REV 24"),
        links=("modbus-tcp",),
        variants=(
            Variant(
                "any PSB 10000 or 9000",
                pulse_min_s=0.05,
                timing=frozenset({TimingClass.COMMANDED}),
                sequence_steps_max=0,
                buffered_readback=False,
                load_on_timer_s=False,
                note="1.5 to 30 kW; ratings are given in the bench file; for modules and packs, as by SCPI",
            ),
        ),
        simulators=("ea-psb10000",),
        proofs=(
            Proof(
                "pymodbus 3.12.1 client (BSD)",
                "simulator",
                "coils and registers as parts of the rating",
                "tests/simulators/instruments/test_ea_psb10000.py",
            ),
        ),
        unverified=(
            "register of the sink current",
            "bits of the state; whether actual values tell a direction (the commanded one is taken)",
            "registers of protections: none is written",
            "the unit tells no name: it is known by its registers only",
        ),
    ),
)
