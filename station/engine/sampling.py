"""The measuring loop: a sample at each absolute deadline, every one checked before anything else happens."""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field

from drivers.contracts.power import PowerPort
from drivers.errors import NoReading
from profiles.plan import Segment
from station.engine.agreement import VoltageAgreement
from station.engine.bms_watch import BmsWatch
from station.engine.edges import Edge, EdgeTracker
from station.engine.journal import JournalWriter
from station.engine.live import LiveWriter
from station.engine.means import Recent
from station.engine.sensors import Scan, Sensors
from station.engine.timebase import Clock
from station.engine.tracking import CurrentTracking
from station.errors import LimitTripped
from station.safety.envelope import Envelope
from station.safety.sample import Sample

SUPERVISE_S = 0.02
"""Longest real time between two looks at stop requests, guard and watchdog."""
SENSOR_WARN, SENSOR_TRIP = 1.0, 5.0
"""Multiples of the sensors' age limit at which to warn and to end the test."""
SENSOR_TRIP_REAL_S = 2.0
RECENT_S = 10.0


@dataclass
class Lateness:
    """How well the sampling kept its deadlines, in bench seconds."""

    samples: int = 0
    skipped: int = 0
    first_s: float = 0.0
    last_s: float = 0.0
    late_s: array[float] = field(default_factory=lambda: array("f"))
    """How much later than its deadline each sample was begun."""

    def as_params(self, asked_Hz: float) -> dict[str, float]:
        """For the journal."""
        span_s = self.last_s - self.first_s
        return {
            "asked_Hz": asked_Hz,
            "achieved_Hz": round((self.samples - 1) / span_s, 2) if span_s > 0 else 0.0,
            "samples": self.samples,
            "skipped": self.skipped,
            "late_p50_s": self._late_s(0.5),
            "late_p99_s": self._late_s(0.99),
            "late_max_s": self._late_s(1.0),
        }

    def _late_s(self, share: float) -> float:
        ordered = sorted(self.late_s)
        return round(ordered[min(int(share * len(ordered)), len(ordered) - 1)], 6) if ordered else 0.0


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
        supervise: Callable[[], None],
        bms: BmsWatch | None = None,
        on_sample: Callable[[Sample], None] = lambda _: None,
        unix: Callable[[], float] = time.time,
    ) -> None:
        self._power, self.clock, self._envelope = power, clock, envelope
        self._sensors, self._journal, self._live = sensors, journal, live
        self._period_s = 1.0 / sampling_Hz
        self._supervise, self._bms, self._on_sample, self._unix = supervise, bms, on_sample, unix
        self._tracking = CurrentTracking(range_A)
        self.agreement = VoltageAgreement(contact_max_ohm, power.capabilities.voltage_resolution_V)
        self.edges = EdgeTracker(self._period_s, self._edge_seen)
        self.recent = Recent(RECENT_S)
        self.lateness = Lateness()
        self._next_s = clock.now_s()
        self._read_s = 0.0
        self._good_s, self._good_at = clock.now_s(), time.monotonic()
        self._command_A = 0.0
        self._steady_since_s = clock.now_s()
        self._sensor_serial = 0
        self._warned: set[str] = set()
        self.listeners: list[Callable[[Sample], None]] = []

    @property
    def read_s(self) -> float:
        """Bench seconds that one reading of the instrument takes at present."""
        return self._read_s

    def commanded(self, current_A: float, at_s: float, edge: Edge | None = None) -> None:
        """The commanded current is ``current_A`` from ``at_s`` on; ``edge`` is watched for in the samples."""
        if edge is not None:
            self.edges.expect(edge)
        if current_A != self._command_A:
            self._steady_since_s = at_s
        self._command_A = current_A

    def sample_until(self, end_s: float, segment: Segment) -> None:
        """Sample until bench time ``end_s``; raises whatever ends the run."""
        while True:
            self._supervise()
            now_s = self.clock.now_s()
            if self._next_s < now_s - self._period_s:
                skipped = int((now_s - self._next_s) / self._period_s)
                self.lateness.skipped += skipped
                self._next_s += skipped * self._period_s
            # A read that would not be over in time must not delay what comes at end_s.
            due_s = max(self._next_s, now_s)
            if due_s >= end_s or (end_s - due_s < self._read_s and end_s - due_s < self._period_s):
                if self._sleep_towards(end_s, now_s):
                    return
            elif self._sleep_towards(self._next_s, now_s):
                self.take(segment)
                self._next_s += self._period_s

    def take(self, segment: Segment) -> Sample:
        """Measure once, check, record."""
        before_s = self.clock.now_s()
        self.lateness.late_s.append(max(before_s - self._next_s, 0.0))
        try:
            reading = self._power.read()
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
        sample = Sample(
            (before_s + after_s) / 2,
            self._unix() - (after_s - before_s) / 2 / self.clock.speed,
            reading.voltage_V,
            reading.current_A,
            self._command_A,
            segment.index,
            *self._sensor_values(scan, after_s),
            spread_s=(after_s - before_s) / 2,
        )
        tripped = self._envelope.check(sample)
        if tripped is None or tripped.code != "safety.no_reading":
            self._journal.sample(sample)
        if tripped is not None:
            raise tripped
        self._note(sample, before_s, after_s)
        self._check_rest(sample, scan)
        return sample

    def _note(self, sample: Sample, before_s: float, after_s: float) -> None:
        late = self.lateness
        late.samples += 1
        late.first_s = late.first_s if late.samples > 1 else sample.t_s
        late.last_s = sample.t_s
        took_s = after_s - before_s
        self._read_s = took_s if late.samples == 1 else 0.8 * self._read_s + 0.2 * took_s
        self._live.sample(sample)
        self.recent.add(sample)
        self.edges.add(sample)
        for listener in self.listeners:
            listener(sample)

    def _check_rest(self, sample: Sample, scan: Scan | None) -> None:
        tripped = self._tracking.check(sample)
        if tripped is None and scan is not None:
            tripped = self.agreement.check(scan, self.recent, self._steady_since_s)
            if tripped is None and scan.serial != self._sensor_serial and scan.cells_V:
                self._journal.cells(scan.end_s, list(scan.cells_V))
                tripped = self._envelope.check_cells(scan.cells_V)
            self._sensor_serial = scan.serial
        if tripped is None and self._bms is not None:
            tripped = self._bms.check(sample, self._steady_since_s)
            if self._bms.record is not None:
                self._journal.bms(sample.t_s, self._bms.record)
            if self._bms.cells:
                self._journal.cells(sample.t_s, self._bms.cells)
            self._warn("bms_stale", self._bms.stale, sample.t_s, {})
        if tripped is not None:
            raise tripped

    def _sensor_values(
        self, scan: Scan | None, now_s: float
    ) -> tuple[float | None, float | None, float | None]:
        """Surface, ambient, terminals; None once stale. A surface sensor lost for long ends the test."""
        if not self._sensors.present:
            return None, None, None
        blind = scan is not None and scan.surface_degC is None and self._sensors.has("cell_surface")
        if scan is not None and not blind:
            self._good_s, self._good_at = scan.end_s, scan.at
        age_s, real_s = now_s - self._good_s, time.monotonic() - self._good_at
        limit_s = self._sensors.age_limit_s()
        stale = age_s > limit_s * SENSOR_WARN and real_s > SUPERVISE_S * 10
        lost = stale or blind
        self._warn(
            "sensor_stale", lost, now_s, {"age_s": round(age_s, 2), "problem": self._sensors.problem()}
        )
        if stale and age_s > limit_s * SENSOR_TRIP and real_s > SENSOR_TRIP_REAL_S:
            raise LimitTripped(
                f"sensor_stale: no valid scan for {age_s:.1f} s: {self._sensors.problem()}",
                remedy="check the scanner and its network",
                code="safety.sensor_stale",
                rule="sensor_stale",
                value=age_s,
                limit=limit_s * SENSOR_TRIP,
                unit="s",
                t_s=round(now_s, 4),
            )
        if stale or scan is None:
            return None, None, None
        return scan.surface_degC, scan.ambient_degC, scan.terminals_V

    def _warn(self, code: str, active: bool, t_s: float, params: dict[str, object]) -> None:
        """One event when something begins, one when it is over."""
        if active == (code in self._warned):
            return
        (self._warned.add if active else self._warned.discard)(code)
        self.event(
            t_s, f"engine.{code}" + ("" if active else "_over"), "warning" if active else "info", params
        )

    def event(self, t_s: float, code: str, level: str, params: dict[str, object]) -> None:
        """Into the journal and to whoever watches."""
        self._journal.event(t_s, code, level, params)
        self._live.send({"type": "event", "t": round(t_s, 4), "code": code, "level": level, "params": params})

    def _edge_seen(self, edge: Edge, achieved_s: float | None, method: str) -> None:
        self._journal.edge(self.clock.now_s(), edge.segment, edge.asked_s, achieved_s, method)
        if achieved_s is None:
            self.event(self.clock.now_s(), "engine.edge_not_seen", "warning", {"segment": edge.segment})

    def _sleep_towards(self, until_s: float, now_s: float) -> bool:
        """Sleep a short piece; True when ``until_s`` has come."""
        piece_s = SUPERVISE_S * self.clock.speed
        if until_s - now_s > piece_s:
            self.clock.sleep_until(now_s + piece_s)
            return False
        self.clock.sleep_until(until_s)
        return True
