"""Plays a group of segments by sending each edge at its moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from drivers.contracts.power import PowerPort
from profiles.plan import Segment
from station.engine.measure.edges import Edge
from station.engine.measure.sampling import Sampler


def play_commanded(
    power: PowerPort,
    sampler: Sampler,
    group: Sequence[Segment],
    start_s: float,
    on_segment: Callable[[Segment, float], None],
    done: Callable[[], bool] | None = None,
) -> float:
    """Play ``group`` from bench time ``start_s``; returns its end. The current is zero afterwards.

    ``done`` is asked behind each sample, and ends the present segment before its time.

    Each segment lasts as long as planned from the moment its current was set: an edge that came late, as
    where a pair of instruments changes sides, moves the edges after it instead of shortening its pulse.
    """
    edge_s, current_A = start_s, 0.0
    for segment in group:
        on_segment(segment, edge_s)
        if segment.current_A != current_A:
            before_s = sampler.clock.now_s()
            power.set_current(segment.current_A)
            set_s = sampler.clock.now_s()
            # Whatever the driver had to do first, the current itself is set last: in the middle of the last
            # exchange, and one exchange is about half a reading.
            commanded_s = set_s - min(set_s - before_s, sampler.read_s / 2) / 2
            edge = Edge(
                segment.index,
                edge_s,
                commanded_s,
                current_A,
                segment.current_A,
                segment.duration_s,
                commanded_s - before_s,
                by_host=True,
                dead_s=power.take_dead_time_s(),
            )
            sampler.commanded(segment.current_A, commanded_s, edge)
            current_A, edge_s = segment.current_A, commanded_s
        edge_s += segment.duration_s
        sampler.sample_until(edge_s, segment, done)
    if current_A != 0.0:
        power.set_current(0.0)
        sampler.commanded(0.0, sampler.clock.now_s())
    sampler.edges.give_up()
    return edge_s
