"""One run from opening the instruments to the end record. However it ends, the ordered shutdown is done."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from drivers import progress
from drivers.catalogue import open_instrument
from drivers.contracts.power import PowerPort
from drivers.errors import DriverError
from profiles.plan import Segment
from station.bench import BenchClock
from station.engine import dead_man, precheck
from station.engine.beside import beside
from station.engine.bms_watch import BmsWatch
from station.engine.gate import Gate
from station.engine.guard_link import GuardLink
from station.engine.instruments import Instruments, Opener, open_instruments, open_one
from station.engine.job import Job
from station.engine.journal import JournalWriter
from station.engine.live import LiveWriter
from station.engine.outcome import COMPLETED, Outcome, outcome_of
from station.engine.play import Player
from station.engine.sampling import Sampler
from station.engine.scheduling import settle_memory
from station.engine.sensors import SensorPoller, Sensors
from station.engine.shared_scanner import sharing_opener
from station.engine.stop import StopFlags
from station.engine.timebase import Clock
from station.errors import DataError, InstrumentFault
from station.safety.envelope import Envelope
from station.safety.shutdown import SafeReport, ordered_shutdown

STATE_PERIOD_S = 0.5


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
    """Everything one run holds open. ``opener`` and ``make_clock`` are for tests."""

    def __init__(
        self,
        job: Job,
        live: LiveWriter,
        stop: StopFlags,
        *,
        speed: float = 1.0,
        opener: Opener = open_instrument,
        make_clock: Callable[[float], Clock] = BenchClock,
    ) -> None:
        self._job, self._live, self._stop = job, live, stop
        self._speed, self._opener, self._make_clock = speed, opener, make_clock
        self._clock: Clock = make_clock(speed)
        self._instruments = Instruments()
        self._sensors = Sensors([])
        self._guard: GuardLink | None = None
        self._journal: JournalWriter | None = None
        self._sampler: Sampler | None = None
        self._envelope: Envelope | None = None
        self._early: list[tuple[str, str, dict[str, Any]]] = []
        self._gate = Gate(job, note=self._note, turn=self._turn)
        self._energised = False
        self._feed_every = self._next_feed = 0.0
        self._segment: Segment | None = None
        self._state, self._next_state = "checks", 0.0

    def run(self) -> Ended:
        """Run the job; never raises for what can go wrong on a bench."""
        try:
            self._prepare()
            self._play()
            outcome = COMPLETED
        except BaseException as error:  # noqa: BLE001 - whatever it is, the shutdown comes first; it is reported
            outcome = outcome_of(error, energised=self._energised)
        safe = self._make_safe()
        outcome = self._close_journal(outcome, safe)
        self._tell_state("safe" if safe.verified else "stopping")
        return Ended(outcome, safe)

    # ------------------------------------------------------------------ before energy

    def _prepare(self) -> None:
        job = self._job
        self._tell_state("checks")
        if (job.run_dir / "journal.jsonl").exists():
            raise DataError(
                f"{job.run_dir}: this run has been made already",
                remedy="start a new run",
                code="data.run_exists",
                file=str(job.run_dir),
            )
        self._gate.guard_present()
        try:
            shared = sharing_opener(self._opener, job.bench, job.channel, self._speed, self._turn)
            open_instruments(job.channel, self._instruments, opener=shared, on_step=self._turn)
        finally:
            # Also those that answered before one that did not answer at all.
            self._gate.instruments(self._instruments)
        power = self._power()
        power.make_safe()  # somebody may have left it on
        # Also sets the sense inputs: some instruments see the battery only from here on.
        power.prepare(precheck.bench_protection(job, power.capabilities))
        self._sensors = Sensors(
            [
                SensorPoller(scanner, ref.inputs, ref.period_s, lambda: self._clock)
                for scanner, ref in self._instruments.scanners
            ]
        )
        beside(self._sensors.poll_once, self._turn)
        self._turn()
        where = job.guard
        if where is not None:
            self._guard = self._gate.guard(
                lambda: GuardLink(where.host, where.port, where.token, job.channel.id)
            )
            progress.listen(self._guard.exchanged)
        gate, sensors = self._gate, self._sensors
        battery = gate.battery(power, sensors, self._instruments)
        self._envelope = gate.plan(power, battery)
        gate.insulation(battery, sensors, self._guard)
        self._turn()
        power.prepare(precheck.hardware_protection(job, self._envelope, power.capabilities))
        # This takes its time, so before the guard counts on beats; what comes later is little.
        settle_memory()
        gate.contactor(power, battery, sensors, self._guard, self._clock)

    # ------------------------------------------------------------------ the run itself

    def _play(self) -> None:
        job, power = self._job, self._power()
        assert self._envelope is not None
        self._journal = self._open_journal()
        self._turn()
        self._clock = self._make_clock(self._speed)
        bms = self._instruments.bms
        capabilities = power.capabilities
        sampler = Sampler(
            power,
            self._clock,
            self._envelope,
            self._sensors,
            self._journal,
            self._live,
            sampling_Hz=job.plan.sampling_Hz,
            range_A=max(capabilities.current_A.high, -capabilities.current_A.low),
            contact_max_ohm=job.channel.limits.contact_resistance_max_ohm,
            supervise=self._turn,
            series_cells=job.series_cells,
            bms=BmsWatch(bms) if bms is not None else None,
        )
        player = Player(
            job,
            power,
            sampler,
            self._sensors,
            energise=self._energise,
            on_segment=self._on_segment,
            on_pause=self._turn,
        )
        self._sampler = sampler
        self._sensors.start()
        self._tell_state("running")
        player.play()

    def _energise(self) -> None:
        """Arm the watchdog, then the output on at zero current."""
        power = self._power()
        armed = dead_man.arm(self._job, power)
        self._feed_every = armed.feed_every_s
        self._next_feed = time.monotonic() + self._feed_every
        power.set_current(0.0)
        self._turn()
        self._energised = True
        power.output_on()
        hold_s = self._guard.hold_s if self._guard is not None else None
        self._note("engine.energised", "info", armed.facts(self._job, hold_s))

    def _on_segment(self, segment: Segment) -> None:
        self._segment = segment
        self._next_state = 0.0

    def _turn(self) -> None:
        """One turn of the main loop: show that it lives, and look for reasons to end."""
        if self._guard is not None:
            self._guard.stamp()
            self._guard.check()
        self._stop.check()
        if self._journal is not None:
            self._journal.check()
        now = time.monotonic()
        if self._feed_every and now >= self._next_feed:
            self._next_feed = now + self._feed_every
            self._power().feed_watchdog()
        if now >= self._next_state:
            self._tell_state(self._state)
            for notice in self._sensors.notices():
                self._note(*notice)

    # ------------------------------------------------------------------ the end

    def _make_safe(self) -> SafeReport:
        guard, channel = self._guard, self._job.channel
        power = self._instruments.power
        stamp = guard.stamp if guard is not None else lambda: None

        def step() -> None:
            stamp()
            if self._state != "stopping":
                self._tell_state("stopping")  # not before the first commands: telling takes its time

        stamp()
        tolerance_A = self._current_tolerance()
        safe = ordered_shutdown(
            power,
            open_cutoff=guard.open_cutoff if guard is not None and channel.cutoff is not None else None,
            current_tolerance_A=tolerance_A,
            reopen=self._reopen if power is not None else None,
            on_step=step,
        )
        if power is None:
            # Nothing was opened, so nothing was switched on by this run.
            safe = SafeReport(safe.cutoff_open is not False, None, None, safe.cutoff_open, safe.problems)
        problems = list(safe.problems)
        if power is not None and self._gate.precharged and safe.cutoff_open:
            if safe.verified:
                self._tell_state("safe")  # nobody waits for the capacitors to hear that no current flows
            problems += filter(None, [self._gate.after(power, self._clock, stamp)])
        if self._feed_every and safe.verified and power is not None:
            try:
                power.disarm_watchdog()
            except DriverError as error:
                problems.append(f"disarm the watchdog: {error.message}")
        self._sensors.stop()
        for instrument in (power, self._instruments.bms):
            if instrument is not None:
                instrument.close()
        if guard is not None:
            progress.listen(None)
            if safe.verified:
                guard.bye()
            guard.close()
        return SafeReport(safe.verified, safe.output_on, safe.current_A, safe.cutoff_open, tuple(problems))

    def _current_tolerance(self) -> float:
        """What still counts as zero: 0.1 A, or the offset an instrument of this range may show (0.1 %)."""
        if self._envelope is None or self._instruments.power is None:
            return 0.5
        capabilities = self._instruments.power.capabilities
        range_A = max(capabilities.current_A.high, -capabilities.current_A.low)
        return max(0.1, 0.001 * range_A, 3 * capabilities.current_resolution_A)

    def _reopen(self) -> PowerPort:
        return open_one(self._job.channel.power, PowerPort, "power", self._opener, Instruments())  # type: ignore[type-abstract]

    def _close_journal(self, outcome: Outcome, safe: SafeReport) -> Outcome:
        try:
            if self._journal is None:
                self._journal = self._open_journal()
            if self._sampler is not None:
                self._sampler.end()
            self._journal.end(outcome.outcome, outcome.code, outcome.params, safe.as_dict())
        except DataError as error:
            return outcome if outcome.exit_code else outcome_of(error, energised=self._energised)
        return outcome

    # ------------------------------------------------------------------ telling

    def _open_journal(self) -> JournalWriter:
        job = self._job
        journal = JournalWriter(
            job.run_dir / "journal.jsonl",
            {
                "run_id": job.run_id,
                "plan": job.plan.as_dict(),
                "battery": {**job.battery.model_dump(mode="json"), "series_cells": job.series_cells},
                "bench": job.bench.name,
                "channel": job.channel.model_dump(mode="json"),
                "envelope": None if self._envelope is None else self._envelope.as_dict(),
                "instruments": self._instruments.identities,
                "speed": self._speed,
                "simulated": job.bench.simulation is not None,
                "started_utc": datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds"),
            },
        )
        for code, level, params in self._early:
            journal.event(0.0, code, level, params)
        self._early.clear()
        return journal

    def _note(self, code: str, level: str, params: dict[str, Any]) -> None:
        t_s = 0.0 if self._journal is None else self._clock.now_s()
        if self._journal is None:
            self._early.append((code, level, params))
        else:
            self._journal.event(t_s, code, level, params)
        self._live.send({"type": "event", "t": round(t_s, 4), "code": code, "level": level, "params": params})

    def _tell_state(self, state: str) -> None:
        self._state = state
        self._next_state = time.monotonic() + STATE_PERIOD_S
        total_s = self._job.plan.duration_s
        elapsed_s = 0.0 if self._segment is None else min(self._clock.now_s(), total_s)
        self._live.send(
            {
                "type": "state", "state": state, "elapsed_s": round(elapsed_s, 2),
                "remaining_s": round(max(0.0, total_s - elapsed_s), 2),
                "progress": round(elapsed_s / total_s, 4),
                "segment": None if self._segment is None else self._segment.index,
                "role": None if self._segment is None else self._segment.role.value,
            },
            droppable=state == "running",
        )  # fmt: skip

    def _power(self) -> PowerPort:
        if self._instruments.power is None:
            raise InstrumentFault("no power instrument is open", remedy="check the bench file")
        return self._instruments.power
