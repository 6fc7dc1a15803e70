"""When the edges of the pulses really came, from the samples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from station.safety.sample import Sample

SEEN_WITHIN_S = 1.0
GAP_MAX_S = 0.05
"""Samples further apart than this (or a tenth of the pulse) say less about an edge than the command does."""


@dataclass(frozen=True)
class Edge:
    """A change of commanded current at the start of ``segment``.

    ``commanded_s`` is when the command was given (commanded) or was due in the instrument's own program (sequenced).
    """

    segment: int
    asked_s: float
    commanded_s: float
    from_A: float
    to_A: float
    duration_s: float


class EdgeTracker:
    """``expect`` an edge, ``add`` samples; ``on_edge(edge, achieved_s, method)`` tells what came.

    The achieved time is where the current crosses the middle between old and new, interpolated between the two
    samples around it: method ``samples``. Where these are too far apart it is the command's own time: ``command``.
    An edge that never comes: ``not_seen`` and None.
    """

    def __init__(self, period_s: float, on_edge: Callable[[Edge, float | None, str], None]) -> None:
        self._gap_max_s = max(GAP_MAX_S, 3 * period_s)
        self._on_edge = on_edge
        self._waiting: Edge | None = None
        self._previous: tuple[float, float] | None = None

    def expect(self, edge: Edge) -> None:
        """Watch for ``edge``; one that was still waited for counts as not seen."""
        self.give_up()
        if edge.from_A != edge.to_A:
            self._waiting = edge

    def give_up(self) -> None:
        """Whatever is waited for did not come."""
        if self._waiting is not None:
            edge, self._waiting = self._waiting, None
            self._on_edge(edge, None, "not_seen")

    def add(self, sample: Sample) -> None:
        """Take one valid sample."""
        assert sample.current_A is not None
        now = (sample.t_s, sample.current_A)
        edge, before, self._previous = self._waiting, self._previous, now
        if edge is None:
            return
        middle_A = (edge.from_A + edge.to_A) / 2
        crossed = (now[1] >= middle_A) if edge.to_A > edge.from_A else (now[1] <= middle_A)
        if not crossed:
            if now[0] > edge.commanded_s + min(SEEN_WITHIN_S, edge.duration_s):
                self.give_up()
            return
        self._waiting = None
        gap_max_s = min(self._gap_max_s, max(0.1 * edge.duration_s, GAP_MAX_S / 10))
        if (
            before is None
            or now[0] - before[0] > gap_max_s
            or (before[1] - middle_A) * (now[1] - middle_A) > 0
        ):
            self._on_edge(edge, edge.commanded_s, "command")
            return
        share = (middle_A - before[1]) / (now[1] - before[1]) if now[1] != before[1] else 1.0
        self._on_edge(edge, before[0] + share * (now[0] - before[0]), "samples")
