"""Simulated DCON thermocouple module (ICP DAS I-7018, Advantech ADAM-4018): ASCII lines that end with CR.

Facts: manual pages. ``#AA`` answers ``>`` and eight values of seven characters, ``#AAN`` one of them, a
channel that is not there ``?AA``; ``$AA2`` configuration, ``$AAM`` name, ``$AAF`` firmware, ``$AA5`` reset
status; ``%AANNTTCCFF`` configures. With the checksum on, the sum of the characters modulo 256 stands in two
upper-case hexadecimal digits before CR. Errors of syntax or checksum, and other addresses, meet silence. Not
stated there and chosen here: what an open thermocouple answers (``open_text``, in hexadecimal ``7FFF``), that
bit 6 of FF is the checksum and its two lowest bits the format: 0 engineering units, 1 per cent of full scale,
2 hexadecimal (``>4C53``, two's complement of 16 bits), and that full scale is ``full_scale_degC``.
"""

from __future__ import annotations

import random

from pydantic import BaseModel, ConfigDict, Field

from simulators.faults import LINK_FAULTS, READING_FAULTS, FaultSet, FaultSpec
from simulators.instruments.points import PointOptions, true_degC
from simulators.scpi.device import ScpiDevice
from simulators.scpi.errors import ErrorQueue
from simulators.scpi.table import Later
from simulators.wiring import Circuit

FAULTS = {
    "thermocouple_open": FaultSpec("this channel's thermocouple (or, with true, all) is broken"),
    "checksum_wrong": FaultSpec("replies carry a wrong checksum"),
}
CHANNELS = 8
_ENGINEERING, _PER_CENT, _HEX = 0, 1, 2


class DconOptions(BaseModel):
    """Settings of one simulated module; ``channels`` 0 to 7."""

    model_config = ConfigDict(extra="forbid")

    address: int = Field(default=1, ge=0, le=255)
    name: str = "7018"
    firmware: str = "A2.0"
    type_code: str = "0F"
    full_scale_degC: float = Field(default=1372.0, gt=0, description="of type K")
    checksum: bool = False
    open_text: str = Field(default="+9999.9", min_length=7, max_length=7)
    channels: dict[int, PointOptions] = Field(default_factory=dict)
    ambient_degC: float = 25.0
    thermocouple_noise_K: float = Field(default=0.05, ge=0)
    max_clients: int | None = None


class DconModule(ScpiDevice):
    """One module in a channel's circuit."""

    ends_with_cr = True
    reply_end = b"\r"
    numbered_nodes = False

    def __init__(self, options: DconOptions, circuit: Circuit, *, seed: int = 0) -> None:
        super().__init__(FaultSet("dcon-thermocouples", LINK_FAULTS, READING_FAULTS, FAULTS), ErrorQueue(1))
        self.options = options
        self.circuit = circuit
        self.neighbours: dict[str, Circuit] = {}
        self._gauss = random.Random(seed).gauss
        self._frozen: dict[int, str] = {}
        self._was_reset = True
        self._checksum = options.checksum
        self._type, self._format = options.type_code, _ENGINEERING
        self._address = options.address

    def reset(self) -> None:
        """The mains was gone."""
        self._was_reset = True

    def before_line(self) -> None:
        """Bring the circuit to now."""
        self.circuit.refresh()

    def execute(self, line: str) -> list[str | Later]:
        """One line, without CR; an empty list is silence."""
        self.before_line()
        checked = self._checksum
        if checked:
            line, given = line[:-2], line[-2:]
            if sum(line.encode("ascii", "replace")) % 256 != _hex(given):
                return []
        if len(line) < 3 or _hex(line[1:3]) != self._address:
            return []
        reply = self._answered(line[0], line[3:])
        if reply is None:
            return []
        if checked:
            wrong = "checksum_wrong" in self.faults.active
            reply += f"{(sum(reply.encode('ascii')) + wrong) % 256:02X}"
        return [reply]

    def _answered(self, lead: str, rest: str) -> str | None:
        own = f"{self._address:02X}"
        if lead == "#":
            if not rest:
                return ">" + "".join(self._value(channel) for channel in range(CHANNELS))
            return f">{self._value(int(rest))}" if rest in "01234567" and len(rest) == 1 else f"?{own}"
        if lead == "%":
            return self._configured(own, rest)
        if lead != "$":
            return None
        if rest == "5":
            status, self._was_reset = int(self._was_reset), False
            return f"!{own}{status}"
        told = {
            "2": f"{self._type}06{self._checksum << 6 | self._format:02X}",
            "M": self.options.name,
            "F": self.options.firmware,
        }.get(rest)
        return None if told is None else f"!{own}{told}"

    def _configured(self, own: str, rest: str) -> str | None:
        if len(rest) != 8 or _hex(rest[:2]) is None or _hex(rest[4:6]) is None:
            return None
        flags = _hex(rest[6:8])
        if flags is None:
            return None
        if flags & 0x03 > _HEX or bool(flags & 0x40) != self._checksum:
            return f"?{own}"
        self._format = flags & 0x03
        self._address = int(rest[:2], 16)
        self._type = rest[2:4]
        return f"!{rest[:2]}"

    def _value(self, channel: int) -> str:
        if "sentinel_reading" in self.faults.active:
            return f"{self.faults.active['sentinel_reading']!s:.7}"
        if "frozen_reading" in self.faults.active and channel in self._frozen:
            return self._frozen[channel]
        point = self.options.channels.get(channel)
        broken = self.faults.active.get("thermocouple_open")
        if point is None or point.kind != "thermocouple" or broken is True or str(broken) == str(channel):
            return "7FFF" if self._format == _HEX else self.options.open_text
        circuit = self.circuit if point.bench_channel is None else self.neighbours[point.bench_channel]
        true = true_degC(circuit, point, self.options.ambient_degC)
        if true is None:
            return "7FFF" if self._format == _HEX else self.options.open_text
        value = true + self._gauss(0.0, self.options.thermocouple_noise_K)
        share = value / self.options.full_scale_degC
        shown = f"{value:+07.2f}"
        if self._format == _HEX:
            shown = f"{round(share * 0x7FFF) & 0xFFFF:04X}"
        elif self._format == _PER_CENT:
            shown = f"{share * 100.0:+07.2f}"
        self._frozen[channel] = shown
        return shown


def _hex(text: str) -> int | None:
    return int(text, 16) if len(text) == 2 and all(c in "0123456789ABCDEF" for c in text) else None
