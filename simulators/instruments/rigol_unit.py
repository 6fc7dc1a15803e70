"""The power stage, programs and main commands of the simulated DL3021."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from simulators.instruments.power import PowerInstrument
from simulators.instruments.rigol_programs import LoadProgram, ProgramStep
from simulators.instruments.rigol_store import SettingStore
from simulators.network import Drive
from simulators.scpi import parameters
from simulators.scpi.errors import ErrorQueue, settings_conflict
from simulators.scpi.status import StatusModel
from simulators.wiring import NEVER_S, Circuit

_FUNCTIONS = {"CURRent": "CC", "VOLTage": "CV", "RESistance": "CR", "POWer": "CP"}
_MODES = ("FIXed", "LIST", "WAVe", "BATTery", "OCP", "OPP")
_TRIP_MARGIN = 1.05
_KEY_SHORT, _SHORT_OHM = 33, 0.02


def _short(word: str) -> str:
    """Short form of a word written as in ``EXTernal``."""
    return "".join(c for c in word if not c.islower())


class RigolOptions(BaseModel):
    """Settings of one simulated DL3021. Ratings in V, A, W."""

    model_config = ConfigDict(extra="forbid")

    model: str = "DL3021"
    serial: str = "DL3A000000001"
    firmware: str = "00.01.05.00.01"
    voltage_max_V: float = Field(default=150.0, gt=0)
    current_max_A: float = Field(default=40.0, gt=0)
    current_low_range_A: float = Field(default=4.0, gt=0)
    power_max_W: float = Field(default=200.0, gt=0)
    voltage_noise_V: float = Field(default=0.0002, ge=0)
    current_noise_A: float = Field(default=0.0005, ge=0)
    max_clients: int | None = None


class RigolUnit(PowerInstrument):
    """One load in a channel's circuit, without its plain settings. In the circuit it discharges."""

    def __init__(self, options: RigolOptions, circuit: Circuit, *, seed: int = 0) -> None:
        super().__init__("rigol-dl3021", circuit, ErrorQueue(16), seed=seed)
        self.options = options
        self.settings = SettingStore()
        self.function: Literal["CC", "CV", "CR", "CP"] = "CC"
        self.mode = "WAV"
        self.trigger_source = "NULL"
        self.transient = False
        self.shorted = self._keys = False
        self._input = False
        self._conducting = False
        self._program: LoadProgram | None = None
        self._capacity_Ah = 0.0
        self._energy_Wh = 0.0
        self._seconds = 0.0
        self.readings.add("V", step=options.voltage_max_V / 2**20, noise=options.voltage_noise_V)
        self.readings.add("A", step=options.current_max_A / 2**20, noise=options.current_noise_A)
        self.readings.add("W", step=0.0, noise=0.0)
        self.readings.add("ohm", step=0.0, noise=0.0)
        self._register()

    # ---- circuit --------------------------------------------------------------------------

    @property
    def output_on(self) -> bool:
        """Input switched on."""
        return self._input

    @property
    def remote_sense(self) -> bool:
        """``SENSe ON`` measures at the posts, OFF at the load's own terminals."""
        return bool(self.settings["SENS"])

    def drive(self, voltage_V: float) -> Drive | None:
        """Sink according to the mode; never a source."""
        if not self._input or voltage_V < 0.0:
            return None
        if not self._conducting and voltage_V < self._start_voltage_V():
            return None
        limit_A = self.options.current_max_A
        set_V = 0.0
        mode, level = ("CR", _SHORT_OHM) if self.shorted else self._present_level()
        if mode == "CC":
            current_A = level
        elif mode == "CV":
            current_A, set_V = limit_A, level
        elif mode == "CR":
            current_A = voltage_V / max(level, 1e-3)
        else:
            current_A = level / voltage_V if voltage_V > 0.01 else 0.0
        sunk_A = min(current_A, limit_A) * self.delivered
        return Drive(set_V, -sunk_A, 0.0, self.remote_sense and self.sense_connected)

    def after_step(self, time_s: float, duration_s: float, voltage_V: float, current_A: float) -> None:  # noqa: ARG002
        """Integrate, and stop where a limit says so."""
        if not self._input:
            return
        sunk_A = -current_A
        if sunk_A > 0.0:
            self._conducting = True
            self._seconds += duration_s
            self._capacity_Ah += sunk_A * duration_s / 3600.0
            self._energy_Wh += sunk_A * voltage_V * duration_s / 3600.0
        prefix = {"CC": "CURR", "CV": "VOLT", "CR": "RES", "CP": "POW"}[self.function]
        tripped = (
            sunk_A * voltage_V > self.options.power_max_W * _TRIP_MARGIN
            or voltage_V > self.settings[f"{prefix}:VLIM"]
            or sunk_A > self.settings[f"{prefix}:ILIM"] * 1.001
        )
        if tripped or self._battery_test_over(voltage_V):
            self.switch_off()

    def next_event_s(self) -> float:
        """Next step of a LIST or transient."""
        return NEVER_S if self._program is None else self._program.next_s

    def run_event(self, time_s: float) -> None:
        """Go to the program's next level at its exact time."""
        assert self._program is not None
        self.circuit.integrate_to(time_s)
        if not self._program.step_on():
            if self._program.off_at_end:
                self._input = False
            self._program = None if self._program.off_at_end else self._program
        self.circuit.changed()

    def switch_off(self) -> None:
        """Input off; settings remain."""
        self._input = False
        self._conducting = False
        self._program = None
        self.circuit.changed()

    def switch_on(self) -> None:
        """Input on with the settings as they are."""
        self._input = "output_trip" not in self.faults.active
        self.circuit.changed()

    def _start_voltage_V(self) -> float:
        return float(self.settings["BATT:VON"] if self.mode == "BATT" else self.settings["CURR:VON"])

    def _present_level(self) -> tuple[str, float]:
        if self.mode == "BATT":
            return "CC", float(self.settings["BATT:LEV"])
        if self._program is not None:
            return (self.settings.list_mode if self.mode == "LIST" else "CC"), self._program.level
        if self.mode == "LIST":
            return "CC", 0.0
        key = {"CC": "CURR:LEV", "CV": "VOLT:LEV", "CR": "RES:LEV", "CP": "POW:LEV"}[self.function]
        return self.function, float(self.settings[key])

    def _battery_test_over(self, voltage_V: float) -> bool:
        if self.mode != "BATT":
            return False
        stop = self.settings
        return bool(
            (stop["BATT:VEN"] and voltage_V <= stop["BATT:VST"])
            or (stop["BATT:CEN"] and self._capacity_Ah >= stop["BATT:CST"])
            or (stop["BATT:TEN"] and self._seconds >= stop["BATT:TIM"])
        )

    # ---- commands -------------------------------------------------------------------------

    def _register(self) -> None:
        add = self.table.add
        options = self.options
        idn = f"RIGOL TECHNOLOGIES,{options.model},{options.serial},{options.firmware}"
        StatusModel(self, identity=lambda: idn, reset=self.reset, registers=False)
        add("*TRG", lambda _: self._trigger())
        add("[SOURce:]INPut[:STATe]", self._set_input)
        add("[SOURce:]INPut[:STATe]?", lambda _: "1" if self._input else "0")
        add("[SOURce:]FUNCtion", self._set_function)
        add("[SOURce:]FUNCtion?", lambda _: self.function)
        add("[SOURce:]FUNCtion:MODE", self._set_mode)
        add("[SOURce:]FUNCtion:MODE?", lambda _: self.mode)
        add("[SOURce:]TRANsient[:STATe]", self._set_transient)
        add("[SOURce:]TRANsient[:STATe]?", lambda _: "1" if self.transient else "0")
        add("TRIGger:SOURce", self._set_trigger_source)
        add("TRIGger:SOURce?", lambda _: self.trigger_source)
        add("TRIGger[:IMMediate]", lambda _: self._trigger())
        add("DEBug:KEY", self._set_keys)
        add("SYSTem:KEY", self._press)
        add("MEASure:VOLTage[:DC]?", lambda _: self.readings.show("V", self.true_voltage_V(), "%.6f"))
        add("MEASure:CURRent[:DC]?", lambda _: self.readings.show("A", self._sunk_A(), "%.6f"))
        add(
            "MEASure:POWer[:DC]?",
            lambda _: self.readings.show("W", self._sunk_A() * self.true_voltage_V(), "%.6f"),
        )
        add("MEASure:RESistance[:DC]?", lambda _: self.readings.show("ohm", self._resistance_ohm(), "%.6f"))
        add("MEASure:CAPability?", lambda _: self._integral(self._capacity_Ah))
        add("MEASure:WATThours?", lambda _: self._integral(self._energy_Wh))
        add("MEASure:DISCHARGINGTIME?", lambda _: self._integral(self._seconds))

    def _sunk_A(self) -> float:
        # + 0.0 turns a negative zero into zero.
        return -self.true_current_A() + 0.0

    def _resistance_ohm(self) -> float:
        current_A = self._sunk_A()
        return self.true_voltage_V() / current_A if current_A > 1e-3 else 99999.0

    def _integral(self, value: float) -> str:
        self.settle()
        return f"{value:.6f}"

    def _set_input(self, text: str) -> None:
        wanted = parameters.boolean(text)
        if wanted and "output_trip" in self.faults.active:
            raise settings_conflict()
        self.settle()
        if wanted and not self._input:
            self._capacity_Ah = self._energy_Wh = self._seconds = 0.0
        self._input = wanted
        if not wanted:
            self._conducting = False
            self._program = None
        self.circuit.changed()

    def _set_function(self, text: str) -> None:
        chosen = parameters.word(text, tuple(_FUNCTIONS))
        self.settle()
        self.function = _FUNCTIONS[chosen]  # type: ignore[assignment]
        self.circuit.changed()

    def _set_mode(self, text: str) -> None:
        chosen = parameters.word(text, _MODES)
        self.settle()
        self.mode = _short(chosen)
        self._program = None
        self.circuit.changed()

    def _set_transient(self, text: str) -> None:
        self.transient = parameters.boolean(text)
        self.settle()
        self._program = None
        if self.transient and self.trigger_source != "BUS":
            self._start_program()
        self.circuit.changed()

    def _set_keys(self, text: str) -> None:
        self._keys = parameters.boolean(text)

    def _press(self, text: str) -> None:
        """A key of the front panel, once ``DEBug:KEY`` lets it; of all keys only the short does something."""
        key = int(parameters.number(text, 0, 99))
        if self._keys and key == _KEY_SHORT:
            self.settle()
            self.shorted = not self.shorted
            self.circuit.changed()

    def _set_trigger_source(self, text: str) -> None:
        self.trigger_source = _short(parameters.word(text, ("BUS", "EXTernal", "MANUal")))

    def _trigger(self) -> None:
        if self.trigger_source != "BUS":
            raise settings_conflict()
        self.settle()
        if "output_trip" in self.faults.active:
            raise settings_conflict()
        if self.mode != "LIST":
            self.transient = True
        self._input = True
        self._start_program()
        self.circuit.changed()

    def _start_program(self) -> None:
        now_s = self.circuit.time_s
        if self.mode == "LIST":
            self._program = self.settings.list_program(now_s)
        elif self.function == "CC" and self.transient:
            previous = self._program.level if self._program is not None else None
            self._program = self._transient_program(now_s, previous)

    def _transient_program(self, now_s: float, previous: float | None) -> LoadProgram:
        get = self.settings
        low, high = float(get["TRAN:ALEV"]), float(get["TRAN:BLEV"])
        kind = self.settings.transient_mode
        if kind == "PULS":
            return LoadProgram([ProgramStep(high, get["TRAN:BWID"]), ProgramStep(low, NEVER_S)], now_s)
        if kind == "TOGG":
            return LoadProgram([ProgramStep(low if previous == high else high, NEVER_S)], now_s)
        high_s = get["TRAN:PER"] * (100.0 - get["TRAN:ADUT"]) / 100.0
        low_s = get["TRAN:PER"] - high_s
        return LoadProgram([ProgramStep(low, low_s), ProgramStep(high, high_s)], now_s, count=0)

    def reset(self) -> None:
        """``*RST``: power-on settings, input off."""
        self.settle()
        self.switch_off()
        self.function = "CC"
        self.mode = "WAV"
        self.trigger_source = "NULL"
        self.transient = self.shorted = self._keys = False
        self.settings.reset()
