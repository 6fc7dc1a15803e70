"""A bench in memory for the engine: fake time, a cell, a scanner, switches for faults."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from drivers.capabilities import Capabilities, Span, TimingClass, Watchdog
from drivers.contracts.common import Identity, Instrument
from drivers.contracts.power import (
    PowerPort,
    PowerReading,
    Protection,
    SafeState,
    SequenceState,
    SequenceStep,
)
from drivers.contracts.scanner import ScanChannel, Scanner, ScanReading
from drivers.errors import InstrumentError, OutOfRange
from profiles import Profile, resolve
from station.engine.base.job import Job, parse_job


class FakeClock:
    """Bench time that moves only when somebody sleeps or an instrument takes its time."""

    speed = 1.0

    def __init__(self) -> None:
        self.t = 0.0

    def now_s(self) -> float:
        return self.t

    def sleep_until(self, bench_s: float) -> None:
        self.t = max(self.t, bench_s)


class FakeCell:
    """3.65 V behind ``ohm``; ``drift_V_per_s`` moves the rested voltage."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.ocv_V, self.ohm, self.drift_V_per_s = 3.65, 0.003, 0.0
        self.current_A = 0.0
        self.surface_degC: float | None = 25.0
        self.terminals_factor = 1.0

    def voltage_V(self) -> float:
        return self.ocv_V + self.drift_V_per_s * self.clock.now_s() + self.ohm * self.current_A


class FakeSource(PowerPort):
    """Keeps the contract of a PowerPort; plays sequences by the fake clock."""

    READ_S = 0.001

    def __init__(self, cell: FakeCell) -> None:
        self.cell, self.clock = cell, cell.clock
        self.log: list[tuple[float, str, float]] = []
        self.on = False
        self.command_A = 0.0
        self.lead_ohm = 0.0
        self.remote_sense = True
        self.gain = 1.0
        self.watchdog: Watchdog | None = Watchdog(Span(0.02, 10.0))
        self.load_on_timer: Span | None = None
        self.unwatched: tuple[str, ...] | None = None
        self.timing = frozenset({TimingClass.COMMANDED, TimingClass.SEQUENCED})
        self.fail_read_at_s = float("inf")
        self.fail_read_with: Exception | None = None
        self.sequence: list[SequenceStep] = []
        self.started_s: float | None = None
        self.stop_early_at_s = float("inf")
        self.closed = 0

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            Span(0, 70), Span(-100, 100), Span(-5000, 5000), 0.0001, 0.001, 0.001, self.timing, 50,
            watchdog=self.watchdog, load_on_timer=self.load_on_timer, unwatched=self.unwatched,
            remote_sense=self.remote_sense,
        )  # fmt: skip

    def _now_A(self) -> float:
        if not self.on:
            return 0.0
        if self.started_s is None:
            return self.command_A * self.gain
        elapsed = self.clock.now_s() - self.started_s
        if self.clock.now_s() >= self.stop_early_at_s:
            return 0.0
        for step in self.sequence:
            if elapsed < step.duration_s:
                return step.current_A
            elapsed -= step.duration_s
        return 0.0

    def _note(self, what: str, value: float = 0.0) -> None:
        self.log.append((self.clock.now_s(), what, value))

    def prepare(self, protection: Protection) -> None:
        self.protection = protection
        self.on, self.command_A = False, 0.0
        self._note("prepare")

    def set_current(self, current_A: float) -> None:
        p = self.protection
        if not -p.discharge_current_max_A <= current_A <= p.charge_current_max_A:
            raise OutOfRange(f"{current_A} A")
        self.command_A = current_A
        self._note("set_current", current_A)

    def output_on(self) -> None:
        assert self.command_A == 0.0
        self.on = True
        self._note("output_on")

    def output_off(self) -> None:
        self.on = False
        self._note("output_off")

    def output_is_on(self) -> bool:
        return self.on

    def read(self) -> PowerReading:
        if self.clock.now_s() >= self.fail_read_at_s and self.fail_read_with is not None:
            raise self.fail_read_with
        self.clock.t += self.READ_S
        self.cell.current_A = self._now_A()
        return PowerReading(self.cell.voltage_V() + self.lead_ohm * self.cell.current_A, self.cell.current_A)

    def load_sequence(self, steps: Sequence[SequenceStep]) -> None:
        self.sequence = list(steps)
        self._note("load_sequence", len(steps))

    def start_sequence(self) -> None:
        self.started_s = self.clock.now_s()
        self.clock.t += 0.002
        self._note("start_sequence")

    def sequence_state(self) -> SequenceState:
        assert self.started_s is not None
        end_s = self.started_s + sum(step.duration_s for step in self.sequence)
        running = self.clock.now_s() < min(end_s, self.stop_early_at_s)
        return SequenceState.RUNNING if running else SequenceState.STOPPED

    def stop_sequence(self) -> None:
        self.started_s, self.command_A = None, 0.0
        self._note("stop_sequence")

    def arm_watchdog(self, timeout_s: float) -> None:
        self._note("arm_watchdog", timeout_s)

    def set_load_on_timer(self, limit_s: float) -> None:
        self._note("set_load_on_timer", limit_s)

    def feed_watchdog(self) -> None:
        self._note("feed_watchdog")

    def disarm_watchdog(self) -> None:
        self._note("disarm_watchdog")

    def make_safe(self) -> None:
        self.on, self.command_A, self.started_s = False, 0.0, None
        self._note("make_safe")

    def verify_safe(self) -> SafeState:
        return SafeState(self.on, self._now_A())

    def identify(self) -> Identity:
        return Identity("FAKE", "SOURCE", "1", "")

    def close(self) -> None:
        self.closed += 1

    def said(self, what: str) -> list[tuple[float, float]]:
        return [(t, value) for t, name, value in self.log if name == what]


class FakeScanner(Scanner):
    """Input 1 surface, 2 ambient, 3 terminals."""

    def __init__(self, cell: FakeCell) -> None:
        self.cell = cell

    def configure(self, channels: Sequence[ScanChannel]) -> None:
        self.channels = list(channels)

    def scan(self) -> list[ScanReading]:
        values = {1: self.cell.surface_degC, 2: 24.0, 3: self.cell.voltage_V() * self.cell.terminals_factor}
        return [ScanReading(c.number, c.quantity, values[c.number]) for c in self.channels]

    def identify(self) -> Identity:
        return Identity("FAKE", "SCANNER", "1", "")

    def close(self) -> None:
        self.channels = []


class FakeBench:
    """Opens the fakes by driver name."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.cell = FakeCell(self.clock)
        self.source = FakeSource(self.cell)
        self.scanner = FakeScanner(self.cell)
        self.missing: set[str] = set()

    def open(self, driver: str, address: str | None, options: Mapping[str, Any] | None = None) -> Instrument:
        del address, options
        if driver in self.missing:
            raise InstrumentError(f"no {driver}")
        found: dict[str, Callable[[], Instrument]] = {
            "source": lambda: self.source,
            "scanner": lambda: self.scanner,
        }
        return found[driver]()


TITLE = {"zh": "试", "en": "test"}
STEPS: list[dict[str, Any]] = [
    {"step": "ocv_check", "duration_s": 5, "drift_max_mV_per_min": 6},
    {"step": "contact_check", "current_C": 0.1, "duration_s": 1.0, "rest_s": 2.0},
    {"step": "pulse_pair", "current_C": 2.0, "duration_s": 2.0, "rest_s": 5.0},
]


def make_plan(steps: list[dict[str, Any]] | None = None, **profile: Any) -> dict[str, Any]:
    model = Profile.model_validate(
        {
            "schema": "pulse-station/profile/1",
            "name": "unit",
            "title": TITLE,
            "description": TITLE,
            "steps": steps or STEPS,
            **profile,
        }
    )
    return resolve(model, nominal_capacity_Ah=20.0).as_dict()


def make_job(
    run_dir: Any, plan: dict[str, Any] | None = None, channel: dict[str, Any] | None = None, **job: Any
) -> Job:
    bench = {
        "schema": "pulse-station/bench/1",
        "name": "unit",
        "title": TITLE,
        "channels": [
            {
                "id": "1",
                "name": TITLE,
                "level": "cell",
                "power": {"driver": "source"},
                "limits": {
                    "voltage_min_V": 1.9,
                    "voltage_max_V": 4.3,
                    "charge_current_max_A": 60,
                    "discharge_current_max_A": 60,
                    "power_max_W": 300,
                },
                **(channel or {}),
            }
        ],
    }
    battery = {"code": "B1", "nominal_capacity_Ah": 20.0, "chemistry": "NMC", "level": "cell"}
    return parse_job(
        {
            "job": {
                "run_id": "r1",
                "run_dir": str(run_dir),
                "bench": bench,
                "channel": "1",
                "battery": battery,
                "plan": plan or make_plan(),
                "speed": 1.0,
                "guard": None,
                **job,
            }
        }
    )
