"""Simulated EA-PSB 10000: bidirectional supply with one voltage loop and a current limit for each direction.

Facts: an open driver that cites the vendor's ModBus and SCPI guide REV 24. Remote control must be taken with
``SYSTem:LOCK ON`` before anything is set; measurements answer with their unit; the protections are always
active; the measured current is negative while it sinks. Not stated there and chosen here: error numbers
(SCPI's), that queries of settings carry their unit too, decimals (``decimals_V``, ``decimals_A``),
protections of 110 % after power-on, that a tripped output may be switched on again, that the sense leads are
fixed wiring, and that the output stays as it is when the lock is given back. Power is limited by the rating,
and over Modbus also by its registers.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from simulators.instruments.power import PowerInstrument
from simulators.network import Drive
from simulators.scpi import parameters
from simulators.scpi.errors import ErrorQueue, settings_conflict
from simulators.scpi.quantity import add_number
from simulators.scpi.status import StatusModel
from simulators.wiring import Circuit

OVER = 1.02
"""Settings reach 102 % of the rating, protections 110 %."""
_PROTECTION = 1.10


class EaOptions(BaseModel):
    """Settings of one simulated PSB. Ratings in V, A, W; the same current and power in both directions."""

    model_config = ConfigDict(extra="forbid")

    model: str = "PSB 10080-120"
    serial: str = "1234560001"
    firmware: str = "V3.02"
    voltage_max_V: float = Field(default=80.0, gt=0)
    current_max_A: float = Field(default=120.0, gt=0)
    power_max_W: float = Field(default=5000.0, gt=0)
    remote_sense: bool = True
    decimals_V: int = Field(default=2, ge=0, le=4)
    decimals_A: int = Field(default=2, ge=0, le=4)
    voltage_noise_V: float = Field(default=0.001, ge=0)
    current_noise_A: float = Field(default=0.003, ge=0)
    modbus: bool = Field(default=False, description="speak Modbus TCP instead of SCPI")
    max_clients: int | None = None


class EaPsb10000(PowerInstrument):
    """One PSB in a channel's circuit."""

    def __init__(self, options: EaOptions, circuit: Circuit, *, seed: int = 0) -> None:
        super().__init__("ea-psb10000", circuit, ErrorQueue(10), seed=seed)
        self.options = options
        self.rating = {"V": options.voltage_max_V, "A": options.current_max_A, "W": options.power_max_W}
        self.remote = False
        self.alarm = ""
        self._output = False
        self._power_on_settings()
        # Decimals are of the texts; in Modbus a reading is a part of the rating, in steps of 1/0xCCCC.
        step_V, step_A = (
            0.0 if options.modbus else 10.0**-n for n in (options.decimals_V, options.decimals_A)
        )
        self.readings.add("V", step=step_V, noise=options.voltage_noise_V)
        self.readings.add("A", step=step_A, noise=options.current_noise_A)
        self.readings.add("W", step=0.0, noise=0.0)
        self._register()

    def _power_on_settings(self) -> None:
        rating = self.rating
        self.settings = {
            "V": 0.0, "A": 0.0, "sink A": 0.0, "W": rating["W"], "sink W": rating["W"],
            "OVP": rating["V"] * _PROTECTION, "OCP": rating["A"] * _PROTECTION,
        }  # fmt: skip

    # ---- circuit --------------------------------------------------------------------------

    @property
    def output_on(self) -> bool:
        """DC terminal switched on."""
        return self._output

    @property
    def remote_sense(self) -> bool:
        """Sense wiring is fixed."""
        return self.options.remote_sense

    def drive(self, voltage_V: float) -> Drive | None:
        """One voltage loop with a current and a power limit in each direction."""
        if not self._output:
            return None
        highest_A, lowest_A = self.settings["A"], -self.settings["sink A"]
        if voltage_V > 0.01:
            highest_A = min(highest_A, self.settings["W"] / voltage_V)
            lowest_A = max(lowest_A, -self.settings["sink W"] / voltage_V)
        remote = self.remote_sense and self.sense_connected
        return Drive(self.settings["V"], lowest_A * self.delivered, highest_A * self.delivered, remote)

    def after_step(self, time_s: float, duration_s: float, voltage_V: float, current_A: float) -> None:  # noqa: ARG002
        """The protections, which are always active."""
        if self._output and (voltage_V > self.settings["OVP"] or current_A > self.settings["OCP"]):
            self.alarm = "OVP" if voltage_V > self.settings["OVP"] else "OCP"
            self.switch_off()

    def switch_off(self) -> None:
        """DC terminal off; settings remain."""
        self._output = False
        self.circuit.changed()

    def switch_on(self) -> None:
        """DC terminal on, unless a protection holds it."""
        if "output_trip" not in self.faults.active:
            self._output, self.alarm = True, ""
        self.circuit.changed()

    def front_panel_took_over(self) -> None:
        """The owner at the front panel takes the lock away."""
        self.remote = False

    def reset(self) -> None:
        """``*RST``: output off, settings of power-on, the lock stays."""
        self.settle()
        self._output, self.alarm = False, ""
        self._power_on_settings()
        self.circuit.changed()

    def _reset_by_host(self) -> None:
        self.need_lock()
        self.reset()

    def power_down(self) -> None:
        """Also forgets who had the lock."""
        super().power_down()
        self.remote = False

    # ---- commands -------------------------------------------------------------------------

    def change(self, name: str, value: float) -> None:
        """Take a setting; refused without the lock."""
        self.need_lock()
        self.settle()
        self.settings[name] = value
        self.circuit.changed()

    def need_lock(self) -> None:
        """Raise ScpiError -221 unless remote control was taken."""
        if not self.remote:
            raise settings_conflict()

    def set_output(self, wanted: bool) -> None:
        """Switch the DC terminal; refused without the lock or while a protection holds it off."""
        self.need_lock()
        if wanted and "output_trip" in self.faults.active:
            raise settings_conflict()
        self.settle()
        self.switch_on() if wanted else self.switch_off()

    def _register(self) -> None:
        options, add = self.options, self.table.add
        identity = (
            f"EA Elektro-Automatik GmbH & Co. KG, {options.model}, {options.serial}, {options.firmware}"
        )
        StatusModel(
            self,
            identity=lambda: identity,
            reset=self._reset_by_host,
            questionable=lambda: {"OVP": 1, "OCP": 2}.get(self.alarm, 0),
        )
        add("SYSTem:LOCK", self._lock)
        add("SYSTem:LOCK:OWNer?", lambda _: "REMOTE" if self.remote else "NONE")
        add("OUTPut[:STATe]", lambda text: self.set_output(parameters.boolean(text)))
        add("OUTPut[:STATe]?", lambda _: "ON" if self._output else "OFF")
        for header, name, quantity, top in (
            ("[SOURce:]VOLTage[:LEVel][:IMMediate][:AMPLitude]", "V", "V", OVER),
            ("[SOURce:]CURRent[:LEVel][:IMMediate][:AMPLitude]", "A", "A", OVER),
            ("SINK:CURRent[:LEVel][:IMMediate][:AMPLitude]", "sink A", "A", OVER),
            ("[SOURce:]VOLTage:PROTection[:LEVel]", "OVP", "V", _PROTECTION),
            ("[SOURce:]CURRent:PROTection[:LEVel]", "OCP", "A", _PROTECTION),
        ):
            self._setting(header, name, quantity, top)
        add("MEASure[:SCALar]:VOLTage[:DC]?", lambda _: self._measure("V"))
        add("MEASure[:SCALar]:CURRent[:DC]?", lambda _: self._measure("A"))
        add("MEASure[:SCALar]:POWer[:DC]?", lambda _: self._measure("W"))

    def _setting(self, header: str, name: str, quantity: str, top: float) -> None:
        decimals = self.options.decimals_V if quantity == "V" else self.options.decimals_A
        add_number(
            self.table,
            header,
            read=lambda: self.settings[name],
            write=lambda value: self.change(name, value),
            span=lambda: (0.0, self.rating[quantity] * top),
            show=lambda value: f"{value:.{decimals}f}{quantity}",
            unit=quantity,
        )

    def _lock(self, text: str) -> None:
        wanted = parameters.boolean(text)
        if wanted and "remote_lost" in self.faults.active:
            raise settings_conflict()
        self.remote = wanted

    def _measure(self, quantity: str) -> str:
        volt, ampere = self.true_voltage_V(), self.true_current_A()
        true = {"V": volt, "A": ampere, "W": volt * ampere}[quantity]
        decimals = {"V": self.options.decimals_V, "A": self.options.decimals_A, "W": 0}[quantity]
        text = self.readings.show(quantity, true, f"%.{decimals}f")
        plain = text.lstrip("+-").replace(".", "", 1).isdigit()
        return f"{text}{quantity}" if plain else text
