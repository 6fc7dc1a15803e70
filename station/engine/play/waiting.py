"""Waits at zero current until something has come."""

from __future__ import annotations

from profiles.plan import Segment
from station.engine.measure.sampling import Sampler
from station.engine.play.acts import Acts
from station.engine.play.ending import EndWatch
from station.engine.play.quantities import Quantities


def wait(sampler: Sampler, quantities: Quantities, acts: Acts, segment: Segment) -> float:
    """Returns the bench time of its end. Raises CheckFailed where what had to come did not, and whatever ends
    or interrupts the run."""
    clock = sampler.clock
    if segment.act is not None:
        acts.play(segment)
        return clock.now_s()
    assert segment.until is not None
    began_s = clock.now_s()
    watch = EndWatch(segment.until, quantities, segment)
    sampler.sample_until(began_s + segment.duration_s, segment, watch.done)
    end_s = clock.now_s()
    told: dict[str, object] = {
        "segment": segment.index,
        "ended_by": watch.why or "time",
        "moved_Ah": 0.0,
        "duration_s": round(end_s - began_s, 2),
    }
    code, level = ("engine.until", "info") if watch.reached else ("engine.until_missed", "warning")
    sampler.event(end_s, code, level, told)
    if not watch.reached and segment.until.must_reach:
        watch.refuse(told)
    return end_s
