"""Commanded pulses keep their length although an edge comes late."""

from __future__ import annotations

from itertools import pairwise
from typing import cast

import pytest

from drivers.contracts.power import PowerPort
from profiles.plan import Segment, SegmentRole
from station.engine.measure.edges import Edge
from station.engine.measure.sampling import Sampler
from station.engine.play.commanded import play_commanded
from tests.station.engine.fakes import FakeClock

CROSSING_S = 0.3


class SlowPort:
    """Takes long to change sides; the current itself is set at the very end."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock, self._side = clock, 1.0
        self.set: list[tuple[float, float]] = []

    def set_current(self, current_A: float) -> None:
        if current_A * self._side < 0:
            self._clock.t += CROSSING_S
            self._side = -self._side
        self._clock.t += 0.002
        self.set.append((self._clock.t, current_A))

    def take_dead_time_s(self) -> None:
        """It has no sides that are off in between."""


class FakeEdges:
    """Nobody looks for edges here."""

    def give_up(self) -> None:
        return None


class FakeSampler:
    """Sleeps where a sampler would sample."""

    read_s = 0.004

    def __init__(self, clock: FakeClock) -> None:
        self.clock, self.edges = clock, FakeEdges()
        self.edge_list: list[Edge] = []

    def commanded(self, current_A: float, at_s: float, edge: Edge | None = None) -> None:
        del current_A, at_s
        if edge is not None:
            self.edge_list.append(edge)

    def sample_until(self, end_s: float, segment: Segment, done: object = None) -> None:
        del segment, done
        self.clock.sleep_until(end_s)


def test_a_late_edge_moves_the_next_one() -> None:
    clock = FakeClock()
    port, sampler = SlowPort(clock), FakeSampler(clock)
    role = SegmentRole.REST
    segments = [
        Segment(index=n, step=1, group=1, role=role, current_A=current_A, duration_s=5.0)
        for n, current_A in enumerate([20.0, 0.0, -20.0, 0.0])
    ]
    end_s = play_commanded(
        cast(PowerPort, port), cast(Sampler, sampler), segments, 0.0, lambda _segment, _at_s: None
    )
    times = [t_s for t_s, _ in port.set]
    assert [current_A for _, current_A in port.set] == [20.0, 0.0, -20.0, 0.0]
    widths = [after - before for before, after in pairwise(times)]
    assert widths == pytest.approx([5.0, 5.0 + CROSSING_S, 5.0], abs=0.003)
    assert end_s == pytest.approx(20.0 + CROSSING_S, abs=0.01)
    # What is on record is when the current was set, not when its turn would have been.
    for edge, set_s in zip(sampler.edge_list, times, strict=True):
        assert edge.commanded_s == pytest.approx(set_s, abs=0.002)
