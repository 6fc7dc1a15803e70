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
from station.engine import precheck
from station.engine.bms_watch import BmsWatch
from station.engine.guard_link import GuardLink
from station.engine.instruments import Instruments, Opener, open_instruments, open_one
from station.engine.job import Job
from station.engine.journal import JournalWriter
from station.engine.live import LiveWriter
from station.engine.outcome import COMPLETED, Outcome, outcome_of
from station.engine.play import Player
from station.engine.sampling import Sampler
from station.engine.sensors import SensorPoller, Sensors
from station.engine.stop import StopFlags
from station.engine.timebase import Clock
from station.errors import CheckFailed, DataError, InstrumentFault
from station.safety.checks import require, run_checks
from station.safety.chemistry import chemistry_limits
from station.safety.envelope import Envelope
from station.safety.shutdown import SafeReport, ordered_shutdown

STATE_PERIOD_S = 0.5
WATCHDOG_S = 1.0
"""The instrument's watchdog, in real time also on a fast simulated bench: supervision is never hurried."""


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
        self._envelope: Envelope | None = None
        self._early: list[tuple[str, str, dict[str, Any]]] = []
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
        self._tell_state("stopping")
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
        if job.guard is None and job.channel.cutoff is not None:
            raise CheckFailed(
                "guard_present: this channel has a cut-off, but there is no guard to close it",
                remedy="start the run through the service, which starts the guard",
                code="safety.check.guard_present",
                rule="guard_present",
            )
        open_instruments(job.channel, self._instruments, opener=self._opener, on_step=self._turn)
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
        self._sensors.poll_once()
        self._turn()
        if job.guard is not None:
            self._guard = GuardLink(job.guard.host, job.guard.port, job.guard.token, job.channel.id)
            progress.listen(self._guard.exchanged)
        self._check(power)

    def _check(self, power: PowerPort) -> None:
        job, capabilities = self._job, power.capabilities
        bms = self._instruments.bms
        snapshot = precheck.wait_for_bms(bms, self._turn) if bms is not None else None
        voltage_V = power.read().voltage_V
        chemistry = chemistry_limits(
            job.battery.chemistry,
            nominal_capacity_Ah=job.battery.nominal_capacity_Ah,
            rested_cell_V=voltage_V / job.series_cells,
        )
        self._note("engine.limits", "info", {"chemistry": chemistry.name, "evidence": chemistry.evidence})
        if not capabilities.watchdog and job.channel.cutoff is None and job.channel.accept_no_watchdog:
            self._note("engine.no_watchdog_accepted", "warning", {})
        inputs = precheck.check_inputs(
            job,
            power,
            self._sensors,
            snapshot,
            voltage_V,
            chemistry,
            has_cutoff=job.channel.cutoff is not None,
        )
        results = run_checks(inputs)
        for result in results:
            self._note("engine.check", "info" if result.ok else "alarm", result.as_dict())
        require(results)
        self._envelope = precheck.make_envelope(job, chemistry, capabilities)
        require([precheck.plan_power(job, self._envelope, voltage_V)])
        self._turn()
        power.prepare(precheck.hardware_protection(job, self._envelope, capabilities))
        self._close_cutoff(power, voltage_V)

    def _close_cutoff(self, power: PowerPort, open_V: float) -> None:
        if self._guard is None:
            return
        self._guard.check()
        self._guard.watch_progress()
        if self._job.channel.cutoff is None:
            return
        self._guard.close_cutoff()
        closed_V = power.read().voltage_V
        limit_V = max(0.05, 0.01 * abs(open_V))
        if abs(closed_V - open_V) > limit_V:
            raise CheckFailed(
                f"cutoff_step: closing the cut-off moved the voltage from {open_V:.3f} V to {closed_V:.3f} V",
                remedy="the instrument loads the battery although its output is off: check both",
                code="safety.check.cutoff_step",
                rule="cutoff_step",
                value=abs(closed_V - open_V),
                limit=limit_V,
                unit="V",
            )

    # ------------------------------------------------------------------ the run itself

    def _play(self) -> None:
        job, power = self._job, self._power()
        assert self._envelope is not None
        self._journal = self._open_journal()
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
            bms=BmsWatch(bms, self._envelope) if bms is not None else None,
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
        self._sensors.start()
        self._tell_state("running")
        player.play()

    def _energise(self) -> None:
        """Arm the watchdog, then the output on at zero current."""
        power = self._power()
        watchdog = power.capabilities.watchdog
        if watchdog is not None:
            timeout_s = min(max(WATCHDOG_S, watchdog.timeout_s.low), watchdog.timeout_s.high)
            power.arm_watchdog(timeout_s)
            self._feed_every = timeout_s / 3
            self._next_feed = time.monotonic() + self._feed_every
        power.set_current(0.0)
        self._turn()
        self._energised = True
        power.output_on()
        self._note("engine.energised", "info", {"watchdog": watchdog is not None})

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

    # ------------------------------------------------------------------ the end

    def _make_safe(self) -> SafeReport:
        guard, channel = self._guard, self._job.channel
        power = self._instruments.power
        stamp = guard.stamp if guard is not None else lambda: None
        stamp()
        tolerance_A = self._current_tolerance()
        safe = ordered_shutdown(
            power,
            open_cutoff=guard.open_cutoff if guard is not None and channel.cutoff is not None else None,
            current_tolerance_A=tolerance_A,
            reopen=self._reopen if power is not None else None,
            on_step=stamp,
        )
        if power is None:
            # Nothing was opened, so nothing was switched on by this run.
            safe = SafeReport(safe.cutoff_open is not False, None, None, safe.cutoff_open, safe.problems)
        problems = list(safe.problems)
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
        return open_one(self._job.channel.power, PowerPort, "power", self._opener, {})  # type: ignore[type-abstract]

    def _close_journal(self, outcome: Outcome, safe: SafeReport) -> Outcome:
        try:
            if self._journal is None:
                self._journal = self._open_journal()
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
