"""Simulated Keysight EL30000 electronic load (EL34143A): SCPI with channel lists, digitiser, transient.

Facts (grade C): an open driver that cites the programming guide. Not stated there and chosen here: the
answer to ``*IDN?``; decimals; that the channel list may be left out; that a fetched record waits until it is
whole; that the digitiser sees what the channel's circuit computes, whose steps are 20 ms at the longest;
that a pulse or toggle of the transient begins with ``TRIGger:TRANsient`` after ``INITiate:TRANsient`` and
goes, in any mode, from the level to the mode's ``TLEVel`` and, as a pulse, back after ``TRANsient:TWIDth``.
"""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict, Field

from simulators.instruments.rigol_programs import LoadProgram, ProgramStep
from simulators.instruments.sink import Mode, Ratings, Sink
from simulators.scpi import parameters
from simulators.scpi.errors import ErrorQueue, ScpiError, out_of_range, settings_conflict
from simulators.scpi.settings import Number, Settings
from simulators.scpi.status import StatusModel
from simulators.scpi.table import Handler, Later, Reply
from simulators.wiring import NEVER_S, Circuit

_CHANNELS = re.compile(r"\s*,?\s*(\(@[^)]*\))\s*$")
_FUNCTIONS: dict[str, Mode] = {"CURRent": "CC", "VOLTage": "CV", "RESistance": "CR", "POWer": "CP"}
_KEYS: dict[Mode, str] = {"CC": "CURR", "CV": "VOLT", "CR": "RES", "CP": "POW"}
_LEVEL = "[:LEVel][:IMMediate][:AMPLitude]"
_POINTS = 131072
_TURNS = 9999


class EL30000Options(BaseModel):
    """Settings of one simulated load. Ratings in V, A, W."""

    model_config = ConfigDict(extra="forbid")

    model: str = "EL34143A"
    serial: str = "MY61000001"
    firmware: str = "1.0.4-1.0.0-1.01"
    channel: int = Field(default=1, ge=1)
    voltage_noise_V: float = Field(default=0.0003, ge=0)
    current_noise_A: float = Field(default=0.0005, ge=0)
    max_clients: int | None = None


class KeysightEL30000(Sink):
    """One load in a channel's circuit."""

    def __init__(self, options: EL30000Options, circuit: Circuit, *, seed: int = 0) -> None:
        self.options = options
        self.settings: Settings | None = None
        self.armed, self.turns = {"ACQ": False, "TRAN": False}, 1.0
        self.record: list[tuple[float, float]] = []
        self._began_s = NEVER_S
        top = Ratings(153.0, 61.2, 357.0, 0.0001, 0.0001, options.voltage_noise_V, options.current_noise_A)
        super().__init__("keysight-el30000", circuit, top, seed=seed, errors=ErrorQueue(20))
        self.settings = Settings(self.table, self._setting)
        self._add_settings(self.settings)
        self._commands()

    def power_on_settings(self) -> None:
        super().power_on_settings()
        self.sense = False
        self.armed, self.turns = {"ACQ": False, "TRAN": False}, 1.0
        self.record, self._began_s = [], NEVER_S
        if self.settings is not None:
            self.settings.reset()

    def _call(self, handler: Handler, arguments: str) -> Reply:
        found = _CHANNELS.search(arguments)
        if found is not None:
            arguments = arguments[: found.start()]
            try:
                if parameters.channel_list(found[1]) != [self.options.channel]:
                    raise out_of_range()
            except ScpiError as error:
                self.errors.push(error)
                return None
        return super()._call(handler, arguments)

    # ---- circuit --------------------------------------------------------------------------

    def after_step(self, time_s: float, duration_s: float, voltage_V: float, current_A: float) -> None:
        super().after_step(time_s, duration_s, voltage_V, current_A)
        if self.settings is None or time_s < self._began_s:
            return
        interval_s = self.settings["TINT"]
        while not self._whole() and self._began_s + len(self.record) * interval_s <= time_s:
            self.record.append((voltage_V, -current_A + 0.0))

    def _whole(self) -> bool:
        assert self.settings is not None
        return len(self.record) >= self.settings["POIN"]

    # ---- settings -------------------------------------------------------------------------

    def _setting(self, key: str, value: float) -> None:
        self.settle()
        modes: dict[str, Mode] = {"CURR": "CC", "VOLT": "CV", "RES": "CR", "POW": "CP"}
        if key in modes:
            self.levels[modes[key]] = value
        elif key == "SHOR":
            self.shorted = bool(value)
        self.circuit.changed()

    def _add_settings(self, keep: Settings) -> None:
        top, source = self.ratings, "[SOURce:]"
        for key, header, high, default in (
            ("CURR", "CURRent", top.current_A, 0.0),
            ("VOLT", "VOLTage", top.voltage_V, top.voltage_V),
            ("RES", "RESistance", 4000.0, 1000.0),
            ("POW", "POWer", top.power_W, 0.0),
        ):
            limit = (lambda: keep["CURR:RANG"]) if key == "CURR" else None
            low = 0.08 if key == "RES" else 0.0
            keep.add_number(Number(key, f"{source}{header}{_LEVEL}", low, high, default, 4), limit=limit)
            keep.add_number(Number(f"{key}:TLEV", f"{source}{header}:TLEVel", low, high, default, 4))
            keep.add_word(f"{key}:MODE", f"{source}{header}:MODE", ("FIXed", "STEP", "LIST"), "FIXED")
        keep.add_range("CURR:RANG", f"{source}CURRent:RANGe", (0.612, 6.12, 61.2), 61.2)
        keep.add_range("VOLT:RANG", f"{source}VOLTage:RANGe", (15.3, 153.0), 153.0)
        keep.add_range("RES:RANG", f"{source}RESistance:RANGe", (30.0, 1250.0, 4000.0), 4000.0)
        keep.add_range("POW:RANG", f"{source}POWer:RANGe", (8.16, 35.7, 357.0), 357.0)
        keep.add_switch("SHOR", "OUTPut:SHORt[:STATe]")
        for name in ("VOLTage", "CURRent"):
            keep.add_switch(f"FUNC:{name}", f"SENSe:FUNCtion:{name}", default=True)
        keep.add_number(Number("POIN", "SENSe:SWEep:POINts", 1, _POINTS, 1024, 0))
        keep.add_number(Number("TINT", "SENSe:SWEep:TINTerval", 5.12e-6, 40000.0, 2.048e-5, 8))
        keep.add_word(
            "TRAN:MODE", f"{source}TRANsient:MODE", ("CONTinuous", "PULSe", "TOGGle", "LIST"), "CONTINUOUS"
        )
        self.table.add(f"{source}TRANsient:COUNt", self._count)
        self.table.add(f"{source}TRANsient:COUNt?", self._counted)
        keep.add_number(Number("TRAN:DCYC", f"{source}TRANsient:DCYCle", 1.8, 98.2, 50.0, 1))
        keep.add_number(Number("TRAN:FREQ", f"{source}TRANsient:FREQuency", 0.25, 10000.0, 1000.0))
        keep.add_number(Number("TRAN:TWID", f"{source}TRANsient:TWIDth", 0.0001, 268435.0, 0.0005, 6))

    # ---- commands -------------------------------------------------------------------------

    def _commands(self) -> None:
        add, options = self.table.add, self.options
        identity = f"Keysight Technologies,{options.model},{options.serial},{options.firmware}"
        StatusModel(self, identity=lambda: identity, reset=self.reset)
        for header in ("[SOURce:]INPut[:STATe]", "OUTPut[:STATe]"):
            add(header, self._switch_input)
            add(f"{header}?", lambda _: f"{self.output_on:d}")
        add("[SOURce:]FUNCtion", self._set_function)
        add("[SOURce:]FUNCtion?", lambda _: self._function())
        add("[SOURce:]VOLTage:SENSe[:SOURce]", self._set_sense)
        add("[SOURce:]VOLTage:SENSe[:SOURce]?", lambda _: "EXT" if self.sense else "INT")
        for name in ("VOLTage", "CURRent", "POWer"):
            add(f"MEASure[:SCALar]:{name}[:DC]?", lambda _, n=name: self._measured(n))  # type: ignore[misc]
            add(f"FETCh:ARRay:{name}[:DC]?", lambda _, n=name: self._fetched(n))  # type: ignore[misc]
            add(f"MEASure:ARRay:{name}[:DC]?", lambda _, n=name: self._recorded(n))  # type: ignore[misc]
        for name, key in (("ACQuire", "ACQ"), ("TRANsient", "TRAN")):
            add(f"INITiate[:IMMediate]:{name}", lambda _, k=key: self.armed.__setitem__(k, True))  # type: ignore[misc]
        add("INITiate:CONTinuous:TRANsient", lambda text: self._arm_always(text))
        add("TRIGger:ACQuire[:IMMediate]", lambda _: self._acquire())
        add("TRIGger:TRANsient[:IMMediate]", lambda _: self._transient())

    def _switch_input(self, text: str) -> None:
        on = parameters.boolean(text)
        if on and "output_trip" in self.faults.active:
            raise settings_conflict()
        self.set_input(on)

    def _set_function(self, text: str) -> None:
        self.set_mode(_FUNCTIONS[parameters.word(text, tuple(_FUNCTIONS))])

    def _function(self) -> str:
        return next(name[:4].rstrip("e").upper() for name, mode in _FUNCTIONS.items() if mode == self.mode)

    def _set_sense(self, text: str) -> None:
        wanted = parameters.word(text, ("INTernal", "EXTernal")) == "EXTernal"
        self.settle()
        self.sense = wanted
        self.circuit.changed()

    def _measured(self, name: str) -> str:
        return self.reading({"VOLTage": "V", "CURRent": "A", "POWer": "W"}[name], "%.6f")  # type: ignore[arg-type]

    # ---- digitiser and transient ----------------------------------------------------------

    def _acquire(self) -> None:
        if not self.armed["ACQ"]:
            raise ScpiError(-211, "Trigger ignored")
        self.armed["ACQ"] = False
        self.settle()
        self.record, self._began_s = [], self.circuit.time_s

    def _recorded(self, name: str) -> Reply:
        self.armed["ACQ"] = True
        self._acquire()
        return self._fetched(name)

    def _fetched(self, name: str) -> Reply:
        if self._began_s == NEVER_S:
            raise ScpiError(-230, "Data corrupt or stale")

        def text() -> str:
            shown = {
                "VOLTage": [v for v, _ in self.record],
                "CURRent": [a for _, a in self.record],
                "POWer": [v * a for v, a in self.record],
            }[name]
            return ",".join(f"{value:+.6E}" for value in shown)

        return Later(self._whole, text)

    def _count(self, text: str) -> None:
        forever = text.strip().upper() in ("INF", "INFINITY")
        self.turns = NEVER_S if forever else parameters.number(text, 1, _TURNS, 1)

    def _counted(self, text: str) -> str:
        value = self.turns if not text else parameters.asked_limit(text, 1, _TURNS, 1)
        return "9.9E+37" if value == NEVER_S else f"{value:.0f}"

    def _arm_always(self, text: str) -> None:
        self.armed["TRAN"] = parameters.boolean(text)

    def _transient(self) -> None:
        assert self.settings is not None
        if not self.armed["TRAN"]:
            raise ScpiError(-211, "Trigger ignored")
        self.settle()
        low, high = self.levels[self.mode], self.settings[f"{_KEYS[self.mode]}:TLEV"]
        kind = self.settings.word("TRAN:MODE")
        if kind == "LIST":
            raise settings_conflict()
        if kind == "PULSE":
            steps = [ProgramStep(high, self.settings["TRAN:TWID"]), ProgramStep(low, NEVER_S)]
            program = LoadProgram(steps, self.circuit.time_s)
        elif kind == "TOGGLE":
            present = low if self.program is None else self.program.level
            program = LoadProgram(
                [ProgramStep(low if present == high else high, NEVER_S)], self.circuit.time_s
            )
        else:
            period_s = 1.0 / self.settings["TRAN:FREQ"]
            high_s = period_s * self.settings["TRAN:DCYC"] / 100.0
            steps = [ProgramStep(high, high_s), ProgramStep(low, period_s - high_s)]
            program = LoadProgram(steps, self.circuit.time_s, count=0)
        self.armed["TRAN"] = kind != "PULSE"
        self.run_program(program, self.mode)
