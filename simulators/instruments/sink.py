"""The power stage that simulated loads share: modes, levels, limits, a program, a timer, counters.

Each instrument's module says on its wire how this is set. Chosen here where no instrument's facts tell:
sinking more than 105 % of the rated power, or a voltage above the rating, switches the input off; a level
takes effect at once (slew rates are shorter than a step of the circuit).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from simulators.faults import LINK_FAULTS, FaultSpec
from simulators.instruments.power import PowerInstrument
from simulators.instruments.rigol_programs import LoadProgram
from simulators.network import Drive
from simulators.scpi.errors import ErrorQueue
from simulators.wiring import NEVER_S, Circuit

Mode = Literal["CC", "CV", "CR", "CP"]
_TRIP_MARGIN = 1.05
_SHORT_OHM = 0.02


@dataclass(frozen=True)
class Ratings:
    """V, A, W, and the standard deviation of a reading in V and A."""

    voltage_V: float
    current_A: float
    power_W: float
    voltage_step_V: float = 0.0
    current_step_A: float = 0.0
    voltage_noise_V: float = 0.0
    current_noise_A: float = 0.0


class Sink(PowerInstrument):
    """A load in a channel's circuit. Its levels and readings are positive; in the circuit it discharges."""

    def __init__(
        self,
        kind: str,
        circuit: Circuit,
        ratings: Ratings,
        *,
        seed: int,
        errors: ErrorQueue | None = None,
        link_faults: Mapping[str, FaultSpec] = LINK_FAULTS,
    ) -> None:
        queue = ErrorQueue(16) if errors is None else errors
        super().__init__(kind, circuit, queue, seed=seed, link_faults=link_faults)
        self.ratings = ratings
        self.mode: Mode = "CC"
        self.levels: dict[Mode, float] = {}
        self.shorted = False
        self.sense = False
        self.limit_A = self.limit_V = self.limit_W = 0.0
        self.program: LoadProgram | None = None
        self.program_mode: Mode = "CC"
        self.timer_s = 0.0
        """Time after which the input, once on, goes off by itself; 0 for none. Real seconds are not meant."""
        self._off_at_s = NEVER_S
        self._input = False
        self.charge_Ah = self.energy_Wh = self.on_s = 0.0
        self.why_off = ""
        self.readings.add("V", step=ratings.voltage_step_V, noise=ratings.voltage_noise_V)
        self.readings.add("A", step=ratings.current_step_A, noise=ratings.current_noise_A)
        self.readings.add("W", step=0.0, noise=0.0)
        self.power_on_settings()

    def power_on_settings(self) -> None:
        """What the load wakes up with."""
        self.mode = "CC"
        self.levels = {"CC": 0.0, "CV": self.ratings.voltage_V, "CR": 1000.0, "CP": 0.0}
        self.shorted = False
        self.limit_A, self.limit_V = self.ratings.current_A, self.ratings.voltage_V
        self.limit_W = self.ratings.power_W
        self.timer_s = 0.0

    # ---- circuit --------------------------------------------------------------------------

    @property
    def output_on(self) -> bool:
        """Input switched on."""
        return self._input

    @property
    def remote_sense(self) -> bool:
        """Whether it measures at the posts."""
        return self.sense

    def drive(self, voltage_V: float) -> Drive | None:
        """Sink according to the mode; never a source."""
        if not self._input or voltage_V < 0.0:
            return None
        mode, level, set_V = self.mode, self.levels[self.mode], 0.0
        if self.program is not None:
            mode, level = self.program_mode, self.program.level
        if self.shorted:
            mode, level = "CR", _SHORT_OHM
        if mode == "CC":
            current_A = level
        elif mode == "CV":
            current_A, set_V = self.ratings.current_A, level
        elif mode == "CR":
            current_A = voltage_V / max(level, 1e-3)
        else:
            current_A = level / voltage_V if voltage_V > 0.01 else 0.0
        sunk_A = min(current_A, self.limit_A, self.ratings.current_A) * self.delivered
        return Drive(set_V, -sunk_A, 0.0, self.remote_sense and self.sense_connected)

    def after_step(self, time_s: float, duration_s: float, voltage_V: float, current_A: float) -> None:  # noqa: ARG002
        """Integrate, and stop where a limit says so."""
        if not self._input:
            return
        sunk_A = -current_A
        self.on_s += duration_s
        self.charge_Ah += sunk_A * duration_s / 3600.0
        self.energy_Wh += sunk_A * voltage_V * duration_s / 3600.0
        if sunk_A * voltage_V > min(self.ratings.power_W, self.limit_W) * _TRIP_MARGIN:
            self.protect("OP")
        elif voltage_V > min(self.ratings.voltage_V, self.limit_V) * _TRIP_MARGIN:
            self.protect("OV")

    def next_event_s(self) -> float:
        """Next step of the program, or the timer's end."""
        return min(self._off_at_s, NEVER_S if self.program is None else self.program.next_s)

    def run_event(self, time_s: float) -> None:
        """Go to the program's next level, or off, at the exact time."""
        self.circuit.integrate_to(time_s)
        if time_s >= self._off_at_s:
            self.switch_off()
            return
        assert self.program is not None
        if not self.program.step_on() and self.program.off_at_end:
            self.switch_off()
        self.circuit.changed()

    def switch_off(self) -> None:
        """Input off; settings remain."""
        self._input = False
        self._off_at_s = NEVER_S
        self.program = None
        self.circuit.changed()

    def switch_on(self) -> None:
        """Input on with the settings as they are."""
        if "output_trip" in self.faults.active:
            return
        if not self._input:
            self.charge_Ah = self.energy_Wh = self.on_s = 0.0
            self._off_at_s = self.circuit.time_s + self.timer_s if self.timer_s > 0.0 else NEVER_S
        self.why_off = ""
        self._input = True
        self.circuit.changed()

    def protect(self, why: str) -> None:
        """A protection of the load itself: off, and it says why."""
        self.switch_off()
        self.why_off = why

    def reset(self) -> None:
        """Power-on settings, input off."""
        self.settle()
        self.switch_off()
        self.power_on_settings()
        self.circuit.changed()

    # ---- help for the wire ----------------------------------------------------------------

    def set_input(self, on: bool) -> None:
        """As a command does it."""
        self.settle()
        (self.switch_on if on else self.switch_off)()

    def set_level(self, mode: Mode, value: float) -> None:
        """As a command does it."""
        self.settle()
        self.levels[mode] = value
        self.circuit.changed()

    def set_mode(self, mode: Mode) -> None:
        """As a command does it; ends a program."""
        self.settle()
        self.mode, self.program = mode, None
        self.circuit.changed()

    def run_program(self, program: LoadProgram, mode: Mode = "CC") -> None:
        """Play it from now on."""
        self.program, self.program_mode = program, mode
        self.circuit.changed()

    def sunk_A(self) -> float:
        """Really sunk current."""
        return -self.true_current_A() + 0.0  # turns a negative zero into zero

    def reading(self, quantity: Literal["V", "A", "W"], form: str) -> str:
        """Text of one measurement, faults included."""
        true = self.sunk_A() if quantity == "A" else self.true_voltage_V()
        if quantity == "W":
            true *= self.sunk_A()
        return self.readings.show(quantity, true, form)

    def count(self, quantity: Literal["V", "A", "W"], per_unit: float, highest: int) -> int:
        """One measurement as a binary register holds it; what a text cannot be here is the highest number."""
        try:
            value = round(float(self.reading(quantity, "%.6f")) * per_unit)
        except (ValueError, OverflowError):
            return highest
        return min(max(value, 0), highest)
