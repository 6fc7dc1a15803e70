"""What all simulated power instruments share: their place in the circuit and their readings."""

from __future__ import annotations

from collections.abc import Mapping

from simulators.faults import LINK_FAULTS, POWER_FAULTS, READING_FAULTS, FaultSet, FaultSpec
from simulators.instruments.readings import Readings
from simulators.network import Drive
from simulators.scpi.device import ScpiDevice
from simulators.scpi.errors import ErrorQueue, settings_conflict
from simulators.scpi.table import Later
from simulators.wiring import NEVER_S, Circuit


class PowerInstrument(ScpiDevice):
    """A SCPI instrument that can move energy in one channel's circuit."""

    def __init__(
        self,
        kind: str,
        circuit: Circuit,
        errors: ErrorQueue,
        *,
        seed: int,
        link_faults: Mapping[str, FaultSpec] = LINK_FAULTS,
    ) -> None:
        super().__init__(FaultSet(kind, link_faults, READING_FAULTS, POWER_FAULTS), errors)
        self.circuit = circuit
        self.readings = Readings(self.faults, seed=seed)
        self.faults.on_change(self._fault_changed)
        circuit.add_power(self)

    # ---- the circuit's view ---------------------------------------------------------------

    def drive(self, voltage_V: float) -> Drive | None:
        """What the instrument does at present."""
        raise NotImplementedError

    def next_event_s(self) -> float:
        """Nothing by itself, unless a model says so."""
        return NEVER_S

    def run_event(self, time_s: float) -> None:
        """Nothing to do."""

    def after_step(self, time_s: float, duration_s: float, voltage_V: float, current_A: float) -> None:
        """Nothing to note."""

    @property
    def output_on(self) -> bool:
        """Whether the output or input is really on."""
        raise NotImplementedError

    def switch_off(self) -> None:
        """Turn the output off, as a protection does."""
        raise NotImplementedError

    # ---- help for models ------------------------------------------------------------------

    def before_line(self) -> None:
        """Events due by now happen before the command does."""
        self.circuit.refresh()

    def settle(self) -> None:
        """Integrate up to now with the old settings; call before changing one."""
        self.circuit.advance()

    @property
    def sense_connected(self) -> bool:
        """Whether this instrument's sense leads are on."""
        return "sense_open" not in self.faults.active and self.circuit.sense_connected

    @property
    def remote_sense(self) -> bool:
        """Whether it is set to regulate and measure at the posts."""
        return True

    def true_voltage_V(self) -> float:
        """What it would measure without error."""
        return self.circuit.sensed_V(remote=self.remote_sense and self.sense_connected)

    def true_current_A(self) -> float:
        """Its own current, positive into the battery."""
        return self.circuit.share_A(self)

    @property
    def delivered(self) -> float:
        """Share of the set current that really flows."""
        return 0.5 if "half_current" in self.faults.active else 1.0

    def execute(self, line: str) -> list[str | Later]:
        """A line from the host; while a person works at the front panel only queries get through."""
        if "remote_lost" in self.faults.active and "?" not in line:
            self.errors.push(settings_conflict())
            return []
        return super().execute(line)

    def switch_on(self) -> None:
        """Turn the output on, as a person at the front panel does."""
        raise NotImplementedError

    def front_panel_took_over(self) -> None:
        """What leaving remote control does to the instrument; nothing by itself."""

    def reset(self) -> None:
        """Back to power-on settings, output off."""
        raise NotImplementedError

    def power_down(self) -> None:
        """The mains is gone: output off at once, and power-on settings when it comes back."""
        self.settle()
        self.switch_off()
        self.reset()

    def _fault_changed(self, name: str) -> None:
        if name not in self.faults.active:
            self.circuit.changed()
            return
        if name in ("output_trip", "trip"):
            self.switch_off()
        elif name == "front_panel":
            (self.switch_off if self.output_on else self.switch_on)()
        elif name == "remote_lost":
            self.front_panel_took_over()
        self.circuit.changed()
