"""Simulated Korad KEL103 electronic load: text lines on a serial port or in UDP datagrams.

Facts: two open drivers that agree; the text of lists, status and device information from one of them. Not
stated there and chosen here: a wrong line or value changes nothing and is not answered; an upper limit bounds
the setting; a recalled list plays when the input goes on and ends with the input off; 4 decimals in answers.
"""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict, Field

from simulators.instruments.korad_load import KoradLoad
from simulators.instruments.korad_programs import KoradPrograms
from simulators.instruments.rigol_programs import LoadProgram, ProgramStep
from simulators.instruments.sink import Mode, Ratings
from simulators.instruments.text_lines import LineDialect
from simulators.scpi import parameters
from simulators.scpi.errors import ErrorQueue, out_of_range
from simulators.scpi.settings import Number, Settings
from simulators.wiring import Circuit

_MODES: dict[str, Mode] = {"CC": "CC", "CV": "CV", "CR": "CR", "CW": "CP"}
_BAUD = ("9600", "19200", "38400", "57600", "115200")
_FIRST_NUMBER = re.compile(r"^\s*([0-9.]+)")
_SLOTS = 7


class KoradOptions(BaseModel):
    """Settings of one simulated KEL103. ``reply_delay_s`` is real time."""

    model_config = ConfigDict(extra="forbid")

    identity: str = "KORAD-KEL103 V3.30 SN:00022116"
    reply_delay_s: float = Field(default=0.0, ge=0)
    terminal: bool = False
    voltage_max_V: float = 120.0
    current_max_A: float = 30.0
    power_max_W: float = 300.0
    voltage_noise_V: float = Field(default=0.001, ge=0)
    current_noise_A: float = Field(default=0.001, ge=0)


class KoradKEL103(KoradLoad):
    """One KEL103; ``conversation`` makes what a client talks to."""

    numbered_nodes = False

    def __init__(self, options: KoradOptions, circuit: Circuit, *, seed: int = 0) -> None:
        self.options = options
        self.switches = {"BEEP": False, "LOCK": False, "DHCP": False, "EXIT": False}
        self.baud = 4
        self.network = {"IPAD": "192.168.1.198", "SMASK": "255.255.255.0", "GATE": "192.168.1.1",
                        "MAC": "70-2f-eb-48-4d-56", "PORT": "18190"}  # fmt: skip
        self.lists: dict[int, str] = {}
        self.recalled = 0
        self.memories: dict[int, dict[str, float]] = {}
        self.programs: KoradPrograms | None = None
        top = Ratings(
            options.voltage_max_V,
            options.current_max_A,
            options.power_max_W,
            0.0001,
            0.0001,
            options.voltage_noise_V,
            options.current_noise_A,
        )
        super().__init__("korad-kel103", circuit, top, seed=seed, errors=ErrorQueue(1))
        self.settings = Settings(self.table, self._setting, suffixes=("OHM", "A", "V", "W"))
        self._numbers(self.settings)
        self._commands()
        self.programs = KoradPrograms(self)

    def power_on_settings(self) -> None:
        super().power_on_settings()
        self.function, self.sense = "CC", False
        if self.settings is not None:
            self.settings.reset()

    def conversation(self) -> LineDialect:
        """For one more client."""
        return LineDialect(self)

    # ---- settings -------------------------------------------------------------------------

    def _numbers(self, keep: Settings) -> None:
        top = self.ratings
        for key, header, high, unit in (
            ("CURR", "CURRent", top.current_A, "A"),
            ("VOLT", "VOLTage", top.voltage_V, "V"),
            ("RES", "RESistance", 7500.0, "OHM"),
            ("POW", "POWer", top.power_W, "W"),
        ):
            keep.add_number(Number(f"{key}:UPP", f"{header}:UPPer", 0.0, high, high, 4), unit=unit)
            keep.add_number(Number(f"{key}:LOW", f"{header}:LOWer", 0.0, high, 0.0, 4), unit=unit)
            default = {"CURR": 0.0, "VOLT": high, "RES": 1000.0, "POW": 0.0}[key]
            keep.add_number(
                Number(key, header, 0.0, high, default, 4),
                limit=lambda key=key: keep[f"{key}:UPP"],  # type: ignore[misc]
                unit=unit,
            )

    def _setting(self, key: str, value: float) -> None:
        self.settle()
        modes: dict[str, Mode] = {"CURR": "CC", "VOLT": "CV", "RES": "CR", "POW": "CP"}
        if key in modes:
            self.levels[modes[key]] = value
        self.circuit.changed()

    # ---- commands -------------------------------------------------------------------------

    def _commands(self) -> None:
        add = self.table.add
        add("*IDN?", lambda _: self.options.identity)
        add("*SAV", lambda text: self._save(int(parameters.number(text, 1, 100))))
        add("*RCL", lambda text: self._recall(int(parameters.number(text, 1, 100))))
        add("INPut", self._switch_input)
        add("INPut?", lambda _: "ON" if self.output_on else "OFF")
        add("FUNCtion", self._set_function)
        add("FUNCtion?", lambda _: self.function)
        add("MEASure:VOLTage?", lambda _: self.reading("V", "%.4f") + "V")
        add("MEASure:CURRent?", lambda _: self.reading("A", "%.4f") + "A")
        add("MEASure:POWer?", lambda _: self.reading("W", "%.4f") + "W")
        add("STATus?", lambda _: self._status())
        add("SYSTem:COMP", self._set_sense)
        add("SYSTem:COMP?", lambda _: "ON" if self.sense else "OFF")
        add("SYSTem:BAUD", lambda text: self._set_baud(text))
        add("SYSTem:BAUD?", lambda _: _BAUD[self.baud])
        add("SYSTem:FACTRESET", lambda _: self.reset())
        add("SYSTem:DEVINFO?", lambda _: self._information())
        for name in self.switches:
            add(f"SYSTem:{name}", lambda text, n=name: self._set_switch(n, text))  # type: ignore[misc]
            add(f"SYSTem:{name}?", lambda _, n=name: "ON" if self.switches[n] else "OFF")  # type: ignore[misc]
        for name in self.network:
            add(f"SYSTem:{name}", lambda text, n=name: self.network.__setitem__(n, text.strip()))  # type: ignore[misc]
            add(f"SYSTem:{name}?", lambda _, n=name: self.network[n])  # type: ignore[misc]
        add("LIST", self._set_list)
        add("RCL:LIST", self._recall_list)
        add("RCL:LIST?", lambda _: self.lists.get(self.recalled, ""))

    def _status(self) -> str:
        states = (self.switches["BEEP"], self.baud, self.switches["LOCK"], self.switches["EXIT"], 0, 0)
        return ",".join(str(int(state)) for state in states)

    def _information(self) -> str:
        net = self.network
        return (
            f"DHCP:{self.switches['DHCP']:d}\nIP:{net['IPAD']}\nNETMASK:{net['SMASK']}\nGateWay:{net['GATE']}\n"
            f"MAC:{net['MAC']}\nPORT:{net['PORT']}\nBAUDRATE:{_BAUD[self.baud]}"
        )

    def _set_switch(self, name: str, text: str) -> None:
        self.switches[name] = parameters.boolean(text)

    def _set_baud(self, text: str) -> None:
        self.baud = _BAUD.index(parameters.word(text, _BAUD))

    def _set_sense(self, text: str) -> None:
        on = parameters.boolean(text)
        self.settle()
        self.sense = on
        self.circuit.changed()

    def _set_function(self, text: str) -> None:
        chosen = parameters.word(text, (*_MODES, "SHORt"))
        self.function = chosen
        self.set_mode(_MODES.get(chosen, "CC"))
        assert self.settings is not None
        for key, mode in (("CURR", "CC"), ("VOLT", "CV"), ("RES", "CR"), ("POW", "CP")):
            self.levels[mode] = self.settings[key]  # type: ignore[index]  # a program had its own
        self.circuit.changed()
        self.shorted = chosen == "SHORt"

    def _switch_input(self, text: str) -> None:
        on = parameters.boolean(text)
        self.set_input(on)
        if on and self.output_on and self.function == "LIST":
            self.run_program(self._program(self.lists[self.recalled]))
        assert self.programs is not None
        self.programs.play()

    def after_step(self, time_s: float, duration_s: float, voltage_V: float, current_A: float) -> None:
        super().after_step(time_s, duration_s, voltage_V, current_A)
        if self.output_on and self.programs is not None and self.programs.over(voltage_V):
            self.switch_off()

    def _save(self, number: int) -> None:
        assert self.settings is not None
        self.memories[number] = dict(self.settings.values)

    def _recall(self, number: int) -> None:
        assert self.settings is not None
        for key, value in self.memories.get(number, {}).items():
            self._setting(key, value)
            self.settings.values[key] = value

    # ---- lists ----------------------------------------------------------------------------

    def _set_list(self, text: str) -> None:
        slot, _, content = text.partition(",")
        number = int(parameters.number(slot, 1, _SLOTS))
        self._program(content)  # raises where it cannot be played
        self.lists[number] = content

    def _recall_list(self, text: str) -> None:
        number = int(parameters.number(text, 1, _SLOTS))
        if number not in self.lists:
            raise out_of_range()
        self.settle()
        self.recalled, self.function = number, "LIST"
        self.set_mode("CC")
        self.set_level("CC", 0.0)

    def _program(self, content: str) -> LoadProgram:
        """``range,count,(current,slope,duration)*count,loops``, each with its unit."""
        parts = [part.strip() for part in content.split(",")]
        numbers = [float(found[1]) if (found := _FIRST_NUMBER.match(part)) else -1.0 for part in parts]
        if len(numbers) < 6 or min(numbers) < 0.0 or len(numbers) != 3 + 3 * int(numbers[1]):
            raise out_of_range()
        steps = [
            ProgramStep(min(numbers[at], numbers[0]), numbers[at + 2]) for at in range(2, len(numbers) - 1, 3)
        ]
        if any(step.width_s <= 0.0 for step in steps):
            raise out_of_range()
        return LoadProgram(steps, self.circuit.time_s, count=max(1, int(numbers[-1])), off_at_end=True)
