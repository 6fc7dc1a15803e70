"""The power stage, setpoints and measurements of the simulated SM15K."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from simulators.faults import FaultSpec
from simulators.instruments.delta_counters import IntegratorBank, Watchdog
from simulators.instruments.delta_sequencer import Sequencer
from simulators.instruments.power import PowerInstrument
from simulators.network import Drive
from simulators.scpi import parameters
from simulators.scpi.errors import ErrorQueue, ScpiError, illegal_parameter, settings_conflict
from simulators.scpi.status import StatusModel
from simulators.wiring import Circuit

#: name: loop it belongs to, header
SETPOINTS = {
    "SV": ("CV", "SOURce:VOLtage"),
    "SC": ("CC", "SOURce:CURrent"),
    "SCN": ("CC", "SOURce:CURrent:NEGative"),
    "SP": ("CP", "SOURce:POWer"),
    "SPN": ("CP", "SOURce:POWer:NEGative"),
}
_SOURCES = ("Remote", "Ethernet", "Local", "Front", "Web", "Sequencer", "Slot1", "Slot2", "Slot3", "Slot4")
_FROM_HOST = ("Remote", "Ethernet")
ALARM_BITS = {"dc_failure": 6, "over_temperature": 8, "mains_failure": 10, "interlock_open": 11}
"""Alarms that hold the output off, and their bits in register A."""
_ALARMS = {
    "dc_failure": FaultSpec("the DC side has failed: the output is held off"),
    "over_temperature": FaultSpec("the unit is too hot: the output is held off"),
    "mains_failure": FaultSpec("a phase of the mains is missing: the output is held off"),
    "interlock_open": FaultSpec("the unit's own interlock is open: the output is held off"),
}


class DeltaOptions(BaseModel):
    """Settings of one simulated SM15K. Ratings in V, A, W."""

    model_config = ConfigDict(extra="forbid")

    model: str = "SM70-CP-450"
    voltage_max_V: float = Field(default=70.0, gt=0)
    current_max_A: float = Field(default=450.0, gt=0)
    power_max_W: float = Field(default=15000.0, gt=0)
    serial: str = "000010207248"
    firmware: str = "H0_P0150"
    power_on_source: Literal["Local", "Ethernet"] = "Local"
    remote_sense: bool = True
    watchdog_clock: Literal["real", "simulated"] = "real"
    voltage_noise_V: float = Field(default=0.0005, ge=0)
    current_noise_A: float = Field(default=0.005, ge=0)
    temperature_degC: float = 31.0
    max_clients: int | None = None


def _error_text(error: ScpiError | None) -> str:
    return "0,None" if error is None else f"{error.code},{error.text}"


class DeltaUnit(PowerInstrument):
    """One SM15K in a channel's circuit, without system, status and sequencer commands."""

    ignores_brackets = True
    any_length_headers = True

    def __init__(self, options: DeltaOptions, circuit: Circuit, *, seed: int = 0) -> None:
        super().__init__("delta-sm15k", circuit, ErrorQueue(10, keep_oldest=True), seed=seed)
        self.faults.learn(_ALARMS)
        self.options = options
        self.ranges = {
            "SV": (0.0, options.voltage_max_V),
            "SC": (0.0, options.current_max_A),
            "SCN": (-options.current_max_A, 0.0),
            "SP": (0.0, options.power_max_W),
            "SPN": (-options.power_max_W, 0.0),
        }
        self.setpoints = dict.fromkeys(SETPOINTS, 0.0)
        self.limits = {
            name: (low if high == 0.0 else high, False) for name, (low, high) in self.ranges.items()
        }
        self.sources: dict[str, str] = dict.fromkeys(("CV", "CC", "CP"), options.power_on_source)
        self.output = False
        self.shutdown = False
        self.front_locked = False
        self.protection = False
        self.watchdog = Watchdog(circuit.clock, options.watchdog_clock)
        self.sequencer = Sequencer(self)
        self.integrators = IntegratorBank()
        volt_step = options.voltage_max_V / 65536
        ampere_step = options.current_max_A / 32768
        self.readings.add("V", step=volt_step, noise=options.voltage_noise_V)
        self.readings.add("A", step=ampere_step, noise=options.current_noise_A)
        self.readings.add("W", step=0.0, noise=0.0)
        self._register()

    # ---- circuit --------------------------------------------------------------------------

    @property
    def output_on(self) -> bool:
        """Output stage enabled: switched on and no shutdown or protection holds it off."""
        return self.output and not self.shutdown

    @property
    def remote_sense(self) -> bool:
        """Sense wiring is fixed on this model."""
        return self.options.remote_sense

    def effective(self, name: str) -> float:
        """Setpoint with the unit's own limit applied."""
        value = self.setpoints[name]
        limit, enabled = self.limits[name]
        if not enabled:
            return value
        return max(value, limit) if name.endswith("N") else min(value, limit)

    def drive(self, voltage_V: float) -> Drive | None:
        """CV with current and power limits in both directions."""
        if not self.output or self.shutdown:
            return None
        highest_A = self.effective("SC")
        lowest_A = self.effective("SCN")
        if voltage_V > 0.01:
            highest_A = min(highest_A, self.effective("SP") / voltage_V)
            lowest_A = max(lowest_A, self.effective("SPN") / voltage_V)
        remote = self.options.remote_sense and self.sense_connected
        highest_A, lowest_A = highest_A * self.delivered, lowest_A * self.delivered
        return Drive(self.effective("SV"), lowest_A, highest_A, remote)

    def next_event_s(self) -> float:
        """Next sequencer step or watchdog expiry."""
        return min(self.sequencer.next_event_s(), self.watchdog.expiry_s())

    def run_event(self, time_s: float) -> None:
        """A step is due, or the host has been silent for too long."""
        if self.watchdog.expiry_s() <= time_s:
            self.circuit.integrate_to(time_s)
            self.watchdog.expire()
            self.switch_off()
        else:
            self.sequencer.run_event(time_s)

    def after_step(self, time_s: float, duration_s: float, voltage_V: float, current_A: float) -> None:  # noqa: ARG002
        """Feed the Ah and Wh integrators."""
        self.integrators.add(duration_s, current_A, voltage_V * current_A)

    def switch_off(self) -> None:
        """Output off; setpoints remain."""
        if "output_trip" in self.faults.active:
            self.protection = True
        self.output = False
        self.circuit.changed()

    def switch_on(self) -> None:
        """Output on; a protection or shutdown still holds it off."""
        if not self.held_off:
            self.output = True
        self.circuit.changed()

    @property
    def held_off(self) -> bool:
        """Whether a protection or an alarm lets nobody switch on."""
        return "output_trip" in self.faults.active or any(name in self.faults.active for name in ALARM_BITS)

    def _fault_changed(self, name: str) -> None:
        if name in ALARM_BITS and name in self.faults.active:
            self.settle()
            self.switch_off()
        super()._fault_changed(name)

    def front_panel_took_over(self) -> None:
        """All loops follow the front panel: setpoints stay as they are, the sequencer's too."""
        self.sources = dict.fromkeys(self.sources, "Local")

    def power_down(self) -> None:
        """Also forgets the watchdog, what its loops followed, and the programs that were not saved."""
        super().power_down()
        self.watchdog.stop()
        self.sequencer.forget()
        self.sources = dict.fromkeys(self.sources, self.options.power_on_source)

    # ---- sequencer's view -----------------------------------------------------------------

    def sequence_set(self, name: str, value: float, time_s: float) -> None:
        """Take a setpoint from the sequencer if the loop listens to it."""
        if self.sources[SETPOINTS[name][0]] != "Sequencer":
            return
        low, high = self.ranges[name]
        self.circuit.integrate_to(time_s)
        self.setpoints[name] = min(max(value, low), high)
        self.circuit.changed()

    def sequence_read(self, name: str, time_s: float) -> float:
        """Setpoint or measured value for the sequencer's comparisons."""
        if name in self.setpoints:
            return self.setpoints[name]
        self.circuit.integrate_to(time_s)
        volt, ampere = self.true_voltage_V(), self.true_current_A()
        return {"MV": volt, "MC": ampere, "MP": volt * ampere}[name]

    # ---- commands -------------------------------------------------------------------------

    def after_valid_command(self) -> None:
        """Any valid command reloads the watchdog."""
        self.watchdog.reload()

    def _register(self) -> None:
        add = self.table.add
        options = self.options
        idn = f"DELTA ELEKTRONIKA BV,{options.model},{options.serial},{options.firmware},0"
        StatusModel(self, identity=lambda: idn, reset=self.reset, error_text=_error_text, registers=False)
        add("*PUD?", lambda _: "")
        add("*SAV", lambda _: None)
        steps = {"SV": options.voltage_max_V, "SC": options.current_max_A, "SP": options.power_max_W}
        for name, (_, header) in SETPOINTS.items():
            self._register_setpoint(name, header, steps.get(name))
        for loop in self.sources:
            self._register_source(loop)
        add("MEASure:VOLtage?", self._measure_voltage)
        add("MEASure:CURrent?", self._measure_current)
        add("MEASure:POWer?", self._measure_power)
        add("MEASure:TEMperature?", lambda _: f"{options.temperature_degC:.1f}")
        add("OUTPut", self._set_output)
        add("OUTPut?", lambda _: "1" if self.output else "0")

    def _register_setpoint(self, name: str, header: str, full_scale: float | None) -> None:
        low, high = self.ranges[name]
        unit = {"V": "V", "C": "A", "P": "W"}[name[1]]

        def write(text: str) -> None:
            value = parameters.number(text, low, high, unit=unit)
            if self.sources[SETPOINTS[name][0]] in _FROM_HOST:
                self.settle()
                self.setpoints[name] = value
                self.circuit.changed()

        limit = low if name.endswith("N") else high
        self.table.add(header, write)
        self.table.add(f"{header}?", lambda _: f"{self.setpoints[name]:.4f}")
        self.table.add(f"{header}:MAXimum?", lambda _: f"{limit:.0f}")
        if full_scale is not None:
            self.table.add(f"{header}:STEpsize?", lambda _: f"{full_scale / 65536:.15e}")

        def write_limit(text: str) -> None:
            parts = parameters.split(text)
            if len(parts) != 2:
                raise ScpiError(-109, "Missing parameter")
            value = parameters.number(parts[0], low, high, unit=unit)
            enabled = parameters.boolean(parts[1])
            self.settle()
            self.limits[name] = (value, enabled)
            self.circuit.changed()

        def read_limit(_: str) -> str:
            value, enabled = self.limits[name]
            return f"{value:.4f},{'ON' if enabled else 'OFF'}"

        limits_header = header.replace("SOURce", "SYSTem:LIMits")
        self.table.add(limits_header, write_limit)
        self.table.add(f"{limits_header}?", read_limit)

    def _register_source(self, loop: str) -> None:
        def write(text: str) -> None:
            given = text.strip().lower()
            source = next((name for name in _SOURCES if name.lower() == given), None)
            if source is None:
                raise illegal_parameter()
            self.settle()
            self.sources[loop] = source
            self.circuit.changed()

        self.table.add(f"SYSTem:REMote:{loop}[:STAtus]", write)
        self.table.add(f"SYSTem:REMote:{loop}[:STAtus]?", lambda _: self.sources[loop])

    def _set_output(self, text: str) -> None:
        wanted = parameters.boolean(text)
        if wanted and (self.held_off or self.shutdown):
            raise settings_conflict()
        self.settle()
        self.output = wanted
        if wanted:
            self.protection = False
        self.circuit.changed()

    def _measure_voltage(self, _: str) -> str:
        return self.readings.show("V", self.true_voltage_V(), "%.4f")

    def _measure_current(self, _: str) -> str:
        return self.readings.show("A", self.true_current_A(), "%.4f")

    def _measure_power(self, _: str) -> str:
        return self.readings.show("W", self.true_voltage_V() * self.true_current_A(), "%.2f")

    def reset(self) -> None:
        """``*RST``: output off, setpoints 0, shutdown off, loops to Ethernet, front unlocked."""
        self.settle()
        self.output = False
        self.shutdown = False
        self.front_locked = False
        self.sequencer.stop()
        for name in self.setpoints:
            self.setpoints[name] = 0.0
        for loop in self.sources:
            self.sources[loop] = "Ethernet"
        self.circuit.changed()
