"""Plays a segment that may be over before its time, whose current may be set anew while it lasts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drivers.contracts.power import PowerPort
from profiles.plan import End, Segment, Until
from station.engine.base.end_voltage import end_cell_V
from station.engine.base.job import Job
from station.engine.measure.edges import Edge
from station.engine.measure.sampling import Sampler
from station.engine.play.ending import EndWatch
from station.engine.play.holding import Holder
from station.engine.play.quantities import Quantities

UPDATE_S = 0.05
"""Real time between two currents that are set."""
BLIND_MAX_S, STILL_S = 20.0, 3.0
"""Bench time for which a hold may swing while rules wait for a steady current; then the current stays where
it is for so long that each of them has judged."""
SMALL = 0.02
"""Share of the largest current: a smaller change does not count as a new step of current for the rules that
wait for one to settle."""


def target_of(job: Job, segment: Segment) -> float:
    """What a segment's control holds, for the whole battery. Raises UsageError for an unknown chemistry."""
    control = segment.control
    assert control is not None
    if control.mode == "voltage":
        return end_cell_V(job, End(control.cell_V, 0.0, must_reach=False)) * job.series_cells
    return control.target * (job.series_cells if control.mode == "cell_power" else 1)


class OpenSegment:
    """One segment; ``play`` returns the bench time of its end, with zero current behind it."""

    def __init__(
        self, job: Job, power: PowerPort, sampler: Sampler, quantities: Quantities, segment: Segment
    ) -> None:
        self._job, self._power, self._sampler, self._segment = job, power, sampler, segment
        self._quantities = quantities
        self._watch = EndWatch(segment.until or Until(), quantities, segment)
        self._holder: Holder | None = None
        self._current_A = 0.0
        self._next_s = 0.0
        self._updates = self._stills = 0
        self._moved_s = self._judged_s = sampler.clock.now_s()
        """When the current last swung, and when the rules last had it steady for long enough."""
        self._fallen = False

    def play(self, start_s: float, on_segment: Callable[[Segment, float], None]) -> float:
        """Raises CheckFailed where what had to be reached was not, and whatever ends the run."""
        sampler, segment, clock = self._sampler, self._segment, self._sampler.clock
        rested = self._quantities.newest
        if rested is None:
            rested = sampler.take_now(segment)
        on_segment(segment, start_s)
        first_A = segment.current_A
        if segment.control is not None:
            target = target_of(self._job, segment)
            self._holder = Holder(segment.control, segment, target, self._job.series_cells, rested)
            first_A = self._holder.first_A()
        before_s = clock.now_s()
        self._set(first_A)
        now_s = clock.now_s()
        edge = Edge(
            segment.index, start_s, now_s, 0.0, first_A, segment.duration_s, now_s - before_s, by_host=True
        )
        sampler.commanded(first_A, now_s, edge)
        self._moved_s = self._judged_s = now_s
        sampler.sample_until(now_s + segment.duration_s, segment, self._done)
        self._set(0.0)
        end_s = clock.now_s()
        sampler.commanded(0.0, end_s)
        sampler.edges.give_up()
        self._tell(now_s, end_s)
        return end_s

    def _set(self, current_A: float) -> None:
        self._power.set_current(current_A)
        self._current_A = current_A
        self._next_s = self._sampler.clock.now_s() + self._period_s()

    def _period_s(self) -> float:
        return max(UPDATE_S * self._sampler.clock.speed, 3 * self._sampler.read_s)

    def _done(self) -> bool:
        if self._watch.done():
            return True
        holder, sample = self._holder, self._quantities.newest
        if holder is None or sample is None or sample.command_A != self._current_A:
            return False
        holder.cells_V = self._quantities.cells_V()
        if self._updates > 0 and holder.judge(sample):
            self._fallen = True
            return True
        if sample.t_s >= self._next_s:
            self._hold(holder.next_A(sample))
        return False

    def _hold(self, wanted_A: float) -> None:
        self._updates += 1
        still_s = self._must_stand_still()
        if still_s:
            wanted_A = min(wanted_A, self._current_A, key=abs)  # standing still drives nothing further
        change_A = abs(wanted_A - self._current_A)
        if change_A < self._power.capabilities.current_resolution_A / 2:
            self._next_s = self._sampler.clock.now_s() + max(self._period_s(), still_s)
            return
        self._set(wanted_A)
        now_s = self._sampler.clock.now_s()
        small = change_A <= SMALL * abs(self._segment.current_A)
        self._sampler.commanded(wanted_A, now_s, settled=small)
        self._next_s = max(self._next_s, now_s + still_s)
        if not small:
            self._moved_s = now_s

    def _must_stand_still(self) -> float:
        """For how long from now on, in bench s; 0.0 as long as the rules have not waited for too long."""
        now_s = self._sampler.clock.now_s()
        if now_s - self._moved_s >= STILL_S:
            self._judged_s = now_s
        if now_s - self._judged_s < BLIND_MAX_S:
            return 0.0
        self._judged_s = now_s
        self._stills += 1
        return STILL_S

    def _tell(self, start_s: float, end_s: float) -> None:
        watch, holder, segment = self._watch, self._holder, self._segment
        told: dict[str, Any] = {
            "segment": segment.index,
            "ended_by": "current" if self._fallen else watch.why or "time",
            "moved_Ah": round(watch.moved_Ah, 4),
            "duration_s": round(end_s - start_s, 2),
        }
        reached = self._fallen or (watch.reached and bool(segment.until and segment.until.conditions))
        must_end = segment.control is not None and segment.control.end_A is not None
        if holder is not None:
            held = holder.held
            told |= {
                "mode": holder.mode, "target": round(holder.target, 6), "limited": holder.limited,
                "updates": self._updates, "stills": self._stills, "samples": held.count,
                "worst": round(held.worst, 6),
                "mean": round(held.total / held.count, 6) if held.count else None,
            }  # fmt: skip
        missed = not reached and (must_end or bool(segment.until and segment.until.conditions))
        code = "engine.held" if holder is not None else "engine.until"
        self._sampler.event(
            end_s, f"{code}_missed" if missed else code, "warning" if missed else "info", told
        )
        if missed and segment.until is not None and segment.until.must_reach:
            watch.refuse(told)
