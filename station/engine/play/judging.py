"""The judgements that stand between the groups of a plan: rest drift and contact check."""

from __future__ import annotations

from collections.abc import Sequence

from profiles.plan import Segment
from station.engine.base.job import Job
from station.engine.measure.means import Drift
from station.engine.measure.sampling import Sampler
from station.engine.measure.sensors import Sensors
from station.engine.play.contact_step import ContactStep
from station.safety.checks import CheckResult, require, rested
from station.safety.contact import contact_limit_ohm, evaluate_contact
from station.safety.sample import Sample

NEEDS_SCAN_UP_TO_SPEED = 5.0
"""Faster than this (only simulated time can be) a scan may not fit into the contact pulse."""
SCANS_FOR_DRIFT = 5


class Judge:
    """Both raise CheckFailed; what they found is on record either way."""

    def __init__(self, job: Job, sampler: Sampler, sensors: Sensors, resolution_V: float) -> None:
        self._job, self._sampler, self._sensors = job, sampler, sensors
        self._resolution_V = resolution_V
        self._speed = sampler.clock.speed

    def drift(self, drift: DriftWatch, segment: Segment, at_s: float) -> None:
        """Has the voltage come to rest?"""
        if segment.drift_max_mV_per_min is None:
            return
        slope, uncertainty, source = drift.result(self._resolution_V, self._job.series_cells)
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

    def contact(self, contact: ContactStep) -> None:
        """Are the leads on, and is it a battery of this size? Tightens the rule on contact resistance."""
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
        if result.apparent_resistance_ohm is not None:
            # Also when no scan fell into the pulse: then the running comparison is the only one there is.
            agreement = self._sampler.agreement
            agreement.contact_max_ohm = contact_limit_ohm(
                agreement.contact_max_ohm, result.apparent_resistance_ohm
            )

    def _tell(self, results: Sequence[CheckResult], at_s: float) -> None:
        """Every rule is on record, whether it passed or not."""
        for result in results:
            self._sampler.event(at_s, result.event, result.level, result.as_dict())


class DriftWatch:
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
