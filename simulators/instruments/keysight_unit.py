"""Scan list, scanning and readings of the simulated 34970A."""

from __future__ import annotations

import random
from copy import copy
from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from simulators.faults import LINK_FAULTS, READING_FAULTS, FaultSet, FaultSpec
from simulators.instruments.keysight_memory import OVERLOAD, Reading, ReadingFormat, ReadingMemory
from simulators.instruments.keysight_setup import VOLT_RANGES_V, ChannelSetup
from simulators.instruments.points import PointOptions, true_degC, true_V
from simulators.scpi.device import ScpiDevice
from simulators.scpi.errors import ErrorQueue, settings_conflict
from simulators.wiring import NEVER_S, Circuit

INPUT_LIMIT_V = 300.0
FAULTS = {
    "thermocouple_open": FaultSpec("this channel's thermocouple (or, with true, all) is broken"),
    "count_wrong": FaultSpec("a scan answers one reading too few (0.1) or too many (1)", 0.1),
}


class KeysightOptions(BaseModel):
    """Settings of one simulated 34970A. ``channel_time_s`` is the time per scanned channel."""

    model_config = ConfigDict(extra="forbid")

    model: Literal["34970A", "34972A", "DAQ970A"] = "34970A"
    channels: dict[int, PointOptions] = Field(default_factory=dict)
    channel_time_s: float = Field(default=0.020, gt=0)
    ambient_degC: float = 25.0
    thermocouple_noise_K: float = Field(default=0.03, ge=0)
    voltage_noise_ppm: float = Field(default=2.0, ge=0)
    accept_scan_add: bool = False
    identity: str = Field(default="", description="empty: that of the model")
    max_clients: int | None = None

    def identity_of_model(self) -> str:
        """The answer to ``*IDN?``; only the oldest model does not tell its serial number."""
        return (
            self.identity
            or {
                "34970A": "HEWLETT-PACKARD,34970A,0,13-2-2",
                "34972A": "Agilent Technologies,34972A,MY49000001,1.17-1.17-02-02",
                "DAQ970A": "Keysight Technologies,DAQ970A,MY58000001,A.02.03-01.00-02.01-00.02-02.00-00.00",
            }[self.model]
        )


class KeysightUnit(ScpiDevice):
    """One scanner in a channel's circuit, without its commands."""

    def __init__(self, options: KeysightOptions, circuit: Circuit, *, seed: int = 0) -> None:
        super().__init__(FaultSet("keysight-34970a", LINK_FAULTS, READING_FAULTS, FAULTS), ErrorQueue(10))
        self.options = options
        self.circuit = circuit
        self.neighbours: dict[str, Circuit] = {}
        """The circuits of the other channels, as they stand at the bench's last tick."""
        self.setups: dict[int, ChannelSetup] = {}
        self.scan_list: list[int] = []
        self.memory = ReadingMemory()
        self.form = ReadingFormat()
        self.trigger_source = "IMM"
        self.trigger_timer_s = 10.0
        self.trigger_count: int | None = 1
        self.epoch = datetime.now(UTC).replace(tzinfo=None)
        self._gauss = random.Random(seed).gauss
        self._sweeps_left: int | None = 0
        self._running = False
        self._position = 0
        self._next_s = NEVER_S
        self._sweep_start_s = 0.0
        self.scan_start_s = 0.0
        self._frozen: dict[int, float] = {}
        circuit.add_participant(self)

    # ---- time -----------------------------------------------------------------------------

    def before_line(self) -> None:
        """Readings due by now are taken before the command."""
        self.circuit.refresh()

    def next_event_s(self) -> float:
        """Time at which the next channel has settled and is read."""
        return self._next_s

    def run_event(self, time_s: float) -> None:
        """Read the channel that is due, then go on to the next one or the next sweep."""
        channel = self.scan_list[self._position]
        self.memory.add(Reading(self.measure(channel, time_s), self.unit_of(channel), time_s, channel))
        self._position += 1
        if self._position < len(self.scan_list):
            self._next_s = time_s + self.channel_time_s(self.scan_list[self._position])
            return
        self._position = 0
        if self._sweeps_left is not None:
            self._sweeps_left -= 1
            if self._sweeps_left <= 0:
                self._finish()
                return
        self._arm_sweep(time_s)

    # ---- scanning -------------------------------------------------------------------------

    @property
    def scanning(self) -> bool:
        """Whether a scan was initiated and is not finished."""
        return self._running

    @property
    def waiting_for_trigger(self) -> bool:
        """Whether the scan waits for ``*TRG``."""
        return self._running and self._next_s == NEVER_S

    def initiate(self) -> None:
        """``INITiate``: clear the memory and wait for the trigger. Raises ScpiError -221."""
        if not self.scan_list or self._running:
            raise settings_conflict()
        self.circuit.advance()
        self.memory.clear()
        self._running = True
        self._position = 0
        self._sweeps_left = self.trigger_count
        self.scan_start_s = self.circuit.time_s
        if self.trigger_source in ("BUS", "EXT"):
            self._next_s = NEVER_S
        else:
            self._start_sweep(self.circuit.time_s)

    def software_trigger(self) -> None:
        """``*TRG`` while waiting for the bus."""
        if not self.waiting_for_trigger or self.trigger_source != "BUS":
            raise settings_conflict()
        self.circuit.advance()
        self._start_sweep(self.circuit.time_s)

    def abort(self) -> None:
        """``ABORt``: stop; readings stay."""
        self._finish()

    def configure(self, channels: list[int], setup: ChannelSetup) -> None:
        """``CONFigure``: these channels become the scan list, FORMat and trigger are reset."""
        self._refuse_while_scanning()
        for channel in channels:
            self.setups[channel] = copy(setup)
        self.set_scan_list(channels)
        self.form.reset()
        self.trigger_source = "IMM"
        self.trigger_count = 1

    def set_scan_list(self, channels: list[int]) -> None:
        """``ROUTe:SCAN``: ascending, without repeats."""
        self._refuse_while_scanning()
        self.scan_list = sorted(set(channels))
        for channel in self.scan_list:
            self.setups.setdefault(channel, ChannelSetup())

    def channel_time_s(self, channel: int) -> float:
        """Settling and conversion time of one channel."""
        setup = self.setups[channel]
        extra_s = max(0.0, setup.nplc - 1.0) / 50.0
        return (self.options.channel_time_s if setup.delay_s is None else setup.delay_s + 0.001) + extra_s

    def stamp(self, time_s: float) -> datetime:
        """Calendar time of the instrument's clock at a simulated time."""
        return self.epoch + timedelta(seconds=time_s)

    def reset(self) -> None:
        """``*RST``: no scan list, default format and trigger, empty memory."""
        self._finish()
        self.setups.clear()
        self.scan_list = []
        self.memory.clear()
        self.form.reset()
        self.trigger_source = "IMM"
        self.trigger_timer_s = 10.0
        self.trigger_count = 1

    def _arm_sweep(self, time_s: float) -> None:
        if self.trigger_source == "TIM":
            self._start_sweep(max(time_s, self._sweep_start_s + self.trigger_timer_s))
        elif self.trigger_source == "IMM":
            self._start_sweep(time_s)
        else:
            self._next_s = NEVER_S

    def _start_sweep(self, time_s: float) -> None:
        self._sweep_start_s = time_s
        self._position = 0
        self._next_s = time_s + self.channel_time_s(self.scan_list[0])

    def _finish(self) -> None:
        self._running = False
        self._next_s = NEVER_S
        self._position = 0

    def _refuse_while_scanning(self) -> None:
        if self._running:
            raise settings_conflict()

    # ---- measuring ------------------------------------------------------------------------

    def unit_of(self, channel: int) -> str:
        """``VDC`` or the temperature unit."""
        setup = self.setups[channel]
        return "VDC" if setup.function == "VOLT" else setup.unit

    def measure(self, channel: int, time_s: float) -> float:
        """One reading at ``time_s`` in the channel's unit, faults included."""
        self.circuit.integrate_to(time_s)
        if "sentinel_reading" in self.faults.active:
            return float(self.faults.active["sentinel_reading"])
        if "frozen_reading" in self.faults.active and channel in self._frozen:
            return self._frozen[channel]
        setup = self.setups[channel]
        value = self._volt(channel, setup) if setup.function == "VOLT" else self._temperature(channel, setup)
        self._frozen[channel] = value
        return value

    def _volt(self, channel: int, setup: ChannelSetup) -> float:
        point = self.options.channels.get(channel)
        volts = 0.0 if point is None or point.kind != "voltage" else true_V(self._circuit_of(point), point)
        divider = 1.0 if point is None else point.divider
        volts /= divider
        range_V = setup.range_V
        if range_V is None:
            range_V = next((r for r in VOLT_RANGES_V if abs(volts) <= 1.2 * r), INPUT_LIMIT_V)
        if abs(volts) > min(1.2 * range_V, INPUT_LIMIT_V):
            return OVERLOAD if volts > 0 else -OVERLOAD
        return divider * (volts + self._gauss(0.0, self.options.voltage_noise_ppm * 1e-6 * range_V))

    def _circuit_of(self, point: PointOptions) -> Circuit:
        return self.circuit if point.bench_channel is None else self.neighbours[point.bench_channel]

    def _temperature(self, channel: int, setup: ChannelSetup) -> float:
        point = self.options.channels.get(channel)
        broken = self.faults.active.get("thermocouple_open")
        if (
            point is None
            or point.kind != "thermocouple"
            or broken is True
            or broken in (channel, str(channel))
        ):
            return OVERLOAD
        value = true_degC(self._circuit_of(point), point, self.options.ambient_degC)
        if value is None:
            return OVERLOAD
        value += self._gauss(0.0, self.options.thermocouple_noise_K)
        return {"C": value, "F": value * 1.8 + 32.0, "K": value + 273.15}[setup.unit]
