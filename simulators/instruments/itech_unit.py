"""The power stage, priorities and protections of the simulated IT6000C."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from simulators.instruments.delta_counters import Watchdog
from simulators.instruments.itech_battery import BatteryTest
from simulators.instruments.power import PowerInstrument
from simulators.network import Drive
from simulators.scpi.errors import ErrorQueue, ScpiError, settings_conflict
from simulators.wiring import NEVER_S, Circuit

OVP, OCP_PLUS, OCP_MINUS, OPP_PLUS, OPP_MINUS, UVP, UCP = 1, 2, 4, 8, 16, 32, 128
PROTECTION = 8192


class ItechOptions(BaseModel):
    """Settings of one simulated unit. Ratings in V, A, W; ``margin`` is what settings exceed them by."""

    model_config = ConfigDict(extra="forbid")

    model: str = "IT6006C-80-120"
    serial: str = "802199000000000001"
    firmware: str = "000.006.101"
    voltage_max_V: float = Field(default=80.0, gt=0)
    current_max_A: float = Field(default=120.0, gt=0)
    power_max_W: float = Field(default=6000.0, gt=0)
    margin: float = Field(default=1.01, ge=1.0)
    step_V: float = Field(default=0.001, gt=0)
    step_A: float = Field(default=0.001, gt=0)
    combined_fetch: bool = Field(default=False, description="FETCh? answers five values (IT-M3400/M3900)")
    watchdog_clock: Literal["real", "simulated"] = "real"
    voltage_noise_V: float = Field(default=0.0003, ge=0)
    current_noise_A: float = Field(default=0.002, ge=0)
    max_clients: int | None = None


class Guard:
    """One protection: a level, a state, a delay in s; ``since_s`` is how long it has been exceeded.

    ``warm_s``: how long after the output went on an under-voltage or under-current is not looked at.
    """

    def __init__(self, bit: int, level: float, delay_s: float, warm_s: float = 0.0) -> None:
        self.bit = bit
        self.level = level
        self.delay_s = delay_s
        self.warm_s = warm_s
        self.on = False
        self.since_s = 0.0

    def exceeded(self, over: bool, duration_s: float) -> bool:
        """Let ``duration_s`` pass; True when it trips."""
        self.since_s = self.since_s + duration_s if self.on and over else 0.0
        return self.since_s > 0.0 and self.since_s >= self.delay_s


class ItechUnit(PowerInstrument):
    """One unit in a channel's circuit, without its commands."""

    def __init__(self, options: ItechOptions, circuit: Circuit, *, seed: int = 0) -> None:
        super().__init__("itech-it6000c", circuit, ErrorQueue(20), seed=seed)
        self.options = options
        self.watchdog = Watchdog(circuit.clock, options.watchdog_clock)
        self.watchdog_s = 30.0
        self.watchdog_on = False
        self.remote = False
        self.sense = False
        self.tripped = 0
        self.charge_Ah = self.energy_Wh = 0.0
        self._output = False
        self._on_s = 0.0
        self._switching: tuple[float, bool] | None = None
        self._power_on_settings()
        self.readings.add("V", step=options.step_V, noise=options.voltage_noise_V)
        self.readings.add("A", step=options.step_A, noise=options.current_noise_A)
        self.readings.add("W", step=0.0, noise=0.0)

    def _power_on_settings(self) -> None:
        top = {
            "V": self.options.voltage_max_V,
            "A": self.options.current_max_A,
            "W": self.options.power_max_W,
        }
        self.top = {quantity: value * self.options.margin for quantity, value in top.items()}
        self.priority: Literal["VOLT", "CURR"] = "VOLT"
        self.level = {"VOLT": 0.0, "CURR": 0.0}
        self.limits = {
            "CURR+": self.top["A"], "CURR-": -self.top["A"], "VOLT+": self.top["V"], "VOLT-": 0.0,
            "POW+": self.top["W"], "POW-": -self.top["W"],
        }  # fmt: skip
        self.slew: dict[str, float] = {}
        self.guards = {
            "VOLT": Guard(OVP, self.top["V"], 0.005),
            "CURR": Guard(OCP_PLUS, self.top["A"], 0.010),
            "POW": Guard(OPP_PLUS, self.top["W"], 10.0),
            "VOLT:UND": Guard(UVP, 0.0, 1.0, 20.0),
            "CURR:UND": Guard(UCP, -self.top["A"], 60.0),
        }
        self.delays = {"RISE": 0.0, "FALL": 0.0}
        self.mode: Literal["FIX", "BATT"] = "FIX"
        self.battery = BatteryTest(self.top["V"], self.top["A"])

    # ---- circuit --------------------------------------------------------------------------

    @property
    def output_on(self) -> bool:
        """Output switched on."""
        return self._output

    @property
    def remote_sense(self) -> bool:
        """As ``SENSe`` says."""
        return self.sense

    def drive(self, voltage_V: float) -> Drive | None:
        """Voltage priority regulates between two current limits, current priority between two voltages."""
        if not self._output:
            return None
        highest_A, lowest_A, set_V = self._wanted()
        if voltage_V > 0.01:
            highest_A = min(highest_A, self.limits["POW+"] / voltage_V)
            lowest_A = max(lowest_A, self.limits["POW-"] / voltage_V)
        remote = self.sense and self.sense_connected
        return Drive(set_V, lowest_A * self.delivered, highest_A * self.delivered, remote)

    def _wanted(self) -> tuple[float, float, float]:
        if self.mode == "BATT":
            return self.battery.wanted()
        if self.priority == "VOLT":
            return self.limits["CURR+"], self.limits["CURR-"], self.level["VOLT"]
        current_A = self.level["CURR"]
        if current_A >= 0.0:
            return current_A, 0.0, self.limits["VOLT+"]
        return 0.0, current_A, self.limits["VOLT-"]

    def next_event_s(self) -> float:
        """The watchdog's expiry, or the end of a delay of the output."""
        return min(self.watchdog.expiry_s(), NEVER_S if self._switching is None else self._switching[0])

    def run_event(self, time_s: float) -> None:
        """The output goes on or off as delayed, or the host has been silent for too long."""
        self.circuit.integrate_to(time_s)
        if self._switching is not None and time_s >= self._switching[0]:
            wanted = self._switching[1]
            self._switching = None
            self._switch(wanted)
            return
        self.watchdog.expire()
        self.watchdog_on = False
        self.tripped |= PROTECTION
        self.switch_off()

    def after_step(self, time_s: float, duration_s: float, voltage_V: float, current_A: float) -> None:  # noqa: ARG002
        """Counters and protections."""
        if not self._output:
            return
        self.charge_Ah += current_A * duration_s / 3600.0
        self.energy_Wh += current_A * voltage_V * duration_s / 3600.0
        self._on_s += duration_s
        power_W = current_A * voltage_V
        for name, over in (
            ("VOLT", voltage_V > self.guards["VOLT"].level),
            ("CURR", abs(current_A) > self.guards["CURR"].level),
            ("POW", abs(power_W) > self.guards["POW"].level),
            ("VOLT:UND", voltage_V < self.guards["VOLT:UND"].level),
            ("CURR:UND", current_A < self.guards["CURR:UND"].level),
        ):
            guard = self.guards[name]
            if guard.exceeded(over and self._on_s >= guard.warm_s, duration_s):
                both = guard.bit << 1 if name in ("CURR", "POW") and current_A < 0.0 else guard.bit
                self.tripped |= both | PROTECTION
                self.switch_off()
        if self.mode == "BATT" and self._output and self.battery.over(duration_s, voltage_V, current_A):
            self.switch_off()

    def switch_off(self) -> None:
        """Output off; settings remain."""
        if "output_trip" in self.faults.active:
            self.tripped |= PROTECTION
        self._switching = None
        self._switch(False)

    def switch_on(self) -> None:
        """Output on, unless a protection holds it."""
        if not self.tripped and "output_trip" not in self.faults.active:
            self._switch(True)
        self.circuit.changed()

    def _switch(self, wanted: bool) -> None:
        """On or off at once."""
        if wanted and not self._output:
            self._on_s = 0.0
            self.battery.begin()
        self._output = wanted
        self.circuit.changed()

    def front_panel_took_over(self) -> None:
        """Local control."""
        self.remote = False

    def reset(self) -> None:
        """``*RST``."""
        self.settle()
        self._output, self._switching = False, None
        self.tripped = 0
        self._power_on_settings()
        self.watchdog.stop()
        self.watchdog_on = False
        self.watchdog_s = 30.0
        self.circuit.changed()

    def power_down(self) -> None:
        """Also back in local control."""
        super().power_down()
        self.remote = False

    # ---- for the commands -----------------------------------------------------------------

    def after_valid_command(self) -> None:
        """Any valid command reloads the watchdog."""
        self.watchdog.reload()

    def choose(self, priority: Literal["VOLT", "CURR"]) -> None:
        """``FUNCtion``: the setting that was active becomes a limit of the other priority."""
        if priority == self.priority:
            return
        if priority == "CURR":
            self.limits["VOLT+"] = self.level["VOLT"]
            self.level["CURR"] = 0.0
        else:
            self.limits["CURR+" if self.level["CURR"] >= 0.0 else "CURR-"] = self.level["CURR"]
            self.level["VOLT"] = 0.0
        self.priority = priority

    def set_output(self, wanted: bool) -> None:
        """``OUTPut``, after its delay. Raises ScpiError -221 while a protection is latched."""
        if wanted and (self.tripped or "output_trip" in self.faults.active):
            raise settings_conflict()
        self.settle()
        delay_s = self.delays["RISE" if wanted else "FALL"]
        self._switching = None
        if delay_s > 0.0 and wanted != self._output:
            self._switching = (self.circuit.time_s + delay_s, wanted)
            self.circuit.changed()
        else:
            self._switch(wanted)

    def clear_protection(self) -> None:
        """``OUTPut:PROTection:CLEar``."""
        if "output_trip" in self.faults.active:
            raise ScpiError(-200, "Execution error")
        self.tripped = 0
        for guard in self.guards.values():
            guard.since_s = 0.0

    def guard_host(self, wanted: bool) -> None:
        """``OUTPut:PROTection:WDOG:STATe``."""
        self.watchdog_on = wanted
        self.watchdog.arm(self.watchdog_s * 1000.0) if wanted else self.watchdog.stop()

    def operation(self) -> int:
        """What regulates: 128 CC+, 256 CV, 512 CP+, 2048 CC-, 4096 CP-."""
        if not self._output:
            return 0
        volt, ampere = self.true_voltage_V(), self.true_current_A()
        highest_A, lowest_A, _ = self._wanted()
        if abs(volt * ampere) >= abs(self.limits["POW+" if ampere >= 0 else "POW-"]) * (1 - 1e-6):
            return 512 if ampere >= 0 else 4096
        if ampere >= highest_A * (1 - 1e-6) and highest_A > 0.0:
            return 128
        if ampere <= lowest_A * (1 - 1e-6) and lowest_A < 0.0:
            return 2048
        return 256
