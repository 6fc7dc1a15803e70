"""Simulated ITECH IT8500+ or BK Precision 8500B/8600 electronic load: SCPI on a serial port.

Facts: two open drivers that agree, one validated on an 8514B: remote and local, mode, levels, ranges, slew
rates, input, short, remote sense by either header, measurements, the error queue. Not stated there and chosen
here: the answer to ``*IDN?``; four decimals; words answered whole (``CURRENT``); two ranges of the current
and the voltage, of which the smallest that holds the value is taken; ``FETCh`` as ``MEASure``;
status registers as SCPI-99 has them; that settings are taken in local control too, unless ``needs_remote``;
levels follow at once, slew or not.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from simulators.instruments.sink import Mode, Ratings, Sink
from simulators.instruments.text_lines import LineDialect
from simulators.scpi import parameters
from simulators.scpi.errors import ErrorQueue, settings_conflict
from simulators.scpi.settings import Number, Settings
from simulators.scpi.status import StatusModel
from simulators.scpi.table import Later
from simulators.wiring import Circuit

_FUNCTIONS: dict[str, Mode] = {"CURRent": "CC", "VOLTage": "CV", "POWer": "CP", "RESistance": "CR"}
_LEVEL = "[:LEVel][:IMMediate][:AMPLitude]"
_LOWER = 0.1
"""The lower range of two, as a part of the rating."""


class ItechScpiOptions(BaseModel):
    """Settings of one simulated load. Ratings in V, A, W; ``reply_delay_s`` is real time."""

    model_config = ConfigDict(extra="forbid")

    maker: str = "B&K Precision"
    model: str = "8514B"
    serial: str = "802197036737810030"
    firmware: str = "1.37-1.42"
    needs_remote: bool = False
    reply_delay_s: float = Field(default=0.0, ge=0)
    terminal: bool = False
    voltage_max_V: float = Field(default=120.0, gt=0)
    current_max_A: float = Field(default=240.0, gt=0)
    power_max_W: float = Field(default=1500.0, gt=0)
    voltage_noise_V: float = Field(default=0.001, ge=0)
    current_noise_A: float = Field(default=0.002, ge=0)


class ItechIT8500Scpi(Sink):
    """One load in a channel's circuit; ``conversation`` makes what a client talks to."""

    def __init__(self, options: ItechScpiOptions, circuit: Circuit, *, seed: int = 0) -> None:
        self.options = options
        self.remote = False
        self.settings: Settings | None = None
        top = Ratings(
            options.voltage_max_V,
            options.current_max_A,
            options.power_max_W,
            0.0001,
            0.0001,
            options.voltage_noise_V,
            options.current_noise_A,
        )
        super().__init__("itech-it8500-scpi", circuit, top, seed=seed, errors=ErrorQueue(20))
        self.settings = Settings(self.table, self._setting)
        self._numbers(self.settings)
        self._commands()

    def power_on_settings(self) -> None:
        super().power_on_settings()
        self.sense = False
        if self.settings is not None:
            self.settings.reset()

    def front_panel_took_over(self) -> None:
        self.remote = False

    def power_down(self) -> None:
        super().power_down()
        self.remote = False

    def conversation(self) -> LineDialect:
        """For one more client."""
        return LineDialect(self)

    def execute(self, line: str) -> list[str | Later]:
        """One line; in local control only questions, common commands and ``SYSTem`` where it needs remote."""
        if self.options.needs_remote and not self.remote and not _harmless(line):
            self.errors.push(settings_conflict())
            return []
        return super().execute(line)

    # ---- settings -------------------------------------------------------------------------

    def _setting(self, key: str, value: float) -> None:
        """A setting is about to change: up to now the old one held."""
        self.settle()
        modes: dict[str, Mode] = {"CURR": "CC", "VOLT": "CV", "POW": "CP", "RES": "CR"}
        if key in modes:
            self.levels[modes[key]] = value
        elif key in ("CURR:RANG", "VOLT:RANG") and self.levels[modes[key[:4]]] > value:
            self.levels[modes[key[:4]]] = value
            assert self.settings is not None
            self.settings.values[key[:4]] = value
        elif key == "SHOR":
            self.shorted = bool(value)
        self.circuit.changed()

    def _numbers(self, keep: Settings) -> None:
        top, source = self.ratings, "[SOURce:]"
        for key, header, low, high, default in (
            ("CURR", "CURRent", 0.0, top.current_A, 0.0),
            ("VOLT", "VOLTage", 0.0, top.voltage_V, top.voltage_V),
            ("POW", "POWer", 0.0, top.power_W, 0.0),
            ("RES", "RESistance", 0.01, 7500.0, 1000.0),
        ):
            ranged = key in ("CURR", "VOLT")
            limit = (lambda key=key: keep[f"{key}:RANG"]) if ranged else None
            keep.add_number(Number(key, f"{source}{header}{_LEVEL}", low, high, default, 4), limit=limit)
            if ranged:
                keep.add_range(f"{key}:RANG", f"{source}{header}:RANGe", (high * _LOWER, high), high)
        # The two sources spell the direction differently; each is said to run.
        for key, node in (
            ("SLEW", "[:BOTH]"),
            ("SLEWP", ":POSitive"),
            ("SLEWN", ":NEGative"),
            ("SLEWP", ":RISE"),
            ("SLEWN", ":FALL"),
        ):
            keep.add_number(Number(f"CURR:{key}", f"{source}CURRent:SLEW{node}", 0.0001, 10.0, 0.1, 4))
        keep.add_switch("SHOR", f"{source}INPut:SHORt[:STATe]")

    # ---- commands -------------------------------------------------------------------------

    def _commands(self) -> None:
        add, o = self.table.add, self.options
        StatusModel(self, identity=lambda: f"{o.maker},{o.model},{o.serial},{o.firmware}", reset=self.reset)
        add("SYSTem:REMote", lambda _: setattr(self, "remote", True))
        add("SYSTem:LOCal", lambda _: setattr(self, "remote", False))
        add("[SOURce:]INPut[:STATe]", self._switch_input)
        add("[SOURce:]INPut[:STATe]?", lambda _: f"{self.output_on:d}")
        add("[SOURce:]FUNCtion", self._set_function)
        add("[SOURce:]FUNCtion?", lambda _: self._function())
        for header in ("SYSTem:SENSe[:STATe]", "REMote:SENSe[:STATe]"):
            add(header, self._set_sense)
            add(f"{header}?", lambda _: f"{self.sense:d}")
        for verb in ("MEASure", "FETCh"):
            add(f"{verb}[:SCALar]:VOLTage[:DC]?", lambda _: self.reading("V", "%.4f"))
            add(f"{verb}[:SCALar]:CURRent[:DC]?", lambda _: self.reading("A", "%.4f"))
            add(f"{verb}[:SCALar]:POWer[:DC]?", lambda _: self.reading("W", "%.4f"))

    def _switch_input(self, text: str) -> None:
        on = parameters.boolean(text)
        if on and "output_trip" in self.faults.active:
            raise settings_conflict()
        self.set_input(on)

    def _set_function(self, text: str) -> None:
        self.set_mode(_FUNCTIONS[parameters.word(text, tuple(_FUNCTIONS))])

    def _function(self) -> str:
        return next(name.upper() for name, mode in _FUNCTIONS.items() if mode == self.mode)

    def _set_sense(self, text: str) -> None:
        wanted = parameters.boolean(text)
        self.settle()
        self.sense = wanted
        self.circuit.changed()


def _harmless(line: str) -> bool:
    """Whether a line only asks, or is about the instrument as a whole."""
    head = line.strip().lstrip(":").upper()
    return "?" in head or head.startswith(("*", "SYST"))
