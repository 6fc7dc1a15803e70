"""What one run holds open, shared by the parts that prepare, run, pause and end it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from drivers.catalogue import open_instrument
from drivers.contracts.power import PowerPort
from profiles.plan import Segment
from station.bench import BenchClock
from station.engine.base.guard_link import GuardLink
from station.engine.base.instruments import Instruments, Opener
from station.engine.base.job import Job
from station.engine.base.live import LiveWriter
from station.engine.base.pace import OWN, Pace
from station.engine.base.stop import StopFlags
from station.engine.base.timebase import Clock
from station.engine.measure.sampling import Sampler
from station.engine.measure.sensors import Sensors
from station.engine.record.earlier import Earlier
from station.engine.record.journal import JournalWriter
from station.errors import InstrumentFault
from station.lifecycle import Event, Machine, State
from station.safety.envelope import Envelope

STATE_PERIOD_S = 0.5
MakeClock = Callable[[float, float], Clock]
"""From the speed and the bench time at which it begins."""


@dataclass
class Session:
    """``opener``, ``make_clock`` and ``pace`` are for dry runs and tests."""

    job: Job
    live: LiveWriter
    stop: StopFlags
    speed: float = 1.0
    opener: Opener = open_instrument
    make_clock: MakeClock = BenchClock
    pace: Pace = OWN
    clock: Clock = field(init=False)
    machine: Machine = field(default_factory=Machine)
    instruments: Instruments = field(default_factory=Instruments)
    sensors: Sensors = field(default_factory=lambda: Sensors([]))
    guard: GuardLink | None = None
    envelope: Envelope | None = None
    journal: JournalWriter | None = None
    sampler: Sampler | None = None
    earlier: Earlier | None = None
    """The part of this run before a crash."""
    recordable: bool = True
    """False where the journal belongs to a run that must not be touched: nothing is written into it."""
    energised: bool = False
    """An output has been on in this part of the run."""
    playing: bool = False
    """The plan is being played: it may be paused once something can be on."""
    skippable: bool = False
    """What is being played is no check and may be left out."""
    resume_asked: bool = False
    feed_every_s: float = 0.0
    """Real time after which the instrument's watchdog is fed; 0 until it is armed."""
    next_feed: float = 0.0
    next_state: float = 0.0
    _segment: Segment | None = None
    _segment_from_s: float = 0.0
    _step_from_s: float = 0.0
    _planned_s: float = 0.0
    """Of the plan, before the present segment."""
    _early: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = self.make_clock(self.speed, 0.0)
        self.machine.fire(Event.START)

    @property
    def state(self) -> State:
        """Where this channel stands."""
        return self.machine.state

    def fire(self, event: Event) -> None:
        """Go on in the table of states, and tell it."""
        self.machine.fire(event)
        self.tell_state()

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

    def stamp(self) -> None:
        """The main loop is alive, as the guard sees it."""
        if self.guard is not None:
            self.guard.stamp()

    def allow(self, *, playing: bool, skippable: bool = False) -> None:
        """What an operator may do from now on."""
        self.playing, self.skippable = playing, skippable

    def may(self) -> dict[str, bool]:
        """What an operator may do at this moment."""
        return {
            "pause": self.playing and self.state is State.RUNNING,
            "resume": self.state is State.PAUSED and not self.resume_asked,
            "skip": self.playing and self.skippable and self.state in (State.READY, State.RUNNING),
        }

    def on_segment(self, segment: Segment) -> None:
        """The plan has come to ``segment``."""
        now_s = self.clock.now_s()
        if self._segment is None or segment.step != self._segment.step:
            self._step_from_s = now_s
        self._segment, self._segment_from_s = segment, now_s
        self._planned_s = self.job.plan.before_s(segment)
        self.next_state = 0.0

    def note(self, code: str, level: str, params: dict[str, Any]) -> None:
        """An event for the journal and for whoever watches; before the journal is open it is kept for it."""
        t_s = 0.0 if self.journal is None else self.clock.now_s()
        if self.journal is None:
            self._early.append((code, level, params))
        else:
            self.journal.event(t_s, code, level, params)
        self.live.send({"type": "event", "t": round(t_s, 4), "code": code, "level": level, "params": params})

    def ask(self, question: dict[str, Any]) -> None:
        """Something the service has to answer; never thinned out."""
        self.live.send(question)

    def write_early(self, t_s: float) -> None:
        """What was noted before the journal was open goes into it."""
        assert self.journal is not None
        for code, level, params in self._early:
            self.journal.event(t_s, code, level, params)
        self._early.clear()

    def tell_state(self) -> None:
        """Where the channel stands, for whoever watches."""
        self.next_state = time.monotonic() + STATE_PERIOD_S
        total_s, segment = self.job.plan.duration_s, self._segment
        elapsed_s = done_s = 0.0
        if segment is not None:
            elapsed_s = self.clock.now_s()
            opened = self.job.plan.open_step(segment.step)
            from_s = self._segment_from_s if opened is None else self._step_from_s
            planned_s = segment.duration_s if opened is None else opened.budget_s
            done_s = self._planned_s + min(max(0.0, elapsed_s - from_s), planned_s)
        self.live.send(
            {
                "type": "state", "state": self.state.value, "elapsed_s": round(elapsed_s, 2),
                "remaining_s": round(max(0.0, total_s - done_s), 2),
                "progress": round(min(done_s / total_s, 1.0), 4),
                "segment": None if segment is None else segment.index,
                "role": None if segment is None else segment.role.value,
                "may": self.may(),
            },
            droppable=self.state is State.RUNNING,
        )  # fmt: skip
