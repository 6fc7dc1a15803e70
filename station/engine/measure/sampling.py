"""The measuring loop: a sample at each absolute deadline, every one checked before anything else happens."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from drivers import progress
from drivers.contracts.bms import BmsSnapshot
from drivers.contracts.power import PowerPort, PowerReading
from drivers.errors import NoReading
from profiles.plan import Segment
from station.bench import BenchClock
from station.engine.base.live import LiveWriter
from station.engine.base.pace import OWN, SUPERVISE_S, Pace
from station.engine.base.timebase import Clock
from station.engine.measure.bms_watch import BmsWatch
from station.engine.measure.edges import Edge, EdgeTracker
from station.engine.measure.kept import Kept
from station.engine.measure.lateness import Histogram, Lateness, Missed
from station.engine.measure.means import Recent
from station.engine.measure.sensors import Scan, Sensors
from station.engine.record.journal import JournalWriter
from station.errors import LimitTripped
from station.safety.envelope import Envelope
from station.safety.running import Rig, RunningRules, Witness
from station.safety.sample import Sample

RECENT_S = 10.0
GOING_ON_S = 0.002
"""Real time between two samples in the middle of a driver's call: the call must get on as well."""
EDGE_SHIFT = 0.382
"""Share of a period (the golden section) by which sampling moves on at each edge of an instrument's own
program: together they then locate the program's clock to a small part of a period."""
BACKLOG_S = 0.005
"""Deadlines missed by less than this, or than one period, are made up for at once; older ones are skipped."""


class Sampler:
    """Samples one channel. ``supervise`` is called between samples and raises when the run must end.

    Where the bench cannot keep up with ``sampling_Hz`` (simulated time running fast) samples are taken as
    fast as they come; the deadlines that passed meanwhile are counted, never filled in.
    """

    def __init__(
        self,
        power: PowerPort,
        clock: Clock,
        envelope: Envelope,
        sensors: Sensors,
        journal: JournalWriter,
        live: LiveWriter,
        *,
        sampling_Hz: float,
        range_A: float,
        contact_max_ohm: float,
        series_cells: int = 1,
        dead_cells: int = 0,
        supervise: Callable[[], None],
        bms: BmsWatch | None = None,
        on_sample: Callable[[Sample], None] = lambda _: None,
        kept: Kept | None = None,
        unix: Callable[[], float] = time.time,
        correct: Callable[[PowerReading], PowerReading] = lambda reading: reading,
        pace: Pace = OWN,
    ) -> None:
        self._power, self.clock, self._correct = power, clock, correct
        self._sensors, self._journal, self._live = sensors, journal, live
        self._battery_V: Callable[[], float | None] | None = None
        self._period_s = 1.0 / sampling_Hz
        self._real_s, self._period_of = pace.real_s, pace.period_s
        self._piece_s = SUPERVISE_S * clock.speed if pace.piece_s is None else pace.piece_s
        self._backlog_s = max(self._period_s, BACKLOG_S)
        self._supervise, self._bms, self._on_sample, self._unix = supervise, bms, on_sample, unix
        rig = Rig(
            range_A,
            power.capabilities.voltage_resolution_V,
            contact_max_ohm,
            series_cells,
            sensors.roles(),
            sensors.age_limit_s(),
            clock.speed,
            judge_clock=isinstance(clock, BenchClock),  # a clock of a test is not the wall's
            dead_cells=dead_cells,
        )
        now_s, real_s = clock.now_s(), self._real_s()
        self.rules = RunningRules(envelope, rig, problem=sensors.problem, began_s=now_s, real_s=real_s)
        journal.event(now_s, "engine.running_rules", "info", {"rules": self.rules.describe()})
        self.agreement = self.rules.voltage_agreement
        self.edges = EdgeTracker(self._period_s, self._edge_seen)
        self.recent = Recent(RECENT_S)
        self._witness = Witness(self.recent, now_s, real_s)
        self.lateness = Lateness(self._missed, self._lateness_span, period_s=self._period_s)
        self._next_s = clock.now_s()
        self._read_s = 0.0
        self._command_A = 0.0
        self._cells_serial = 0
        self.listeners: list[Callable[[Sample], None]] = []
        self.kept = kept if kept is not None else Kept(())
        self.bms_seen: BmsSnapshot | None = None
        """The newest look at the BMS."""

    @property
    def read_s(self) -> float:
        """Bench seconds that one reading of the instrument takes at present."""
        return self._read_s

    def commanded(
        self, current_A: float, at_s: float, edge: Edge | None = None, *, settled: bool = False
    ) -> None:
        """The commanded current is ``current_A`` from ``at_s`` on; ``edge`` is watched for in the samples.

        ``settled``: the change is so small that rules which wait for a step to settle need not wait anew.
        """
        if edge is not None:
            self.edges.expect(edge)
            if edge.by_host:
                # A sample right behind the edge tells best when it came; the next ones keep step with it.
                self._next_s = min(self._next_s, self.clock.now_s())
            else:
                # A program's edges come in steps of whole periods: each would be seen from the same side.
                self._next_s -= EDGE_SHIFT * self._period_s
        if current_A != self._command_A and not settled:
            self._witness.steady_since_s = at_s
        self._command_A = current_A

    def sample_until(self, end_s: float, segment: Segment, done: Callable[[], bool] | None = None) -> None:
        """Sample until bench time ``end_s``, or ``done`` behind a sample; raises whatever ends the run."""
        period_s = self._period_s if self._period_of is None else self._period_of(segment)
        while True:
            self._supervise()
            now_s = self.clock.now_s()
            self._skip_to(now_s, self._backlog_s)
            # A read that would not be over in time must not delay what comes at end_s.
            due_s = max(self._next_s, now_s)
            if due_s >= end_s or (end_s - due_s < self._read_s and end_s - due_s < period_s):
                if self._sleep_towards(end_s, now_s):
                    return
            elif self._sleep_towards(self._next_s, now_s):
                self.take(segment)
                self._next_s += period_s
                if done is not None and done():
                    return

    @contextmanager
    def going_on(self, segment: Segment) -> Iterator[None]:
        """Samples between the exchanges of a driver's call that takes long, such as loading a program."""
        busy, earliest_s = False, self.clock.now_s()

        def exchanged() -> None:
            nonlocal busy, earliest_s
            now_s = self.clock.now_s()
            if busy or now_s < max(self._next_s, earliest_s):
                return
            busy, earliest_s = True, now_s + GOING_ON_S * self.clock.speed
            try:
                self._skip_to(now_s, self._period_s)  # nothing is made up for in the middle of a call
                self.take(segment)
                self._next_s += self._period_s
            finally:
                busy = False

        with progress.also(exchanged):
            yield

    @contextmanager
    def resting(self, battery_V: Callable[[], float | None] | None) -> Iterator[None]:
        """While the output is off for a while: no deadlines are kept, samples come when ``take`` is called.

        ``battery_V`` where the instrument does not see the battery then: who does; the rules that need the
        instrument's own voltage keep still.
        """
        self._battery_V = battery_V
        try:
            yield
        finally:
            self._battery_V = None
            self.rules.voltage_interrupted()
            self._next_s = self.clock.now_s()
            self.lateness.interrupted(self._next_s)

    def take_now(self, segment: Segment) -> Sample:
        """One sample outside any deadline."""
        self._next_s = self.clock.now_s()
        self.lateness.interrupted(self._next_s)
        return self.take(segment)

    @contextmanager
    def streaming(self) -> Iterator[None]:
        """While an instrument plays and records by itself: ``streamed`` is called with what it records, and
        no deadlines are kept."""
        try:
            yield
        finally:
            self._next_s = self.clock.now_s()
            self.lateness.interrupted(self._next_s)

    def streamed(self, t_s: float, reading: PowerReading, segment: Segment) -> Sample:
        """A record of the instrument's own, taken at bench time ``t_s``; judged and kept like any sample."""
        scan = self._sensors.latest()
        sample = self._sample(t_s, self._correct(reading), segment, scan, 0.0)
        self._judge(sample, scan, None)
        return sample

    def edge_told(self, segment: Segment, at_s: float) -> None:
        """The instrument's own clock says when the current of ``segment`` began: no sample says it better."""
        self._journal.edge(self.clock.now_s(), segment.index, at_s, at_s, "command")

    def look(self, reading: PowerReading, segment: Segment) -> None:
        """What the instrument reads just now, held against the envelope only and not kept: its records come
        later, and are judged then. Raises LimitTripped."""
        tripped = self.rules.check_envelope(
            self._sample(self.clock.now_s(), self._correct(reading), segment, self._sensors.latest(), 0.0)
        )
        if tripped is not None:
            raise tripped

    def _reading(self) -> PowerReading:
        reading = self._correct(self._power.read())
        if self._battery_V is None:
            return reading
        voltage_V = self._battery_V()
        if voltage_V is None:
            raise NoReading(
                "nobody tells the battery's voltage", remedy="check the BMS or the scanner's leads"
            )
        return PowerReading(voltage_V, reading.current_A)

    def _skip_to(self, now_s: float, backlog_s: float) -> None:
        """Deadlines older than ``backlog_s`` are given up, and counted."""
        if self._next_s < now_s - backlog_s:
            skipped = int((now_s - self._next_s) / self._period_s)
            self.lateness.skip(skipped, now_s)
            self._next_s += skipped * self._period_s

    def take(self, segment: Segment) -> Sample:
        """Measure once, check, record."""
        before_s = self.clock.now_s()
        self.lateness.began(before_s - self._next_s)
        try:
            reading = self._reading()
        except NoReading as error:
            raise LimitTripped(
                f"no reading: {error.message}",
                remedy=error.remedy or "check sense leads and wiring",
                code="safety.no_reading",
                rule="no_reading",
                value=None,
                limit=None,
                t_s=round(before_s, 4),
                segment=segment.index,
                **{
                    key: value for key, value in error.params.items() if key not in ("value", "limit", "rule")
                },
            ) from error
        after_s = self.clock.now_s()
        scan = self._sensors.latest()
        t_s, spread_s = (before_s + after_s) / 2, (after_s - before_s) / 2
        sample = self._sample(t_s, reading, segment, scan, spread_s)
        self._judge(sample, scan, (before_s, after_s))
        return sample

    def _sample(
        self, t_s: float, reading: PowerReading, segment: Segment, scan: Scan | None, spread_s: float
    ) -> Sample:
        now_s = self.clock.now_s()
        return Sample(
            t_s,
            self._unix() - (now_s - t_s) / self.clock.speed,
            reading.voltage_V,
            reading.current_A,
            self._command_A,
            segment.index,
            *self._sensor_values(scan, now_s),
            spread_s=spread_s,
        )

    def _judge(self, sample: Sample, scan: Scan | None, exchange: tuple[float, float] | None) -> None:
        """Envelope, journal, running rules. ``exchange``: from when to when this program read it."""
        tripped = self.rules.check_envelope(sample)
        written = False
        if tripped is None or tripped.code != "safety.no_reading":
            written = self._write(sample, whatever=tripped is not None)
        if tripped is not None:
            raise tripped
        self._note(sample, exchange)
        try:
            self._check_rest(sample, scan)
        except LimitTripped:
            if not written:
                self._write(sample, whatever=True)
            raise

    def _write(self, sample: Sample, *, whatever: bool) -> bool:
        """Into the journal what is to be kept; with ``whatever`` this one in any case."""
        found = self.kept.take(sample)
        if whatever and sample not in found:
            found = [*found, *self.kept.rest()]
        for one in found:
            self._journal.sample(one)
        return sample in found

    def _note(self, sample: Sample, exchange: tuple[float, float] | None) -> None:
        if exchange is not None:
            self.lateness.took(sample.t_s)
            took_s = exchange[1] - exchange[0]
            self._read_s = took_s if self.lateness.samples == 1 else 0.8 * self._read_s + 0.2 * took_s
        self._live.sample(sample)
        self.recent.add(sample)
        self.edges.add(sample)
        for listener in self.listeners:
            listener(sample)

    def _check_rest(self, sample: Sample, scan: Scan | None) -> None:
        witness, bms = self._witness, self._bms
        witness.real_s = self._real_s()
        witness.scan = scan
        if scan is not None and scan.serial != self._cells_serial and scan.cells_V:
            self._cells_serial = scan.serial
            self._journal.cells(scan.end_s, list(scan.cells_V))
        if bms is not None:
            witness.bms = bms.look(sample.t_s)
            self.bms_seen = witness.bms or self.bms_seen
            if bms.record is not None:
                self._journal.bms(sample.t_s, bms.record)
            if bms.cells:
                self._journal.cells(sample.t_s, bms.cells, bms.cells_at_s)
        tripped = self.rules.check(sample, witness, by_others=self._battery_V is not None)
        if self.rules.notes.pending:
            for note in self.rules.notes.pending:
                self.event(sample.t_s, note.code, note.level, note.params)
            self.rules.notes.pending.clear()
        if tripped is not None:
            raise tripped

    def _sensor_values(
        self, scan: Scan | None, now_s: float
    ) -> tuple[float | None, float | None, float | None]:
        """Surface, ambient, terminals; None once stale."""
        self.rules.sensor_age.look(scan)
        if scan is None or self.rules.sensor_age.stale(now_s, self._real_s()):
            return None, None, None
        return scan.surface_degC, scan.ambient_degC, scan.terminals_V

    def end(self) -> None:
        """Write down what is still open: the last gaps and the last stretch of lateness."""
        for sample in self.kept.rest():
            self._journal.sample(sample)
        self.lateness.end()

    def event(self, t_s: float, code: str, level: str, params: dict[str, object]) -> None:
        """Into the journal and to whoever watches."""
        self._journal.event(t_s, code, level, params)
        self._live.send({"type": "event", "t": round(t_s, 4), "code": code, "level": level, "params": params})

    def _missed(self, missed: Missed) -> None:
        """Into the journal alone: the window has no use for the small gaps of a busy machine."""
        self._journal.event(
            self.clock.now_s(),
            "engine.samples_skipped",
            "info",
            {
                "from_s": round(missed.from_s, 4),
                "to_s": round(missed.to_s, 4),
                "skipped": missed.skipped,
                "longest_s": round(missed.longest_s, 4),
            },
        )

    def _lateness_span(self, from_s: float, to_s: float, late: Histogram, skipped: int) -> None:
        self._journal.lateness(from_s, to_s, late.as_pairs(), skipped)

    def _edge_seen(self, edge: Edge, achieved_s: float | None, method: str) -> None:
        self._journal.edge(self.clock.now_s(), edge.segment, edge.asked_s, achieved_s, method, edge.dead_s)
        if achieved_s is None:
            self.event(self.clock.now_s(), "engine.edge_not_seen", "warning", {"segment": edge.segment})

    def _sleep_towards(self, until_s: float, now_s: float) -> bool:
        """Sleep a short piece; True when ``until_s`` has come."""
        if until_s - now_s > self._piece_s:
            self.clock.sleep_until(now_s + self._piece_s)
            return False
        self.clock.sleep_until(until_s)
        return True
