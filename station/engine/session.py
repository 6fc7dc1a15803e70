"""What one run holds open, shared by the parts that prepare, run and end it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from drivers.catalogue import open_instrument
from drivers.contracts.power import PowerPort
from profiles.plan import Segment
from station.bench import BenchClock
from station.engine.earlier import Earlier
from station.engine.gate import Battery
from station.engine.guard_link import GuardLink
from station.engine.instruments import Instruments, Opener
from station.engine.job import Job
from station.engine.journal import JournalWriter
from station.engine.live import LiveWriter
from station.engine.sampling import Sampler
from station.engine.sensors import Sensors
from station.engine.stop import StopFlags
from station.engine.timebase import Clock
from station.errors import InstrumentFault
from station.lifecycle import Event, Machine, State
from station.safety.envelope import Envelope


@dataclass
class Session:
    """``opener``, ``make_clock`` and ``unix`` are for tests."""

    job: Job
    live: LiveWriter
    stop: StopFlags
    speed: float = 1.0
    opener: Opener = open_instrument
    make_clock: Callable[[float], Clock] = BenchClock
    unix: Callable[[], float] = time.time
    clock: Clock = field(init=False)
    machine: Machine = field(default_factory=Machine)
    instruments: Instruments = field(default_factory=Instruments)
    sensors: Sensors = field(default_factory=lambda: Sensors([]))
    guard: GuardLink | None = None
    battery: Battery | None = None
    envelope: Envelope | None = None
    journal: JournalWriter | None = None
    sampler: Sampler | None = None
    segment: Segment | None = None
    segment_from_s: float = 0.0
    earlier: Earlier | None = None
    """The part of this run before a crash."""
    record: bool = True
    """False where the journal is another run's, or ended: nothing is written into it."""
    energised: bool = False
    watchdog_period_s: float = 0.0
    """Real time after which the instrument's watchdog is fed; 0 until it is armed."""
    early: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = self.make_clock(self.speed)

    @property
    def state(self) -> State:
        """Where this channel stands."""
        return self.machine.state

    def fire(self, event: Event) -> State:
        """Go on in the table of states."""
        return self.machine.fire(event)

    def power(self) -> PowerPort:
        """The open power instrument. Raises InstrumentFault."""
        if self.instruments.power is None:
            raise InstrumentFault("no power instrument is open", remedy="check the bench file")
        return self.instruments.power

    def current_tolerance_A(self) -> float:
        """What still counts as zero: 0.1 A, or the offset an instrument of this range may show (0.1 %)."""
        if self.envelope is None or self.instruments.power is None:
            return 0.5
        capabilities = self.instruments.power.capabilities
        range_A = max(capabilities.current_A.high, -capabilities.current_A.low)
        return max(0.1, 0.001 * range_A, 3 * capabilities.current_resolution_A)

    def note(self, code: str, level: str, params: dict[str, Any]) -> None:
        """An event for the journal and for whoever watches; before the journal is open it is kept for it."""
        t_s = 0.0 if self.journal is None else self.clock.now_s()
        if self.journal is None:
            self.early.append((code, level, params))
        else:
            self.journal.event(t_s, code, level, params)
        self.live.send({"type": "event", "t": round(t_s, 4), "code": code, "level": level, "params": params})
