"""Simulated Keithley DAQ6510 with a multiplexer: one closed channel is measured by ``:READ?``.

Facts: an open driver (functions, ranges 0.1 to 1000 V, NPLC, channels closed and opened one by one); a second
one (settings for a list of channels, offsets, averages, labels, delays, terminals, display, log-out). Not
stated there and chosen here: reading time, over-range at 105 %, thermocouple headers, error numbers (SCPI's),
that of settings for a list of channels only the function is kept channel by channel, that offsets and
averages are told again and change no reading, and that with two channels closed at once no reading is given
(their points would be tied together). The second driver takes the answer of ``FUNCtion?`` without quotes.
"""

from __future__ import annotations

import random
import re
from functools import partial
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from simulators.faults import LINK_FAULTS, READING_FAULTS, FaultSet, FaultSpec
from simulators.instruments.points import PointOptions, true_degC, true_V
from simulators.scpi import parameters
from simulators.scpi.device import ScpiDevice
from simulators.scpi.errors import ErrorQueue, ScpiError, out_of_range
from simulators.scpi.quantity import add_number
from simulators.scpi.status import StatusModel
from simulators.scpi.table import Handler, Later, Reply
from simulators.wiring import Circuit

OVERFLOW = "9.900000E+37"
FAULTS = {"thermocouple_open": FaultSpec("this channel's thermocouple (or, with true, all) is broken")}
_LIST = re.compile(r"\s*,?\s*(\(@[^)]*\))\s*$")
RANGES_V = (0.1, 1.0, 10.0, 100.0, 1000.0)
_FUNCTIONS = {"VOLT": "VOLT:DC", "VOLT:DC": "VOLT:DC", "CURR": "CURR:DC", "CURR:DC": "CURR:DC", "RES": "RES",
              "FRES": "FRES", "TEMP": "TEMP"}  # fmt: skip


class KeithleyOptions(BaseModel):
    """Settings of one simulated DAQ6510; ``channels`` as those of the 34970A, numbered 101 to 240."""

    model_config = ConfigDict(extra="forbid")

    channels: dict[int, PointOptions] = Field(default_factory=dict)
    reading_s: float = Field(default=0.005, gt=0, description="per reading, at one power line cycle")
    ambient_degC: float = 25.0
    thermocouple_noise_K: float = Field(default=0.03, ge=0)
    voltage_noise_ppm: float = Field(default=2.0, ge=0)
    quoted_function: bool = False
    terminals: Literal["REAR", "FRON"] = "REAR"
    serial: str = "04340001"
    max_clients: int | None = None


class KeithleyDaq6510(ScpiDevice):
    """One scanner in a channel's circuit."""

    def __init__(self, options: KeithleyOptions, circuit: Circuit, *, seed: int = 0) -> None:
        super().__init__(FaultSet("keithley-daq6510", LINK_FAULTS, READING_FAULTS, FAULTS), ErrorQueue(20))
        self.options = options
        self.circuit = circuit
        self.neighbours: dict[str, Circuit] = {}
        self._gauss = random.Random(seed).gauss
        self._frozen: dict[int, str] = {}
        self._with_channels: list[Handler] = []
        self._power_on()
        self._register()

    def _power_on(self) -> None:
        self.function = "VOLT:DC"
        self.closed: set[int] = set()
        self.automatic = True
        self.range_V = 10.0
        self.nplc = 1.0
        self.settings: dict[str, str] = {}
        self.other_ranges: dict[str, float] = {}
        self.functions: dict[int, str] = {}
        self.asked: list[int] = []

    def reset(self) -> None:
        """``*RST``."""
        self._power_on()

    def before_line(self) -> None:
        """Bring the circuit to now."""
        self.circuit.refresh()

    def _call(self, handler: Handler, arguments: str) -> Reply:
        """A list of channels behind a setting is taken off, and is there for whom it concerns."""
        found = None if handler in self._with_channels else _LIST.search(arguments)
        if found is not None:
            try:
                self.asked = parameters.channel_list(found[1])
            except ScpiError as error:
                self.errors.push(error)
                return None
            arguments = arguments[: found.start()]
        try:
            return super()._call(handler, arguments)
        finally:
            self.asked = []

    # ---- measuring ------------------------------------------------------------------------

    def _read(self) -> Later:
        self.circuit.advance()
        due_s = self.circuit.clock.now_s() + self.options.reading_s * max(self.nplc, 0.1)
        return Later(lambda: self.circuit.clock.now_s() >= due_s, self._value)

    def _value(self) -> str:
        if len(self.closed) > 1:
            return OVERFLOW
        channel = next(iter(self.closed), 0)
        if "sentinel_reading" in self.faults.active:
            return str(self.faults.active["sentinel_reading"])
        if "frozen_reading" in self.faults.active and channel in self._frozen:
            return self._frozen[channel]
        point = self.options.channels.get(channel)
        function = self.functions.get(channel, self.function)
        text = self._temperature(channel, point) if function == "TEMP" else self._volt(function, point)
        self._frozen[channel] = text
        return text

    def _circuit(self, point: PointOptions) -> Circuit:
        return self.circuit if point.bench_channel is None else self.neighbours[point.bench_channel]

    def _volt(self, function: str, point: PointOptions | None) -> str:
        if function != "VOLT:DC" or (point is not None and point.kind != "voltage"):
            return OVERFLOW
        divider = 1.0 if point is None else point.divider
        true = 0.0 if point is None else true_V(self._circuit(point), point) / divider
        range_V = self.range_V
        if self.automatic:
            range_V = next((full for full in RANGES_V if abs(true) <= full), RANGES_V[-1])
        if abs(true) > 1.05 * range_V:
            return OVERFLOW if true > 0 else f"-{OVERFLOW}"
        return f"{divider * (true + self._gauss(0.0, self.options.voltage_noise_ppm * 1e-6 * range_V)):.6E}"

    def _temperature(self, channel: int, point: PointOptions | None) -> str:
        broken = self.faults.active.get("thermocouple_open")
        if point is None or point.kind != "thermocouple" or broken is True or str(broken) == str(channel):
            return OVERFLOW
        value = true_degC(self._circuit(point), point, self.options.ambient_degC)
        if value is None:
            return OVERFLOW
        return f"{value + self._gauss(0.0, self.options.thermocouple_noise_K):.6E}"

    def _measure(self, name: str) -> Later:
        """SCPI's MEASure: the function is chosen, then read."""
        self.function = "VOLT:DC" if name.startswith("VOLT") else "TEMP"
        self.functions.clear()
        return self._read()

    # ---- commands -------------------------------------------------------------------------

    def _register(self) -> None:
        StatusModel(
            self,
            identity=lambda: f"KEITHLEY INSTRUMENTS,MODEL DAQ6510,{self.options.serial},1.7.12b",
            reset=self.reset,
        )
        add = self.table.add
        add("SYSTem:BEEPer[:IMMediate]", lambda _: None)
        add("[SENSe:]FUNCtion[:ON]", self._set_function)
        add("[SENSe:]FUNCtion[:ON]?", lambda _: self._told_function())
        self._surroundings()
        for name in ("VOLTage[:DC]", "CURRent[:DC]", "RESistance", "FRESistance", "TEMPerature"):
            self._function_settings(name)
        for header, wanted in (("CLOSe", True), ("OPEN", False)):
            handler: Handler = partial(self._close, wanted=wanted)
            self._with_channels.append(handler)
            add(f"ROUTe[:CHANnel]:{header}", handler)
        add("ROUTe[:CHANnel]:OPEN:ALL", lambda _: self.closed.clear())
        add("ROUTe[:CHANnel]:CLOSe?", lambda _: f"(@{','.join(map(str, sorted(self.closed)))})")
        add("READ?", lambda _: self._read())
        add("MEASure?", lambda _: self._read())
        for name in ("VOLTage[:DC]", "TEMPerature"):
            add(f"MEASure:{name}?", lambda _, n=name: self._measure(n))  # type: ignore[misc]
        add("FETCh?", lambda _: self._value())

    def _set_function(self, text: str) -> None:
        word = text.strip().strip("\"'").upper().replace("VOLTAGE", "VOLT").replace("CURRENT", "CURR")
        word = word.replace("TEMPERATURE", "TEMP").replace("RESISTANCE", "RES")
        if word not in _FUNCTIONS:
            raise out_of_range()
        if self.asked:
            self.functions.update(dict.fromkeys(self.asked, _FUNCTIONS[word]))
        else:
            self.function = _FUNCTIONS[word]
            self.functions.clear()

    def _told_function(self) -> str:
        told = self.functions.get(self.asked[0], self.function) if self.asked else self.function
        return f'"{told}"' if self.options.quoted_function else told

    def _surroundings(self) -> None:
        """What is kept and told again, or only taken."""
        add = self.table.add
        for header in ("DISPlay:SCReen", "DISPlay:CLEar", "DISPlay:USER1:TEXT", "DISPlay:USER2:TEXT",
                       "TRIGger:CONTinuous", "[SENSe:]AZERo:ONCE"):  # fmt: skip
            add(header, lambda _: None)
        add("ROUTe:TERMinals?", lambda _: self.options.terminals)
        for card in (1, 2):
            add(f"SYSTem:CARD{card}:IDN?", lambda _: "7700,20Ch Mux w/CJC,0.0.0a,00000000")
        for header, default in (("LABel", ""), ("DELay", "0"), ("CONNect:RULE", "BBM")):
            self._kept(f"ROUTe[:CHANnel]:{header}", default)

    def _kept(self, header: str, default: str) -> None:
        """Told again as it was written, for each channel or for all."""

        def write(text: str) -> None:
            for channel in self.asked or [0]:
                self.settings[f"{header} {channel}"] = text.strip().strip('"')

        def read(_: str) -> str:
            places = [f"{header} {channel}" for channel in self.asked or [0]]
            return ",".join(self.settings.get(place, default) for place in places)

        self.table.add(header, write)
        self.table.add(f"{header}?", read)

    def _function_settings(self, name: str) -> None:
        volt = name.startswith("VOLT")
        prefix = f"[SENSe:]{name}"

        def set_range(value: float) -> None:
            if volt:
                self.range_V = next(full for full in RANGES_V if value <= full)
                self.automatic = False
            else:
                self.other_ranges[name] = value

        def get_range() -> float:
            return self.range_V if volt else self.other_ranges.get(name, 1.0)

        def set_automatic(text: str) -> None:
            wanted = parameters.boolean(text)
            if volt:
                self.automatic = wanted

        add_number(
            self.table, f"{prefix}:RANGe[:UPPer]", read=get_range, write=set_range,
            span=lambda: (1e-5, 1000.0 if volt else 1e8), show=lambda value: f"{value:.6E}",
        )  # fmt: skip
        add_number(
            self.table, f"{prefix}:NPLCycles", read=lambda: self.nplc,
            write=lambda value: setattr(self, "nplc", value),
            span=lambda: (5e-4, 15.0), show=lambda value: f"{value:.6E}", default=1.0,
        )  # fmt: skip
        self.table.add(f"{prefix}:RANGe:AUTO", set_automatic)
        self.table.add(f"{prefix}:RANGe:AUTO?", lambda _: str(int(self.automatic)))
        self.table.add(f"{prefix}:OCOMpensated", lambda text: self.settings.update({name: text.strip()}))
        self.table.add(f"{prefix}:OCOMpensated?", lambda _: self.settings.get(name, "OFF"))
        for header, default in (
            ("AZERo[:STATe]", "1"),
            ("RELative", "0"),
            ("RELative:STATe", "0"),
            ("AVERage:COUNt", "10"),
            ("AVERage[:STATe]", "0"),
            ("AVERage:TCONtrol", "REP"),
            ("AVERage:WINDow", "0.1"),
        ):
            self._kept(f"{prefix}:{header}", default)
        self.table.add(f"{prefix}:RELative:ACQuire", lambda _: None)
        if name == "TEMPerature":
            for header in ("TRANsducer", "TCouple:TYPE", "TCouple:RJUNction:RSELect", "UNIT"):
                self._remembered(f"{name}:{header}")

    def _remembered(self, key: str) -> None:
        self.table.add(f"[SENSe:]{key}", lambda text: self.settings.update({key: text}))
        self.table.add(f"[SENSe:]{key}?", lambda _: self.settings.get(key, ""))

    def _close(self, text: str, *, wanted: bool) -> None:
        channels = parameters.channel_list(text)
        if any(channel // 100 not in (1, 2) or not 1 <= channel % 100 <= 40 for channel in channels):
            raise out_of_range()
        self.circuit.advance()
        self.closed = self.closed | set(channels) if wanted else self.closed - set(channels)
