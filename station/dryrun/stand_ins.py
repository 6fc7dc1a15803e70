"""Instruments in memory that do exactly as they are told, around a battery of the simulators."""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from dataclasses import replace

from drivers.capabilities import Capabilities
from drivers.contracts.bms import Bms, BmsSnapshot
from drivers.contracts.common import Identity
from drivers.contracts.power import (
    PowerPort,
    PowerReading,
    Protection,
    SafeState,
    SequenceState,
    SequenceStep,
)
from drivers.contracts.scanner import Quantity, ScanChannel, Scanner, ScanReading
from drivers.errors import OutOfRange
from simulators.battery.base import Battery
from station.bench.instruments import SensorInput

READ_S = 0.001
"""Bench time of one reading."""
PIECE_S = 10.0
"""The battery's state is brought on at most so far at once."""
DENSE_S, SCAN_AHEAD = 0.5, 3
"""Samples closer together than this get a scan each; else time runs ahead of them by so many samples."""
SCAN_WAIT_S = 30.0
"""Real time; a scanner that is not polled yet is not waited for any longer."""
UNASKED_S = 2.0
"""Real time after which a poller scans although nothing waits for it."""
POLLER = "scanner"
"""The name of the threads that poll scanners."""
NOISE = 0.5
"""Scatter of readings, in steps of the instrument's resolution."""
AMBIENT_DEGC = 25.0


class MemoryClock:
    """Bench time that moves only when somebody waits or an instrument takes its time."""

    speed = 1.0

    def __init__(self) -> None:
        self.t = 0.0

    def now_s(self) -> float:
        """Bench time in s."""
        return self.t

    def sleep_until(self, bench_s: float) -> None:
        """Leap to there."""
        self.t = max(self.t, bench_s)


class Circuit:
    """Battery, current and time. Scanners look from threads of their own."""

    def __init__(self, battery: Battery, capabilities: Capabilities, *, seed: int) -> None:
        self.clock, self.battery, self.capabilities = MemoryClock(), battery, capabilities
        self.on, self.command_A = False, 0.0
        self.program: tuple[SequenceStep, ...] = ()
        self.started_s: float | None = None
        self.scanners: list[MemoryScanner] = []
        self._at_s = self._read_s = 0.0
        self._random = random.Random(seed)
        self._lock = threading.Lock()

    @property
    def ends_s(self) -> float:
        """When the program is over."""
        assert self.started_s is not None
        return self.started_s + sum(step.duration_s for step in self.program)

    def flow(self, at_s: float) -> tuple[float, float]:
        """The current at ``at_s``, and until when it stays."""
        if not self.on:
            return 0.0, float("inf")
        if self.started_s is None:
            return self.command_A, float("inf")
        edge_s = self.started_s
        for step in self.program:
            edge_s += step.duration_s
            if at_s < edge_s:
                return step.current_A, edge_s
        return 0.0, float("inf")

    def settle(self) -> float:
        """Bring the battery to the present; the current in A that flows now."""
        with self._lock:
            now_s = self.clock.now_s()
            while self._at_s < now_s:
                current_A, until_s = self.flow(self._at_s)
                to_s = min(now_s, until_s, self._at_s + PIECE_S)
                self.battery.advance(current_A, to_s - self._at_s)
                self._at_s = to_s
            return self.flow(now_s)[0]

    def wait_for_scanners(self) -> None:
        """Time goes on only so far as they can follow."""
        now_s = self.clock.now_s()
        gap_s = now_s - self._read_s
        ahead_s = 0.9 * gap_s if gap_s < DENSE_S else SCAN_AHEAD * gap_s
        for scanner in self.scanners:
            scanner.wait_for(now_s - ahead_s)
        self._read_s = now_s

    def read(self) -> PowerReading:
        """What the instrument measures."""
        current_A = self.settle()
        with self._lock:
            voltage_V = self.battery.voltage_V(current_A)
            able, scatter = self.capabilities, self._random.gauss
            return PowerReading(
                voltage_V + NOISE * able.voltage_resolution_V * scatter(0.0, 1.0),
                current_A + NOISE * able.current_resolution_A * scatter(0.0, 1.0),
            )

    def cells(self) -> tuple[float, tuple[float, ...], tuple[float, ...]]:
        """Voltage at the terminals, of each cell, and each cell's temperature in °C."""
        current_A = self.settle()
        with self._lock:
            return (
                self.battery.voltage_V(current_A),
                self.battery.cell_voltages_V(current_A),
                self.battery.temperatures_degC(),
            )


class MemoryPower(PowerPort):
    """A source and sink with the abilities of the instrument it stands for."""

    def __init__(self, circuit: Circuit, who: Identity) -> None:
        self._circuit, self._who = circuit, who
        self._protection: Protection | None = None

    @property
    def capabilities(self) -> Capabilities:
        """Those of the instrument that was asked."""
        return self._circuit.capabilities

    def prepare(self, protection: Protection) -> None:
        """Keep the limits; everything off."""
        self._protection = protection
        self.make_safe()

    def set_current(self, current_A: float) -> None:
        """Raises OutOfRange beyond the protection."""
        limits = self._protection
        if limits is None or not (
            -limits.discharge_current_max_A <= current_A <= limits.charge_current_max_A
        ):
            raise OutOfRange(f"{current_A:g} A is beyond the protection")
        self._circuit.settle()
        self._circuit.command_A = current_A

    def output_on(self) -> None:
        """The commanded current flows from now on."""
        self._circuit.settle()
        self._circuit.on = True

    def output_off(self) -> None:
        """No current flows from now on."""
        self._circuit.settle()
        self._circuit.on = False

    def output_is_on(self) -> bool:
        """As commanded."""
        return self._circuit.on

    def read(self) -> PowerReading:
        """Takes a millisecond of bench time."""
        self._circuit.wait_for_scanners()
        self._circuit.clock.t += READ_S
        return self._circuit.read()

    def load_sequence(self, steps: Sequence[SequenceStep]) -> None:
        """Keep the program."""
        self._circuit.program = tuple(steps)

    def start_sequence(self) -> None:
        """Begin at once."""
        self._circuit.settle()
        self._circuit.started_s = self._circuit.clock.now_s()

    def sequence_state(self) -> SequenceState:
        """By the clock."""
        if self._circuit.started_s is None or self._circuit.clock.now_s() >= self._circuit.ends_s:
            return SequenceState.STOPPED
        return SequenceState.RUNNING

    def stop_sequence(self) -> None:
        """Zero current from now on."""
        self._circuit.settle()
        self._circuit.started_s, self._circuit.command_A = None, 0.0

    def arm_watchdog(self, timeout_s: float) -> None:
        """No link, nothing to watch."""

    def set_load_on_timer(self, limit_s: float) -> None:
        """No link, nothing to watch."""

    def feed_watchdog(self) -> None:
        """No link, nothing to watch."""

    def disarm_watchdog(self) -> None:
        """No link, nothing to watch."""

    def make_safe(self) -> None:
        """Off, at zero current."""
        self._circuit.settle()
        self._circuit.on, self._circuit.command_A, self._circuit.started_s = False, 0.0, None

    def verify_safe(self) -> SafeState:
        """As it is."""
        return SafeState(self._circuit.on, self._circuit.settle())

    def identify(self) -> Identity:
        """The instrument it stands for."""
        return self._who

    def close(self) -> None:
        """Nothing to close."""


class MemoryScanner(Scanner):
    """Reads what its inputs are wired to by the bench file."""

    def __init__(self, circuit: Circuit, who: Identity, inputs: Sequence[SensorInput]) -> None:
        self._circuit, self._who = circuit, who
        self._inputs = {one.number: one for one in inputs}
        self._began_s = self._taken_in_s = 0.0
        self._polled = True
        self._awaited, self._turn = threading.Event(), threading.Condition()
        circuit.scanners.append(self)
        self._wanted: list[ScanChannel] = []

    def configure(self, channels: Sequence[ScanChannel]) -> None:
        """What is scanned from now on."""
        self._wanted = list(channels)

    def scan(self) -> list[ScanReading]:
        """All at one moment."""
        # Asked again: what was told the last time has been taken in, and time may go on from there.
        self._take_in()
        polling = threading.current_thread().name == POLLER
        if polling:
            # While time stands still for it, so that no scan lies between two samples.
            self._awaited.wait(UNASKED_S)
        self._began_s = self._circuit.clock.now_s()
        terminals_V, cells_V, temperatures_degC = self._circuit.cells()
        found = []
        for wanted in self._wanted:
            put = self._inputs[wanted.number]
            if put.role == "cell" and put.cell is not None:
                value = cells_V[put.cell - 1]
            elif put.role == "cell_surface":
                value = max(temperatures_degC)
            elif wanted.quantity is Quantity.TEMPERATURE:
                value = AMBIENT_DEGC
            else:
                value = terminals_V
            found.append(ScanReading(wanted.number, wanted.quantity, value))
        if not polling:
            self._take_in()
        return found

    def _take_in(self) -> None:
        with self._turn:
            self._taken_in_s, self._polled = self._began_s, True
            self._turn.notify_all()

    def wait_for(self, bench_s: float) -> None:
        """Until a scan of ``bench_s`` or later has been taken in, as long as somebody scans at all."""
        if self._taken_in_s >= bench_s or not self._polled:
            return
        self._awaited.set()
        with self._turn:
            self._polled = self._turn.wait_for(lambda: self._taken_in_s >= bench_s, SCAN_WAIT_S)
        self._awaited.clear()

    def identify(self) -> Identity:
        """The instrument it stands for."""
        return self._who

    def close(self) -> None:
        """No more scans."""
        self._awaited.set()
        if self in self._circuit.scanners:
            self._circuit.scanners.remove(self)


class MemoryBms(Bms):
    """Tells the same signals as the BMS that was listened to; those it can know are of this moment."""

    def __init__(self, circuit: Circuit, who: Identity, template: BmsSnapshot) -> None:
        self._circuit, self._who, self._template = circuit, who, template

    def start(self) -> None:
        """Nothing to start."""

    def snapshot(self) -> BmsSnapshot:
        """Everything is fresh."""
        current_A = self._circuit.settle()
        terminals_V, cells_V, temperatures_degC = self._circuit.cells()
        now = {
            "pack_voltage_V": terminals_V,
            "current_A": current_A,
            "soc_pct": 100.0 * self._circuit.battery.truth().soc,
            "temperature_degC": max(temperatures_degC),
        }
        signals = {
            name: replace(signal, value=now.get(name, signal.value), age_s=0.0)
            for name, signal in self._template.signals.items()
        }
        cells = cells_V if self._template.cell_voltages_V else ()
        return replace(
            self._template, signals=signals, cell_voltages_V=cells, cell_voltages_age_s=0.0,
            cell_ages_s=tuple(0.0 for _ in cells) if self._template.cell_ages_s else (), cell_arrived_s=(),
        )  # fmt: skip

    def identify(self) -> Identity:
        """The BMS it stands for."""
        return self._who

    def close(self) -> None:
        """Nothing to close."""
