"""One run from opening the instruments to the end record. However it ends, the ordered shutdown is done."""

from __future__ import annotations

import datetime
import time
from dataclasses import dataclass
from typing import Any

from drivers.catalogue import open_instrument
from drivers.errors import DriverError
from station.bench import BenchClock
from station.engine.base.cycler_port import sampling_Hz
from station.engine.base.instruments import Opener
from station.engine.base.job import Job
from station.engine.base.live import LiveWriter
from station.engine.base.outcome import COMPLETED, Outcome, outcome_of
from station.engine.base.pace import OWN, Pace
from station.engine.base.precedence import precedence
from station.engine.base.stop import StopFlags
from station.engine.before import dead_man
from station.engine.before.gate import Gate
from station.engine.connect import Connection
from station.engine.finish import close_journal, make_safe, tell_end
from station.engine.going_on import earlier_part, reopen_journal, same_test
from station.engine.measure.bms_watch import BmsWatch
from station.engine.measure.corrections import PowerCorrections
from station.engine.measure.kept import Kept
from station.engine.measure.sampling import Sampler
from station.engine.pausing import Pausing
from station.engine.play.player import Player
from station.engine.record.journal import JournalWriter
from station.engine.session import MakeClock, Session
from station.engine.turn import Turn
from station.errors import DataError
from station.lifecycle import Event, State
from station.safety.shutdown import SafeReport


@dataclass(frozen=True)
class Ended:
    """How a run ended and how safe it is."""

    outcome: Outcome
    safe: SafeReport

    def as_message(self, dropped: int = 0) -> dict[str, Any]:
        """The last line of the worker protocol."""
        o = self.outcome
        return {
            "type": "ended", "outcome": o.outcome, "code": o.code, "message": o.message, "remedy": o.remedy,
            "params": o.params, "exit_code": o.exit_code, "safe": self.safe.as_dict(),
            "dropped_lines": dropped,
        }  # fmt: skip


class Run:
    """Leads a session through its states. ``opener``, ``make_clock``, ``pace``: for dry runs and tests."""

    def __init__(
        self,
        job: Job,
        live: LiveWriter,
        stop: StopFlags,
        *,
        speed: float = 1.0,
        opener: Opener = open_instrument,
        make_clock: MakeClock = BenchClock,
        pace: Pace = OWN,
    ) -> None:
        self._session = Session(job, live, stop, speed, opener, make_clock, pace)
        self.turn = Turn(self._session)
        self._gate = Gate(job, note=self._session.note, turn=self.turn)
        self._connection = Connection(self._session, self._gate, self.turn)
        self.hold = Pausing(self._session, self._gate, self.turn, self._connection).hold
        self.on_segment, self.allow = self._session.on_segment, self._session.allow
        self.note, self.ask = self._session.note, self._session.ask
        self.take_answer = stop.take_answer

    def run(self) -> Ended:
        """Run the job; never raises for what can go wrong on a bench."""
        s = self._session
        try:
            self._find_journal()
            s.tell_state()
            self._connection.first()
            self._play()
            outcome = COMPLETED
        except BaseException as error:  # noqa: BLE001 - whatever it is, the shutdown comes first; it is reported
            outcome = outcome_of(error, energised=s.energised)
        safe = make_safe(s, self._gate, self._connection.reopen)
        outcome = close_journal(s, outcome, safe, self._open_journal)
        tell_end(s)
        return Ended(outcome, safe)

    def energise(self) -> None:
        """Arm the watchdog, then the output on at zero current."""
        s, power = self._session, self._session.power()
        armed = dead_man.arm(s.job, power)
        s.feed_every_s = armed.feed_every_s
        s.next_feed = time.monotonic() + s.feed_every_s
        power.set_current(0.0)
        self.turn()
        s.energised = True
        if s.state is State.READY:
            s.fire(Event.ENERGISED)
        power.output_on()
        hold_s = s.guard.hold_s if s.guard is not None else None
        s.note("engine.energised", "info", armed.facts(s.job, hold_s))

    def _find_journal(self) -> None:
        """A new run has no journal yet; one that goes on has its own. Raises DataError, UsageError."""
        s = self._session
        s.recordable = False
        if s.job.resume:
            s.earlier = earlier_part(s.job)
        elif (s.job.run_dir / "journal.jsonl").exists():
            raise DataError(
                f"{s.job.run_dir}: this run has been made already",
                remedy="start a new run",
                code="data.run_exists",
                file=str(s.job.run_dir),
            )
        s.recordable = True

    def _play(self) -> None:
        s, power = self._session, self._session.power()
        assert s.envelope is not None
        journal = s.journal = self._open_journal()
        self.turn()
        if s.earlier is None:
            s.clock = s.make_clock(s.speed, 0.0)
        bms = s.instruments.bms
        capabilities = power.capabilities
        s.sampler = Sampler(
            power,
            s.clock,
            s.envelope,
            s.sensors,
            journal,
            s.live,
            sampling_Hz=sampling_Hz(power, s.job.plan.sampling_Hz),
            range_A=max(capabilities.current_A.high, -capabilities.current_A.low),
            contact_max_ohm=s.job.channel.limits.contact_resistance_max_ohm,
            supervise=self.turn,
            series_cells=s.job.series_cells,
            dead_cells=s.job.channel.accept_dead_cells,
            correct=PowerCorrections(s.job.channel.power),
            kept=Kept(s.job.plan.segments),
            pace=s.pace,
            bms=BmsWatch(bms, speed=s.clock.speed) if bms is not None else None,
        )
        if s.earlier is not None:
            s.sampler.rules.throughput.carry_on(s.earlier.moved.totals)
        player = Player(s.job, power, s.sampler, s.sensors, journal, self, s.envelope, s.earlier)
        s.sensors.start()
        s.fire(Event.PASSED)
        player.play()

    def _voltage_at(self) -> str | None:
        """``battery`` or, without sense leads, ``instrument``; None where nothing can be asked any more.

        That is so where a test ends before its first current: its record must be kept all the same.
        """
        power = self._session.instruments.power
        try:
            senses = power is not None and power.capabilities.remote_sense
        except DriverError:
            return None
        return None if power is None else "battery" if senses else "instrument"

    def _open_journal(self) -> JournalWriter:
        s, job = self._session, self._session.job
        if s.earlier is not None:
            return reopen_journal(s, s.earlier)
        s.journal = JournalWriter(
            job.run_dir / "journal.jsonl",
            {
                **same_test(job),
                "profile": job.profile,
                "envelope": None if s.envelope is None else s.envelope.as_dict(),
                "instruments": s.instruments.identities,
                "voltage_at": self._voltage_at(),
                "speed": s.speed,
                "precedence": precedence(),
                "simulated": job.bench.simulation is not None,
                "started_utc": datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds"),
            },
        )
        s.write_early(0.0)
        return s.journal
