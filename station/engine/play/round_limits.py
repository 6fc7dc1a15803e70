"""What a round that was decided on the way has to keep: the step's own bounds, and all that a plan has to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from drivers.capabilities import Capabilities
from profiles.open_step import OpenStep
from profiles.plan import Segment, SegmentRole
from profiles.rounds import Moved, RoundRefused, check_round
from station.engine.base.job import Job
from station.engine.base.stop import Interruption
from station.engine.measure.means import voltage_V
from station.engine.measure.sampling import RECENT_S, Sampler
from station.engine.play.timing import choose_timing
from station.errors import UsageError
from station.safety.checks.plan import plan_current, plan_power
from station.safety.envelope import Envelope
from station.safety.running import Totals
from station.safety.sample import Sample

NEAR_CELL_V = 0.05
"""A change of SOC ends this far (per cell) before the limit that would end the test."""
_MOVING = {SegmentRole.SOC_SHIFT: "shift_soc", SegmentRole.PARTIAL_CHARGE: "partial_charge"}


class NearLimit(Interruption):
    """A change of SOC has come near a limit of the voltage: zero at once, and no further that way."""


class RoundLimits:
    """Counts what open steps have used, and judges what is still to come."""

    def __init__(self, job: Job, sampler: Sampler, envelope: Envelope, capabilities: Capabilities) -> None:
        self._timing, self._series_cells = job.plan.timing, job.series_cells
        self._sampler, self._envelope, self._capabilities = sampler, envelope, capabilities
        self._began: dict[int, Totals] = {}
        self._spent_s: dict[int, float] = {}
        self._at_limit: set[int] = set()

    def begin(self, step: OpenStep, totals: Totals) -> None:
        """What the run had moved when the step began; only the first word counts."""
        self._began.setdefault(step.step, totals.copy())
        self._spent_s.setdefault(step.step, 0.0)

    def began(self, step: int) -> Totals:
        """What the run had moved when that step began."""
        return self._began[step]

    def spend(self, step: OpenStep, seconds: float) -> None:
        """Bench time that counts against the step's budget."""
        self._spent_s[step.step] += seconds

    def moved(self, step: OpenStep) -> Moved:
        """What the step has used by now, as measured."""
        totals, began = self._sampler.rules.throughput.totals, self._began[step.step]
        return Moved(
            self._spent_s[step.step],
            totals.charge_Ah - began.charge_Ah,
            totals.discharge_Ah - began.discharge_Ah,
        )

    def no_further(self, step: OpenStep) -> None:
        """The SOC is not changed any more in this step."""
        self._at_limit.add(step.step)

    def kinds(self, step: OpenStep) -> tuple[str, ...]:
        """What the step allows by now."""
        if step.step not in self._at_limit:
            return step.kinds
        return tuple(kind for kind in step.kinds if kind not in _MOVING.values())

    def currents_A(self, step: OpenStep) -> tuple[float, float]:
        """The largest charge and discharge current that would pass ``check`` now, as magnitudes."""
        envelope = self._envelope
        by_power_A = envelope.power_max_W.value / max(abs(self.voltage_V()), 1e-3)
        return (
            min(step.charge_max_A, envelope.charge_current_max_A.value, by_power_A),
            min(step.discharge_max_A, envelope.discharge_current_max_A.value, by_power_A),
        )

    def voltage_V(self) -> float:
        """The newest reading; the most that may ever be where there is none yet."""
        recent = self._sampler.recent.since(self._sampler.clock.now_s() - RECENT_S)
        return voltage_V(recent[-1]) if recent else self._envelope.voltage_max_V.value

    def check(self, segments: Sequence[Segment], step: OpenStep) -> None:
        """All that a plan has to pass before energy, and the step's own bounds. Raises RoundRefused."""
        check_round(segments, replace(step, kinds=self.kinds(step)), self.moved(step))
        currents_A = [segment.current_A for segment in segments]
        for result in (
            plan_current(currents_A, self._envelope),
            plan_power(currents_A, self._envelope, self.voltage_V()),
        ):
            if not result.ok:
                raise RoundRefused(result.message)
        self._check_totals(segments)
        try:
            choose_timing(segments, self._timing, self._capabilities, self._sampler.clock.speed)
        except UsageError as error:
            raise RoundRefused(error.message) from error

    def _check_totals(self, segments: Sequence[Segment]) -> None:
        """Charge and energy of the whole run, as the running rules count them, whoever limits them."""
        throughput, volts = self._sampler.rules.throughput, self._envelope.voltage_max_V.value
        totals = throughput.totals
        charge_Ah = sum(s.current_A * s.duration_s for s in segments if s.current_A > 0) / 3600
        discharge_Ah = -sum(s.current_A * s.duration_s for s in segments if s.current_A < 0) / 3600
        for info, value in (
            (throughput.charge, totals.charge_Ah + charge_Ah),
            (throughput.discharge, totals.discharge_Ah + discharge_Ah),
            (throughput.energy, totals.charge_Wh + charge_Ah * volts),
            (throughput.energy, totals.discharge_Wh + discharge_Ah * volts),
        ):
            if info is not None and info.limit is not None and value > info.limit:
                raise RoundRefused(
                    f"{value:.4g} {info.unit} in all, the {info.source} allows {info.limit:.4g} {info.unit}"
                )

    @contextmanager
    def watching(self, segments: Sequence[Segment]) -> Iterator[None]:
        """While segments are played: raises NearLimit before a change of SOC would trip a limit."""
        moves = any(segment.role in _MOVING for segment in segments)
        if moves:
            self._sampler.listeners.append(self._watch)
        try:
            yield
        finally:
            if moves:
                self._sampler.listeners.remove(self._watch)

    def _watch(self, sample: Sample) -> None:
        assert sample.voltage_V is not None
        near_V, envelope = NEAR_CELL_V * self._series_cells, self._envelope
        full = sample.command_A > 0 and sample.voltage_V >= envelope.voltage_max_V.value - near_V
        if full or (sample.command_A < 0 and sample.voltage_V <= envelope.voltage_min_V.value + near_V):
            raise NearLimit
