"""Simulated TTi LD400P electronic load: text lines, answers end with CR LF.

Facts: an open driver that cites the maker's manual; the common commands are those of IEEE 488.2. Not stated
there and chosen here: the answer to ``*IDN?``; the number of decimals; a wrong command or value changes
nothing, is not answered, and shows in ``*ESR?``; the levels
of one mode are its own; with the transient selected the load alternates between A and B twice a simulated
second.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from simulators.instruments.rigol_programs import LoadProgram, ProgramStep
from simulators.instruments.sink import Mode, Ratings, Sink
from simulators.scpi import parameters
from simulators.scpi.errors import ErrorQueue, settings_conflict
from simulators.scpi.status import StatusModel
from simulators.scpi.table import Later
from simulators.wiring import Circuit

_MODES: dict[str, Mode] = {"C": "CC", "P": "CP", "R": "CR", "G": "CR", "V": "CV"}
_UNITS = {"C": "A", "P": "W", "R": "OHM", "G": "SIE", "V": "V"}
_SELECT = ("A", "B", "T", "V", "E")
_HALF_S = 0.25


class LD400POptions(BaseModel):
    """Settings of one simulated LD400P. Ratings in V, A, W."""

    model_config = ConfigDict(extra="forbid")

    identity: str = "THURLBY THANDAR, LD400P, 279730, 1.00-1.00"
    voltage_max_V: float = 80.0
    current_max_A: float = 80.0
    power_max_W: float = 600.0
    voltage_noise_V: float = Field(default=0.002, ge=0)
    current_noise_A: float = Field(default=0.002, ge=0)
    max_clients: int | None = None


class TTiLD400P(Sink):
    """One load in a channel's circuit."""

    numbered_nodes = False

    def __init__(self, options: LD400POptions, circuit: Circuit, *, seed: int = 0) -> None:
        self.options = options
        top = Ratings(
            options.voltage_max_V,
            options.current_max_A,
            options.power_max_W,
            0.001,
            0.001,
            options.voltage_noise_V,
            options.current_noise_A,
        )
        self.letter, self.selected = "C", "A"
        self.pairs: dict[str, dict[str, float]] = {}
        super().__init__("tti-ld400p", circuit, top, seed=seed, errors=ErrorQueue(1))
        self._commands()

    def power_on_settings(self) -> None:
        super().power_on_settings()
        self.letter, self.selected, self.sense = "C", "A", False
        top = self.ratings
        rest = {"C": 0.0, "P": 0.0, "R": 1000.0, "G": 0.0, "V": top.voltage_V}
        self.pairs = {letter: {"A": value, "B": value} for letter, value in rest.items()}

    def execute(self, line: str) -> list[str | Later]:
        """Each answer ends with CR before the LF."""
        return [f"{answer}\r" if isinstance(answer, str) else answer for answer in super().execute(line)]

    def _commands(self) -> None:
        add = self.table.add
        StatusModel(
            self, identity=lambda: self.options.identity, reset=self.reset, registers=False, queue=False
        )
        add("MODE", self._set_mode)
        add("MODE?", lambda _: f"MODE {self.letter}")
        add("LVLSEL", self._select)
        add("LVLSEL?", lambda _: f"LVLSEL {self.selected}")
        for name in ("A", "B"):
            add(name, lambda text, n=name: self._set_pair(n, text))  # type: ignore[misc]
            add(f"{name}?", lambda _, n=name: f"{n} {self.pairs[self.letter][n]:.3f}{_UNITS[self.letter]}")  # type: ignore[misc]
        add("INP", self._switch_input)
        add("INP?", lambda _: f"INP {self.output_on:d}")
        add("V?", lambda _: self.reading("V", "%.3f") + "V")
        add("I?", lambda _: self.reading("A", "%.3f") + "A")

    def _highest(self) -> float:
        top = self.ratings
        return {"C": top.current_A, "P": top.power_W, "R": 10_000.0, "G": 40.0, "V": top.voltage_V}[
            self.letter
        ]

    def _set_mode(self, text: str) -> None:
        letter = parameters.word(text, tuple(_MODES))
        if self.output_on and letter != self.letter:
            raise settings_conflict()
        self.settle()
        self.letter = letter
        self._apply()

    def _select(self, text: str) -> None:
        self.settle()
        self.selected = parameters.word(text, _SELECT)
        self._apply()

    def _set_pair(self, name: Literal["A", "B"] | str, text: str) -> None:
        value = parameters.number(text, 0.0, self._highest())
        self.settle()
        self.pairs[self.letter][name] = value
        self._apply()

    def _switch_input(self, text: str) -> None:
        on = parameters.boolean(text)
        self._apply()
        self.set_input(on)
        self._apply()

    def _level(self, name: str) -> float:
        value = self.pairs[self.letter][name]
        return 1.0 / max(value, 1e-6) if self.letter == "G" else value

    def _apply(self) -> None:
        """Selected level to the power stage; an external voltage or TTL input is at zero: level A."""
        mode = _MODES[self.letter]
        self.set_mode(mode)
        self.set_level(mode, self._level("B" if self.selected == "B" else "A"))
        if self.selected == "T" and self.output_on:
            steps = [ProgramStep(self._level(name), _HALF_S) for name in ("A", "B")]
            self.run_program(LoadProgram(steps, self.circuit.time_s, count=0), mode)
