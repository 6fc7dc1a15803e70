"""Simulated Siglent SDL1000X electronic load: SCPI over TCP, no host watchdog.

Facts: pages of the programming guide V1.0, an open driver annotated with it, libsigrok. Not stated there
and chosen here: an error queue (``SYSTem:ERRor?``); power-on values; a protection that trips switches the
input off after its delay; widths are seconds; list steps may be numbered from 0 or 1; a list begins with
``*TRG`` while the trigger source is BUS, at its end the last level stays; the settings of a transient and the
kind of a battery test count from when it is chosen or the input goes on; the 200 points of
``MEASure:WAVEform?`` are 0.1 simulated s apart, oldest first.
"""

from __future__ import annotations

from collections import deque

from pydantic import BaseModel, ConfigDict, Field

from simulators.instruments.rigol_programs import LoadProgram, ProgramStep
from simulators.instruments.sink import Mode, Ratings, Sink
from simulators.instruments.transient import Transient
from simulators.scpi import parameters
from simulators.scpi.errors import ErrorQueue, ScpiError, out_of_range, settings_conflict
from simulators.scpi.settings import Number, Settings
from simulators.scpi.status import StatusModel
from simulators.wiring import Circuit

_FUNCTIONS: dict[str, Mode] = {
    "CURRent": "CC",
    "VOLTage": "CV",
    "RESistance": "CR",
    "POWer": "CP",
    "LED": "CV",
}
_LISTS: dict[str, Mode] = {"CURRENT": "CC", "VOLTAGE": "CV", "RESISTANCE": "CR", "POWER": "CP"}
_MODES: dict[str, Mode] = {"CURR": "CC", "VOLT": "CV", "POW": "CP", "RES": "CR"}
_QUANTITIES = ("CURRent", "VOLTage", "POWer", "RESistance")
_POINTS = 200
_POINT_S = 0.1
_STEPS = 99


class SiglentOptions(BaseModel):
    """Settings of one simulated SDL1000X. Ratings in V, A, W."""

    model_config = ConfigDict(extra="forbid")

    model: str = "SDL1020X"
    serial: str = "SDL00000000001"
    firmware: str = "1.1.1.21"
    voltage_max_V: float = Field(default=150.0, gt=0)
    current_max_A: float = Field(default=30.0, gt=0)
    power_max_W: float = Field(default=200.0, gt=0)
    voltage_noise_V: float = Field(default=0.0005, ge=0)
    current_noise_A: float = Field(default=0.0005, ge=0)
    max_clients: int | None = None


class SiglentSDL1000X(Sink):
    """One load in a channel's circuit."""

    def __init__(self, options: SiglentOptions, circuit: Circuit, *, seed: int = 0) -> None:
        self.options = options
        self.function = "CURRENT"
        self.battery = self.list_on = self.transient = False
        self._over_s = {"CURR": 0.0, "POW": 0.0}
        self.trigger_source = "MANUAL"
        self.columns: dict[str, dict[int, float]] = {"LEV": {}, "WID": {}, "SLEW": {}}
        self.points: deque[tuple[float, float]] = deque([(0.0, 0.0)] * _POINTS, maxlen=_POINTS)
        self._point_s = 0.0
        top = Ratings(
            options.voltage_max_V,
            options.current_max_A,
            options.power_max_W,
            0.0001,
            0.0001,
            options.voltage_noise_V,
            options.current_noise_A,
        )
        self.settings: Settings | None = None
        super().__init__("siglent-sdl1000x", circuit, top, seed=seed, errors=ErrorQueue(20))
        self.settings = Settings(self.table, self._setting)
        self._settings(self.settings)
        self._commands()

    def power_on_settings(self) -> None:
        super().power_on_settings()
        self.function, self.trigger_source = "CURRENT", "MANUAL"
        self.battery = self.list_on = self.transient = self.sense = False
        for column in self.columns.values():
            column.clear()
        if self.settings is not None:
            self.settings.reset()

    # ---- circuit --------------------------------------------------------------------------

    def after_step(self, time_s: float, duration_s: float, voltage_V: float, current_A: float) -> None:
        super().after_step(time_s, duration_s, voltage_V, current_A)
        if time_s - self._point_s >= _POINT_S:
            self._point_s = time_s
            self.points.append((voltage_V, -current_A + 0.0))
        if not self.output_on or self.settings is None:
            return
        keep, sunk_A = self.settings, -current_A
        for key, value, why in (("CURR", sunk_A, "OC"), ("POW", sunk_A * voltage_V, "OP")):
            over = keep[f"{key}:PROT:STAT"] and value > keep[f"{key}:PROT:LEV"] * 1.001
            self._over_s[key] = self._over_s[key] + duration_s if over else 0.0
            if over and self._over_s[key] >= keep[f"{key}:PROT:DEL"]:
                self.protect(why)
                return
        if self.battery and (
            (keep["BATT:VOLT:STAT"] and voltage_V <= keep["BATT:VOLT"])
            or (keep["BATT:CAP:STAT"] and self.charge_Ah * 1000.0 >= keep["BATT:CAP"])
            or (keep["BATT:TIM:STAT"] and self.on_s >= keep["BATT:TIM"])
        ):
            self.switch_off()

    # ---- settings -------------------------------------------------------------------------

    def _setting(self, key: str, value: float) -> None:
        """A setting is about to change: up to now the old one held."""
        self.settle()
        if key in _MODES:
            self.levels[_MODES[key]] = value
        elif key == "BATT:LEV" and self.battery:
            self.levels[self.mode] = value
        elif key == "CURR:IRANG" and self.levels["CC"] > value:
            self.levels["CC"] = value
            assert self.settings is not None
            self.settings.values["CURR"] = value
        elif key == "SENS":
            self.sense = bool(value)
        elif key == "SHOR":
            self.shorted = bool(value)
        self.circuit.changed()

    def _settings(self, keep: Settings) -> None:
        top = self.ratings
        source = "[SOURce:]"
        level = "[:LEVel][:IMMediate][:AMPLitude]"
        ranges = ((5.0, top.current_A), (36.0, top.voltage_V))
        heads = (
            ("CURR", "CURRent", 0.0, top.current_A, 0.0),
            ("VOLT", "VOLTage", 0.0, top.voltage_V, top.voltage_V),
            ("POW", "POWer", 0.0, top.power_W, 0.0),
            ("RES", "RESistance", 0.03, 10000.0, 1000.0),
        )
        for key, header, low, high, default in heads:
            limit = (lambda: keep["CURR:IRANG"]) if key == "CURR" else None
            keep.add_number(Number(key, f"{source}{header}{level}", low, high, default), limit=limit)
            for part, sizes in (("IRANG", ranges[0]), ("VRANG", ranges[1])):
                keep.add_range(f"{key}:{part}", f"{source}{header}:{part}e", sizes, sizes[-1])
                keep.add_range(f"{key}:TRAN:{part}", f"{source}{header}:TRANsient:{part}e", sizes, sizes[-1])
            keep.add_word(
                f"{key}:TRAN:MODE",
                f"{source}{header}:TRANsient:MODE",
                ("CONTinuous", "PULSe", "TOGGle"),
                "CONTINUOUS",
            )
            for part, name in (("ALEV", "ALEVel"), ("BLEV", "BLEVel")):
                keep.add_number(
                    Number(f"{key}:TRAN:{part}", f"{source}{header}:TRANsient:{name}", 0.0, high, 0.0)
                )
            for part, name in (("AWID", "AWIDth"), ("BWID", "BWIDth")):
                keep.add_number(
                    Number(f"{key}:TRAN:{part}", f"{source}{header}:TRANsient:{name}", 2e-5, 999.0, 1.0, 6)
                )
        for prefix, header in (("CURR", "CURRent"), ("CURR:TRAN", "CURRent:TRANsient")):
            for part, name in (("SLEW", "[:BOTH]"), ("SLEWP", ":POSitive"), ("SLEWN", ":NEGative")):
                keep.add_number(Number(f"{prefix}:{part}", f"{source}{header}:SLEW{name}", 0.001, 2.5, 0.1))
        keep.add_word("RRANG", f"{source}RESistance:RRANGe", ("LOW", "MIDDLE", "HIGH", "UPPER"), "HIGH")
        for key, header, high in (("CURR", "CURRent", top.current_A), ("POW", "POWer", top.power_W)):
            keep.add_switch(f"{key}:PROT:STAT", f"{source}{header}:PROTection[:STATe]")
            keep.add_number(Number(f"{key}:PROT:LEV", f"{source}{header}:PROTection:LEVel", 0.0, high, high))
            keep.add_number(Number(f"{key}:PROT:DEL", f"{source}{header}:PROTection:DELay", 0.0, 60.0, 3.0))
        keep.add_switch("SENS", "SYSTem:SENSe[:STATe]")
        keep.add_switch("SHOR", f"{source}SHORt[:STATe]")
        keep.add_number(Number("AVER", "SENSe:AVERage:COUNt", 6, 14, 6, 0))
        self._battery_and_list(keep, source, ranges)

    def _battery_and_list(
        self, keep: Settings, source: str, ranges: tuple[tuple[float, float], tuple[float, float]]
    ) -> None:
        top = self.ratings
        keep.add_word("BATT:MODE", f"{source}BATTery:MODE", ("CURRent", "POWer", "RESistance"), "CURRENT")
        for group in ("BATTery", "LIST"):
            for part, sizes in (("IRANG", ranges[0]), ("VRANG", ranges[1])):
                keep.add_range(f"{group[:4].upper()}:{part}", f"{source}{group}:{part}e", sizes, sizes[-1])
        highest = {"CURRENT": top.current_A, "POWER": top.power_W, "RESISTANCE": 10000.0}
        keep.add_number(
            Number("BATT:LEV", f"{source}BATTery:LEVel", 0.0, 10000.0, 0.0),
            limit=lambda: highest[keep.word("BATT:MODE")],
        )
        keep.add_number(Number("BATT:VOLT", f"{source}BATTery:VOLTage", 0.0, top.voltage_V, 0.0))
        keep.add_number(Number("BATT:CAP", f"{source}BATTery:CAPability", 0.0, 999999.0, 0.0))
        keep.add_number(Number("BATT:TIM", f"{source}BATTery:TIMer", 0.0, 86400.0, 0.0))
        for part, name in (("VOLT", "VOLTage"), ("CAP", "CAPability"), ("TIM", "TIMer")):
            keep.add_switch(f"BATT:{part}:STAT", f"{source}BATTery:{name}:STATe")
        keep.add_word("LIST:MODE", f"{source}LIST:MODE", _QUANTITIES, "CURRENT")
        keep.add_word("LIST:RRANG", f"{source}LIST:RRANGe", ("LOW", "MIDDLE", "HIGH", "UPPER"), "HIGH")
        keep.add_number(Number("LIST:COUN", f"{source}LIST:COUNt", 0, 255, 1, 0))
        keep.add_number(Number("LIST:STEP", f"{source}LIST:STEP", 1, _STEPS + 1, 1, 0))

    # ---- commands -------------------------------------------------------------------------

    def _commands(self) -> None:
        add, options = self.table.add, self.options
        identity = f"Siglent Technologies,{options.model},{options.serial},{options.firmware}"
        StatusModel(self, identity=lambda: identity, reset=self.reset, registers=False)
        add("*TRG", lambda _: self._trigger())
        add("[SOURce:]INPut[:STATe]", self._switch_input)
        add("[SOURce:]INPut[:STATe]?", lambda _: f"{self.output_on:d}")
        add("[SOURce:]FUNCtion", self._set_function)
        add("[SOURce:]FUNCtion?", lambda _: self.function)
        add("[SOURce:]FUNCtion:TRANsient", lambda text: self._set_function(text, transient=True))
        add("[SOURce:]FUNCtion:TRANsient?", lambda _: self.function)
        add("[SOURce:]BATTery:FUNC", lambda _: self._enter_battery())
        add("[SOURce:]BATTery:FUNC?", lambda _: f"{self.battery:d}")
        add("[SOURce:]BATTery:DISCHArg:CAPability?", lambda _: self._counted(self.charge_Ah * 1000.0))
        add("[SOURce:]BATTery:DISCHArg:TIMer?", lambda _: self._counted(self.on_s))
        add("[SOURce:]LIST[:STATe]:ON", lambda _: self._list_on())
        add("[SOURce:]LIST:STATe?", lambda _: f"{self.list_on:d}")
        for column, header, high in (
            ("LEV", "LEVel", 10000.0),
            ("WID", "WIDth", 999.0),
            ("SLEW", "SLEW", 2.5),
        ):
            add(f"[SOURce:]LIST:{header}", lambda text, c=column, h=high: self._set_column(c, h, text))  # type: ignore[misc]
            add(f"[SOURce:]LIST:{header}?", lambda text, c=column: self._column(c, text))  # type: ignore[misc]
        add("TRIGger:SOURce", self._set_trigger)
        add("TRIGger:SOURce?", lambda _: self.trigger_source)
        add("MEASure:VOLTage[:DC]?", lambda _: self.reading("V", "%.4f"))
        add("MEASure:CURRent[:DC]?", lambda _: self.reading("A", "%.4f"))
        add("MEASure:POWer[:DC]?", lambda _: self.reading("W", "%.4f"))
        add("MEASure:RESistance[:DC]?", lambda _: f"{self._ohm(self.true_voltage_V(), self.sunk_A()):.4f}")
        add("MEASure:WAVEform?", self._waveform)
        add("MEASure:WAVE?", self._waveform)

    def _counted(self, value: float) -> str:
        self.settle()
        return f"{value:.3f}"

    def _switch_input(self, text: str) -> None:
        on = parameters.boolean(text)
        if on and "output_trip" in self.faults.active:
            raise settings_conflict()
        self.set_input(on)
        self._play()

    def _set_function(self, text: str, *, transient: bool = False) -> None:
        chosen = parameters.word(text, tuple(_FUNCTIONS))
        self.function, self.transient = chosen.upper(), transient
        self.battery = self.list_on = False
        self.set_mode(_FUNCTIONS[chosen])
        assert self.settings is not None
        for key, mode in _MODES.items():
            self.set_level(mode, self.settings[key])
        self._play()

    def _set_of(self) -> Transient:
        """The transient of the present mode."""
        keep = self.settings
        assert keep is not None
        key = next(name for name, mode in _MODES.items() if mode == self.mode)
        operation = ("CONTINUOUS", "PULSE", "TOGGLE").index(keep.word(f"{key}:TRAN:MODE"))
        a, a_s, b, b_s = (keep[f"{key}:TRAN:{part}"] for part in ("ALEV", "AWID", "BLEV", "BWID"))
        return Transient(a, a_s, b, b_s, operation)

    def _play(self) -> None:
        """A transient, once it is chosen and the input is on."""
        if self.transient and self.output_on and self.program is None:
            self.run_program(self._set_of().begun(self.circuit.time_s), self.mode)

    def _enter_battery(self) -> None:
        assert self.settings is not None
        self.battery, self.list_on, self.transient = True, False, False
        mode = _LISTS[self.settings.word("BATT:MODE")]
        self.set_mode(mode)
        self.set_level(mode, self.settings["BATT:LEV"])

    def _list_on(self) -> None:
        self.list_on, self.battery, self.transient = True, False, False
        self.set_mode("CC")
        self.set_level("CC", 0.0)

    def _set_trigger(self, text: str) -> None:
        self.trigger_source = parameters.word(text, ("MANUal", "EXTernal", "BUS")).upper()

    def _trigger(self) -> None:
        if self.trigger_source != "BUS":
            raise settings_conflict()
        if self.transient and self.program is not None:
            self.settle()
            after = self._set_of().triggered(self.circuit.time_s, self.program.level)
            if after is not None:
                self.run_program(after, self.mode)
            return
        if not self.list_on or not self.output_on:
            return
        assert self.settings is not None
        self.settle()
        levels, widths = self.columns["LEV"], self.columns["WID"]
        first = 0 if 0 in levels else 1
        numbers = range(first, first + int(self.settings["LIST:STEP"]))
        if any(n not in levels or widths.get(n, 0.0) <= 0.0 for n in numbers):
            raise settings_conflict()
        steps = [ProgramStep(levels[n], widths[n]) for n in numbers]
        program = LoadProgram(steps, self.circuit.time_s, count=int(self.settings["LIST:COUN"]))
        self.run_program(program, _LISTS[self.settings.word("LIST:MODE")])

    def _set_column(self, column: str, high: float, text: str) -> None:
        parts = parameters.split(text)
        if len(parts) != 2:
            raise ScpiError(-109, "Missing parameter")
        number = int(parameters.number(parts[0], 0, _STEPS + 1))
        value = parameters.number(parts[1], 0.0, high, unit={"WID": "S", "SLEW": ""}.get(column, "A"))
        assert self.settings is not None
        if (
            column == "LEV"
            and self.settings.word("LIST:MODE") == "CURRENT"
            and value > self.settings["LIST:IRANG"]
        ):
            raise out_of_range()
        self.columns[column][number] = value

    def _column(self, column: str, text: str) -> str:
        return f"{self.columns[column].get(int(parameters.number(text, 0, _STEPS + 1)), 0.0):.3f}"

    def _waveform(self, text: str) -> str:
        kind = parameters.word(text, _QUANTITIES)
        self.settle()
        shown = {
            "CURRent": [a for _, a in self.points],
            "VOLTage": [v for v, _ in self.points],
            "POWer": [v * a for v, a in self.points],
            "RESistance": [self._ohm(v, a) for v, a in self.points],
        }[kind]
        return ",".join(f"{value:.4f}" for value in shown)

    @staticmethod
    def _ohm(voltage_V: float, current_A: float) -> float:
        return voltage_V / current_A if current_A > 1e-3 else 99999.0
