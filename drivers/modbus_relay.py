"""Relay boards on Modbus TCP: contactor coils and safety inputs.

Common maps by option: ADAM-6050 and ADAM-6060 (inputs from 0, coils from 16) and
Waveshare 8-channel (coils from 0). Waveshare's "Modbus POE ETH Relay" carries
RTU frames with their CRC inside TCP: ``framer: rtu``.

With ``timed_coils`` a coil can be closed for a time, as Waveshare publishes it for its relay boards:
function 5 at 0x0200 + coil ("flash on"), the value being the time in units of 100 ms, at most 0x7FFF; the
reply repeats the request. That the command, given again, starts the time anew is not published: try it on
the board before the option is set.
"""

from __future__ import annotations

from typing import Any, Literal

from drivers.capabilities import Span
from drivers.contracts.common import Identity
from drivers.contracts.relay import CoilContradiction, RelayBoard
from drivers.datasheet import Datasheet, Evidence, Variant
from drivers.errors import OutOfRange
from drivers.modbus_coil import OFF, ON, WriteCoilValue
from drivers.ranges import require_in
from drivers.spec import Category, DriverOptions, DriverSpec, need_address
from drivers.transports.address import ModbusTcpAddress, parse_address, wrong_address
from drivers.transports.modbus_tcp import ModbusTcpUnit

_OFFSETS = {"adam-6050": (16, 0), "adam-6060": (16, 0), "waveshare-8": (0, 0), "plain": (0, 0)}
_FLASH_ON = 0x0200
_HOLD_UNIT_S = 0.1
_HOLD_S = Span(_HOLD_UNIT_S, 0x7FFF * _HOLD_UNIT_S)


class ModbusRelayOptions(DriverOptions):
    """``map`` sets where coils and inputs begin; offsets given singly take its place.

    ``active_low_inputs`` turns the inputs round, for boards that answer 1 when open.
    """

    map: Literal["adam-6050", "adam-6060", "waveshare-8", "plain"] = "plain"
    coil_offset: int | None = None
    input_offset: int | None = None
    active_low_inputs: bool = False
    timed_coils: bool = False
    framer: Literal["socket", "rtu"] = "socket"
    timeout_s: float = 0.2
    verify: bool = True


class ModbusRelay(RelayBoard):
    """One board. Every failed exchange drops the link; the next one reconnects."""

    def __init__(self, address: ModbusTcpAddress, options: ModbusRelayOptions | None = None) -> None:
        options = options or ModbusRelayOptions()
        coil, contact = _OFFSETS[options.map]
        self._coil_offset = coil if options.coil_offset is None else options.coil_offset
        self._input_offset = contact if options.input_offset is None else options.input_offset
        self._options = options
        self.address = address.text
        self._link = ModbusTcpUnit(
            address,
            timeout_s=options.timeout_s,
            framer=options.framer,
            remedy="Check the unit id and the coil and input map of the board.",
        )
        self._link.client.register(WriteCoilValue)

    @property
    def hold_timer(self) -> Span | None:
        return _HOLD_S if self._options.timed_coils else None

    def identify(self) -> Identity:
        """Get the basic device identification (function 43/14); blank where the board has none."""
        return self._link.identification()

    def close(self) -> None:
        self._link.close()

    def set_coil(self, coil: int, closed: bool) -> None:
        self._write(coil, 0, ON if closed else OFF, closed)
        if self._options.verify and self.coils(coil, 1) != [closed]:
            raise self._contradiction(coil, closed, "it reads back the opposite")

    def hold_coil(self, coil: int, hold_s: float) -> None:
        if self.hold_timer is None:
            super().hold_coil(coil, hold_s)
        require_in(hold_s, _HOLD_S, "hold time", "s", self.address, "board")
        self._write(coil, _FLASH_ON, round(hold_s / _HOLD_UNIT_S), True)

    def coils(self, first: int, count: int) -> list[bool]:
        at = self._at(first, count, self._coil_offset)
        return self._link.bits(
            f"coils {first}+{count}",
            count,
            lambda: self._link.client.read_coils(at, count=count, device_id=self._link.unit),
        )

    def inputs(self, first: int, count: int) -> list[bool]:
        at = self._at(first, count, self._input_offset)
        bits = self._link.bits(
            f"inputs {first}+{count}",
            count,
            lambda: self._link.client.read_discrete_inputs(at, count=count, device_id=self._link.unit),
        )
        return [bit is not self._options.active_low_inputs for bit in bits]

    # ------------------------------------------------------------------ parts

    def _write(self, coil: int, command: int, value: int, closed: bool) -> None:
        at = self._at(coil, 1, self._coil_offset) + command
        request = WriteCoilValue(at, value, self._link.unit)
        reply = self._link.ask(f"coil {coil}", lambda: self._link.client.execute(False, request))
        if (reply.address, reply.value) != (at, value):
            raise self._contradiction(coil, closed, "the echo differs")

    def _at(self, first: int, count: int, offset: int) -> int:
        if first < 0 or not 1 <= count <= 2000 or first + offset + count > 65536:
            raise OutOfRange(
                f"{self.address}: {count} bits from {first} are outside the Modbus address space",
                remedy="Check the coil and input numbers in the bench file.",
                address=self.address,
                value=first,
            )
        return first + offset

    def _contradiction(self, coil: int, closed: bool, why: str) -> CoilContradiction:
        return CoilContradiction(
            f"{self.address}: coil {coil} was set {'closed' if closed else 'open'}, but {why}",
            remedy="Check the board for an interlock or another master that holds the coil.",
            address=self.address,
            error_code=0,
            text=why,
        )


def _open(address: str | None, options: Any) -> ModbusRelay:
    assert isinstance(options, ModbusRelayOptions)
    text = need_address(address, driver.name)
    parsed = parse_address(text)
    if not isinstance(parsed, ModbusTcpAddress):
        raise wrong_address(text, "a relay board speaks Modbus: use modbus-tcp://")
    return ModbusRelay(parsed, options)


driver = DriverSpec(
    name="modbus-relay",
    category=Category.RELAY,
    title="Relay and input board on Modbus TCP (ADAM-6050, Waveshare)",
    open=_open,
    options_model=ModbusRelayOptions,
    datasheet=Datasheet(
        evidence=Evidence.B,
        sources=("public recipes for ADAM-6050/6060", "Waveshare's pages on its relay boards"),
        links=("modbus-tcp",),
        variants=(
            Variant("ADAM-6050", channels=18, note="inputs 0-11, coils 16-21; older firmware is unit 0"),
            Variant("ADAM-6060", channels=12, note="inputs 0-5, relay coils 16-21"),
            Variant("Waveshare 8-channel", channels=8, note="coils 0-7; timed; RTU in TCP on some"),
        ),
        simulators=("relay",),
        unverified=("that a timed coil's time starts anew when the command is repeated",),
    ),
)
