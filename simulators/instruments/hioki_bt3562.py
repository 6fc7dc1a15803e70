"""Simulated Hioki BT3562/BT3563: AC resistance at 1 kHz and voltage of a battery.

Facts: manual pages of BT3562 and BT3561A. Commands end with CR or CR LF, replies with CR LF. Digits follow
the range, leading zeros and the plus sign become blanks; over-range answers 1E+9 and a measurement fault (an
open probe) 1E+10, with the digits of the range. An error discards the rest of a line, and a query followed
by another command is a query error. Not stated there and chosen here: the sampling times, that over-range
begins at 103 % of a range, the word ``EXFast`` for the fastest rate of some models, bits of the event
register, and that ``:READ?`` in continuous mode is refused.
"""

from __future__ import annotations

import random
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from simulators.faults import LINK_FAULTS, READING_FAULTS, FaultSet, FaultSpec
from simulators.instruments.points import PointOptions, true_ohm, true_V
from simulators.scpi import parameters
from simulators.scpi.device import ScpiDevice
from simulators.scpi.errors import ErrorQueue, ScpiError, settings_conflict
from simulators.scpi.table import Later
from simulators.wiring import Circuit

FAULTS = {"probe_open": FaultSpec("a probe has no contact: measurement fault")}
#: full scale, exponent of the answer, digits before and after the point
OHM_RANGES = ((3e-3, -3, 2, 4), (30e-3, -3, 3, 3), (300e-3, -3, 4, 2), (3.0, 0, 2, 4), (30.0, 0, 3, 3))
VOLT_RANGES = ((6.0, 0, 1, 5), (60.0, 0, 2, 4), (300.0, 0, 3, 3))
SAMPLING_S = {"EXF": 0.004, "FAST": 0.015, "MED": 0.040, "SLOW": 0.160}
_OVER = 1.03


class HiokiOptions(BaseModel):
    """Settings of one simulated meter. ``channels`` 2 says where the probes are (default: the posts)."""

    model_config = ConfigDict(extra="forbid")

    model: str = "BT3562"
    voltage_max_V: float = Field(default=60.0, gt=0)
    channels: dict[int, PointOptions] = Field(default_factory=dict)
    resistance_noise: float = Field(default=0.0005, ge=0, description="share of the range")
    voltage_noise: float = Field(default=2e-6, ge=0, description="share of the range")
    max_clients: int | None = None


class HiokiBt3562(ScpiDevice):
    """One meter at a channel's battery."""

    ends_with_cr = True
    reply_end = b"\r\n"
    numbered_nodes = False

    def __init__(self, options: HiokiOptions, circuit: Circuit, *, seed: int = 0) -> None:
        super().__init__(FaultSet("hioki-bt3562", LINK_FAULTS, READING_FAULTS, FAULTS), ErrorQueue(1))
        self.options = options
        self.circuit = circuit
        self.neighbours: dict[str, Circuit] = {}
        self._gauss = random.Random(seed).gauss
        self._event = 128
        self._masks = {"*ESE": 0, "*SRE": 0}
        self._frozen = ""
        self._power_on()
        self._register()

    def _power_on(self) -> None:
        self.function = "RV"
        self.ohm_range: float | None = None
        self.volt_range: float | None = None
        self.rate = "SLOW"
        self.continuous = True
        self.source = "IMM"
        self.delay_s = 0.0
        self.delayed = False

    def reset(self) -> None:
        """``*RST``."""
        self._power_on()

    def before_line(self) -> None:
        """Bring the circuit to now."""
        self.circuit.refresh()

    def execute(self, line: str) -> list[str | Later]:
        """One line; an error discards what is left of it, an answer that is not the last one is lost."""
        parts = [part.strip() for part in line.split(";") if part.strip()]
        answers: list[str | Later] = []
        for part in parts:
            if answers:
                self._event |= 4
                return []
            before = len(self.errors)
            answers = super().execute(part)
            if len(self.errors) > before:
                self._note()
                return []
        return answers

    def _note(self) -> None:
        error = self.errors.pop()
        if error is not None:
            self._event |= 32 if -200 < error.code <= -100 else 16

    # ---- measuring ------------------------------------------------------------------------

    def _values(self) -> str:
        if "sentinel_reading" in self.faults.active:
            return str(self.faults.active["sentinel_reading"])
        if "frozen_reading" in self.faults.active and self._frozen:
            return self._frozen
        shown = []
        if "R" in self.function:
            ohm = true_ohm(self.circuit)
            shown.append(self._shown(ohm, OHM_RANGES, self.ohm_range, self.options.resistance_noise))
        if "V" in self.function:
            point = self.options.channels.get(2, PointOptions())
            ranges = tuple(entry for entry in VOLT_RANGES if entry[0] <= self.options.voltage_max_V)
            shown.append(
                self._shown(true_V(self.circuit, point), ranges, self.volt_range, self.options.voltage_noise)
            )
        self._frozen = ",".join(shown)
        return self._frozen

    def _shown(self, true: float, ranges: Any, fixed: float | None, noise: float) -> str:
        chosen = next(
            (entry for entry in ranges if (entry[0] == fixed if fixed else abs(true) <= entry[0])), ranges[-1]
        )
        full, exponent, before, after = chosen
        if "probe_open" in self.faults.active:
            return _sentinel(10, before, after)
        if abs(true) > full * _OVER:
            return _sentinel(9, before, after)
        true += self._gauss(0.0, noise * full) if noise else 0.0
        # Not the plus sign, not the leading zeros: blanks.
        return f"{true / 10.0**exponent:{before + 1 + after + 1}.{after}f}E{exponent:+d}"

    # ---- commands -------------------------------------------------------------------------

    def _register(self) -> None:
        add, options = self.table.add, self.options
        add("*IDN?", lambda _: f"HIOKI,{options.model},0,V1.00")
        add("*RST", lambda _: self.reset())
        add("*TST?", lambda _: "0")
        add("*OPC?", lambda _: "1")
        add("*OPC", lambda _: setattr(self, "_event", self._event | 1))
        add("*WAI", lambda _: None)
        add("*CLS", lambda _: setattr(self, "_event", 0))
        add("*STB?", lambda _: self._byte())
        for mask in self._masks:
            add(mask, lambda text, m=mask: self._set_mask(m, text))  # type: ignore[misc]
            add(f"{mask}?", lambda _, m=mask: str(self._masks[m]))  # type: ignore[misc]
        add("*ESR?", lambda _: self._take_event())
        add("*TRG", lambda _: None)
        self._word(
            "FUNCtion", "function", {"RV": "RV", "RESistance": "R", "R": "R", "VOLTage": "V", "V": "V"}
        )
        self._word("SAMPle:RATE", "rate", {"EXFast": "EXF", "FAST": "FAST", "MEDium": "MED", "SLOW": "SLOW"})
        self._word("TRIGger:SOURce", "source", {"IMMediate": "IMM", "EXTernal": "EXT"})
        self._switch("INITiate:CONTinuous", "continuous")
        self._switch("TRIGger:DELay:STATe", "delayed")
        self._range("RESistance:RANGe", "ohm_range", OHM_RANGES)
        self._range("VOLTage:RANGe", "volt_range", VOLT_RANGES)
        add("AUTorange", self._auto)
        add("AUTorange?", lambda _: "OFF" if self.ohm_range or self.volt_range else "ON")
        add("TRIGger:DELay", self._set_delay)
        add("TRIGger:DELay?", lambda _: f"{self.delay_s:.3f}")
        add("ADJust?", lambda _: "1" if "probe_open" in self.faults.active else "0")
        add("FETCh?", lambda _: self._values())
        add("READ?", lambda _: self._read())

    def _word(self, header: str, name: str, words: dict[str, str]) -> None:
        def write(text: str) -> None:
            setattr(self, name, words[parameters.word(text, tuple(words))])

        self.table.add(header, write)
        self.table.add(f"{header}?", lambda _: str(getattr(self, name)))

    def _switch(self, header: str, name: str) -> None:
        def write(text: str) -> None:
            setattr(self, name, parameters.boolean(text))

        self.table.add(header, write)
        self.table.add(f"{header}?", lambda _: "ON" if getattr(self, name) else "OFF")

    def _range(self, header: str, name: str, ranges: Any) -> None:
        def write(text: str) -> None:
            value = parameters.number(text, 0.0, ranges[-1][0], unit=parameters.unit_of(header))
            setattr(self, name, next(entry[0] for entry in ranges if value <= entry[0]))

        self.table.add(header, write)
        self.table.add(f"{header}?", lambda _: f"{getattr(self, name) or ranges[0][0]:.4E}")

    def _auto(self, text: str) -> None:
        if parameters.boolean(text):
            self.ohm_range = self.volt_range = None
        else:
            self.ohm_range, self.volt_range = OHM_RANGES[0][0], VOLT_RANGES[0][0]

    def _set_delay(self, text: str) -> None:
        self.delay_s = parameters.number(text, 0.0, 9.999, unit="S")

    def _set_mask(self, name: str, text: str) -> None:
        self._masks[name] = int(parameters.number(text, 0, 255))

    def _byte(self) -> str:
        """IEEE 488.2: 32 an enabled standard event, 64 one of these is enabled to ask for service."""
        byte = 32 * bool(self._event & self._masks["*ESE"])
        return str(byte | 64 * bool(byte & self._masks["*SRE"]))

    def _take_event(self) -> str:
        event, self._event = self._event, 0
        return str(event)

    def _read(self) -> Later:
        if self.continuous:
            raise ScpiError(-221, "Settings conflict")
        if self.source == "EXT":
            raise settings_conflict()
        self.circuit.advance()
        delay_s = SAMPLING_S[self.rate] + (self.delay_s if self.delayed else 0.0)
        due_s = self.circuit.clock.now_s() + delay_s
        return Later(lambda: self.circuit.clock.now_s() >= due_s, self._values)


def _sentinel(power: int, before: int, after: int) -> str:
    """``10.0000E+8`` and the like: one and zeros in the digits of the range."""
    return f"{'1' + '0' * (before - 1)}.{'0' * after}E+{power - (before - 1)}"
