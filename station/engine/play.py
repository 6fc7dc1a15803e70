"""Runs a plan: group after group, with the judgements that stand between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from drivers.capabilities import TimingClass
from drivers.contracts.power import PowerPort
from profiles.plan import Segment, SegmentRole
from station.engine.commanded import play_commanded
from station.engine.contact_step import ContactStep
from station.engine.job import Job
from station.engine.means import Drift
from station.engine.sampling import Sampler
from station.engine.sensors import Sensors
from station.engine.sequenced import play_sequenced
from station.engine.timing import choose_timing, groups
from station.safety.checks import CheckResult, require, rested
from station.safety.contact import contact_limit_ohm, evaluate_contact
from station.safety.sample import Sample

NEEDS_SCAN_UP_TO_SPEED = 5.0
"""Faster than this (only simulated time can be) a scan may not fit into the contact pulse."""
SCANS_FOR_DRIFT = 5
CONTACT_TRIES = 5
"""On a simulated bench in a hurry a contact pulse may pass between two samples; it is then made again."""


class Player:
    """``energise`` is called once, before the first current; ``on_segment`` at each segment's start."""

    def __init__(
        self,
        job: Job,
        power: PowerPort,
        sampler: Sampler,
        sensors: Sensors,
        *,
        energise: Callable[[], None],
        on_segment: Callable[[Segment], None],
        on_pause: Callable[[], None],
    ) -> None:
        self._job, self._power, self._sampler, self._sensors = job, power, sampler, sensors
        self._energise, self._on_segment, self._on_pause = energise, on_segment, on_pause
        self._energised = False
        self._capabilities = power.capabilities
        self._speed = sampler.clock.speed
        self._groups = [
            (group, choose_timing(group, job.plan.timing, self._capabilities, self._speed))
            for group in groups(job.plan)
        ]

    def play(self) -> None:
        """Run to the end, or raise what ended it."""
        end_s = self._sampler.clock.now_s()
        for group, timing in self._groups:
            end_s = self._rest(group, end_s) if timing is None else self._drive(group, timing, end_s)
        self._sampler.end()
        self._sampler.event(
            end_s,
            "engine.sampling",
            "info",
            dict(self._sampler.lateness.as_params(self._job.plan.sampling_Hz)),
        )

    def _rest(self, group: Sequence[Segment], start_s: float) -> float:
        for segment in group:
            self._on_segment(segment)
            drift = _DriftWatch(self._sensors) if segment.role is SegmentRole.OCV_CHECK else None
            if drift is not None:
                self._sampler.listeners.append(drift.listen)
            start_s += segment.duration_s
            self._sampler.sample_until(start_s, segment)
            if drift is not None:
                self._sampler.listeners.remove(drift.listen)
                self._judge_drift(drift, segment, start_s)
        return start_s

    def _drive(self, group: Sequence[Segment], timing: TimingClass, start_s: float) -> float:
        clock = self._sampler.clock
        if not self._energised:
            self._energise()
            self._energised = True
            # Samples with the output on and no current, from which the first step is measured.
            settle_s = max(0.2, 0.05 * self._speed)
            self._sampler.sample_until(clock.now_s() + settle_s, group[0])
            start_s = clock.now_s()
        self._sampler.event(
            clock.now_s(), "engine.timing", "info", {"group": group[0].group, "timing": timing.value}
        )
        if not any(segment.role is SegmentRole.CONTACT_PULSE for segment in group):
            return self._play_group(group, timing, start_s, None)
        for tries_left in reversed(range(CONTACT_TRIES)):
            contact = ContactStep(self._sampler, self._sensors, self._capabilities)
            try:
                end_s = self._play_group(group, timing, start_s, contact)
            finally:
                contact.end()
            if contact.seen or not tries_left or self._speed <= NEEDS_SCAN_UP_TO_SPEED:
                break
            self._sampler.event(clock.now_s(), "engine.contact_unseen", "warning", {})
            start_s = end_s
        self._judge_contact(contact)
        return end_s

    def _play_group(
        self, group: Sequence[Segment], timing: TimingClass, start_s: float, contact: ContactStep | None
    ) -> float:
        def on_segment(segment: Segment, at_s: float) -> None:
            self._on_segment(segment)
            if segment.role is SegmentRole.CONTACT_PULSE and contact is not None:
                contact.begin(segment, at_s)

        if timing is TimingClass.SEQUENCED:
            before = self._job.plan.segments[max(group[0].index - 1, 0)]
            return play_sequenced(self._power, self._sampler, group, before, on_segment, self._on_pause)
        # Nothing is gained by catching up: a late group starts late, with its own times intact.
        start_s = max(start_s, self._sampler.clock.now_s())
        return play_commanded(self._power, self._sampler, group, start_s, on_segment)

    def _judge_drift(self, drift: _DriftWatch, segment: Segment, at_s: float) -> None:
        if segment.drift_max_mV_per_min is None:
            return
        cells = self._job.series_cells
        slope, uncertainty, source = drift.result(self._capabilities.voltage_resolution_V, cells)
        result = rested(slope, segment.drift_max_mV_per_min, uncertainty)
        self._sampler.event(
            at_s,
            "engine.ocv_drift",
            "info" if result.ok else "alarm",
            {
                "drift_mV_per_min": round(slope, 3),
                "uncertainty_mV_per_min": round(uncertainty, 3),
                "limit_mV_per_min": segment.drift_max_mV_per_min,
                "source": source,
            },
        )
        self._tell([result], at_s)
        require([result])

    def _judge_contact(self, contact: ContactStep) -> None:
        evidence = contact.evidence()
        result = evaluate_contact(
            evidence,
            nominal_capacity_Ah=self._job.battery.nominal_capacity_Ah,
            series_cells=self._job.series_cells,
            contact_resistance_max_ohm=self._job.channel.limits.contact_resistance_max_ohm,
            needs_terminals=self._sensors.has("terminals") and self._speed <= NEEDS_SCAN_UP_TO_SPEED,
        )
        compared = result.contact_resistance_ohm is not None or not self._sensors.has("terminals")
        self._sampler.event(
            self._sampler.clock.now_s(),
            "engine.contact",
            "alarm" if not result.ok else "info" if compared else "warning",
            {
                "apparent_resistance_ohm": result.apparent_resistance_ohm,
                "contact_resistance_ohm": result.contact_resistance_ohm,
                "current_A": evidence.current_during_A - evidence.current_before_A,
            },
        )
        self._tell(result.checks, self._sampler.clock.now_s())
        require(result.checks)
        if result.contact_resistance_ohm is not None and result.apparent_resistance_ohm is not None:
            agreement = self._sampler.agreement
            agreement.contact_max_ohm = contact_limit_ohm(
                agreement.contact_max_ohm, result.apparent_resistance_ohm
            )

    def _tell(self, results: Sequence[CheckResult], at_s: float) -> None:
        """Every rule is on record, whether it passed or not."""
        for result in results:
            self._sampler.event(at_s, result.event, result.level, result.as_dict())


class _DriftWatch:
    """The slope of the rested voltage, by the instrument and by the finer scanner where there is one."""

    def __init__(self, sensors: Sensors) -> None:
        self._sensors = sensors
        self._own, self._scanned = Drift(), Drift()
        self._serial = 0
        self._began_s: float | None = None

    def listen(self, sample: Sample) -> None:
        """Take one sample, and the scan that came with it if it is new."""
        assert sample.voltage_V is not None
        if self._began_s is None:
            self._began_s = sample.t_s
        self._own.add(sample.t_s, sample.voltage_V)
        scan = self._sensors.latest()
        if scan is not None and scan.serial != self._serial and scan.start_s >= self._began_s:
            self._serial = scan.serial
            if scan.terminals_V is not None:
                self._scanned.add((scan.start_s + scan.end_s) / 2, scan.terminals_V)

    def result(self, resolution_V: float, cells: int) -> tuple[float, float, str]:
        """Slope and its uncertainty per cell in mV/min, and whose it is.

        One step of the converter in the middle of the window makes a slope of 1.5 steps per window.
        """
        per_cell = 60_000 / cells
        scanned = self._scanned.slope_V_per_s()
        if (
            scanned is not None
            and self._scanned.count >= SCANS_FOR_DRIFT
            and self._scanned.span_s > self._own.span_s / 2
        ):
            return scanned * per_cell, 0.0, "scanner"
        own = self._own.slope_V_per_s()
        if own is None:
            return 0.0, 0.0, "none"
        return own * per_cell, 1.5 * resolution_V / self._own.span_s * per_cell, "instrument"
