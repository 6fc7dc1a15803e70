"""The Modbus side of a simulated EA-PSB 10000.

Facts: coils 402 remote, 405 DC output, 409 resistance mode; registers 498 sink power, 500 U, 501 I, 502 P,
505 state (32 bit), 507 to 509 actual U, I, P, 9000 to 9004 limits of the settings; 0xCCCC is 100 % of the
rating and 53477 (102 %) the largest setting. Not stated and chosen here: that 499 is the sink current, the
bits of the state (``_STATE``), that actual values are magnitudes, the order of the limits, and the exception
codes.
"""

from __future__ import annotations

from simulators.faults import FaultSet
from simulators.instruments.ea_psb10000 import EaPsb10000
from simulators.modbus import DEVICE_FAILURE, ILLEGAL_ADDRESS, ILLEGAL_VALUE, ModbusRefusal
from simulators.scpi.errors import ScpiError

FULL, LARGEST = 0xCCCC, 53477
_REMOTE, _OUTPUT, _RESISTANCE = 402, 405, 409
_SETTINGS = {498: ("sink W", "W"), 499: ("sink A", "A"), 500: ("V", "V"), 501: ("A", "A"), 502: ("W", "W")}
_STATE = {"remote": 1 << 11, "output": 1 << 7, "sinking": 1 << 12, "alarm": 1 << 15}


class EaModbus:
    """Answers for one unit."""

    def __init__(self, unit: EaPsb10000) -> None:
        self.unit = unit
        self.faults: FaultSet = unit.faults

    def before_line(self) -> None:
        """Events due by now happen before the request."""
        self.unit.before_line()

    def read_bits(self, function: int, first: int, count: int) -> list[bool]:
        """The three coils."""
        coils = {_REMOTE: self.unit.remote, _OUTPUT: self.unit.output_on, _RESISTANCE: False}
        if function != 1 or any(address not in coils for address in range(first, first + count)):
            raise ModbusRefusal(ILLEGAL_ADDRESS)
        return [coils[address] for address in range(first, first + count)]

    def write_bit(self, address: int, value: int) -> None:
        """Remote and output."""
        if value not in (0xFF00, 0x0000):
            raise ModbusRefusal(ILLEGAL_VALUE)
        if "remote_lost" in self.faults.active:
            raise ModbusRefusal(DEVICE_FAILURE)
        if address == _REMOTE:
            self.unit.remote = value == 0xFF00
        elif address == _OUTPUT:
            self._tried(lambda: self.unit.set_output(value == 0xFF00))
        elif address != _RESISTANCE:
            raise ModbusRefusal(ILLEGAL_ADDRESS)

    def read_registers(self, function: int, first: int, count: int) -> list[int]:
        """Settings, state, actual values, limits."""
        if function != 3:
            raise ModbusRefusal(ILLEGAL_ADDRESS)
        table = self._table()
        try:
            return [table[address] for address in range(first, first + count)]
        except KeyError as error:
            raise ModbusRefusal(ILLEGAL_ADDRESS) from error

    def write_registers(self, first: int, values: list[int]) -> None:
        """Settings, in parts of the rating."""
        if "remote_lost" in self.faults.active:
            raise ModbusRefusal(DEVICE_FAILURE)
        for address, value in enumerate(values, start=first):
            if address not in _SETTINGS:
                raise ModbusRefusal(ILLEGAL_ADDRESS)
            if value > LARGEST:
                raise ModbusRefusal(ILLEGAL_VALUE)
            name, quantity = _SETTINGS[address]
            self._tried(lambda n=name, v=value / FULL * self.unit.rating[quantity]: self.unit.change(n, v))

    def _tried(self, action: object) -> None:
        try:
            action()  # type: ignore[operator]
        except ScpiError as error:
            raise ModbusRefusal(DEVICE_FAILURE) from error

    @staticmethod
    def _counts(shown: str, rating: float) -> int:
        """A reading in parts of its rating; what is no number here is the highest count."""
        try:
            return min(round(abs(float(shown)) / rating * FULL), 0xFFFF)
        except (ValueError, OverflowError):
            return 0xFFFF

    def _table(self) -> dict[int, int]:
        unit = self.unit
        table = {
            address: round(unit.settings[name] / unit.rating[quantity] * FULL)
            for address, (name, quantity) in _SETTINGS.items()
        }
        volt, ampere = unit.true_voltage_V(), unit.true_current_A()
        state = _STATE["remote"] * unit.remote | _STATE["output"] * unit.output_on
        state |= _STATE["sinking"] * (ampere < 0.0) | _STATE["alarm"] * bool(unit.alarm)
        table |= {505: state >> 16, 506: state & 0xFFFF}
        for address, quantity, true in ((507, "V", volt), (508, "A", ampere), (509, "W", volt * ampere)):
            table[address] = self._counts(unit.readings.show(quantity, true, "%.6f"), unit.rating[quantity])
        return table | {9000: LARGEST, 9001: 0, 9002: LARGEST, 9003: 0, 9004: LARGEST}
