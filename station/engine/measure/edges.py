"""When the edges of the pulses really came, from the samples."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from station.safety.sample import Sample

HISTORY = 64
SEEN_WITHIN_S = 1.0
GAP_MAX_S = 0.05
"""Samples further apart than this (or a tenth of the pulse) say less about an edge than the command does."""


@dataclass(frozen=True)
class Edge:
    """A change of commanded current at the start of ``segment``.

    ``commanded_s`` is when the command was given (commanded), or when it was due in the instrument's
    own program (sequenced).
    """

    segment: int
    asked_s: float
    commanded_s: float
    from_A: float
    to_A: float
    duration_s: float
    early_s: float = 0.0
    """How much earlier than ``commanded_s`` the edge may have been: the instrument's own clock started
    somewhere inside the exchange that started it."""
    by_host: bool = False
    """The host commanded this very edge, so that ``commanded_s`` is its earliest moment as well."""
    dead_s: float | None = None
    """For how long both sides of a joined pair were off on the way, in real s."""


class EdgeTracker:
    """``expect`` an edge, ``add`` samples; ``on_edge(edge, achieved_s, method)`` tells what came.

    The achieved time is where the current crosses the middle between old and new, interpolated between
    the two samples around it, and not before the command could have acted: method ``samples``. Where these
    are too far apart it is the command's own
    time: ``command``.
    An edge that never comes: ``not_seen`` and None.
    """

    def __init__(self, period_s: float, on_edge: Callable[[Edge, float | None, str], None]) -> None:
        self._gap_max_s = max(GAP_MAX_S, 3 * period_s)
        self._on_edge = on_edge
        self._waiting: Edge | None = None
        self._recent: deque[tuple[float, float]] = deque(maxlen=HISTORY)

    def expect(self, edge: Edge) -> None:
        """Watch for ``edge``; one that was still waited for counts as not seen."""
        self.give_up()
        if edge.from_A != edge.to_A:
            self._waiting = edge

    def forget(self) -> None:
        """Whatever is waited for was called off."""
        self._waiting = None

    def give_up(self) -> None:
        """Whatever is waited for did not come."""
        if self._waiting is not None:
            edge, self._waiting = self._waiting, None
            self._on_edge(edge, None, "not_seen")

    def add(self, sample: Sample) -> None:
        """Take one valid sample."""
        assert sample.current_A is not None
        self._recent.append((sample.t_s, sample.current_A))
        edge = self._waiting
        if edge is None:
            return
        middle_A = (edge.from_A + edge.to_A) / 2
        if not _beyond(edge, sample.current_A, middle_A):
            if sample.t_s > edge.commanded_s + min(SEEN_WITHIN_S, edge.duration_s):
                self.give_up()
            return
        self._waiting = None
        achieved_s = self._crossing(edge, middle_A)
        if achieved_s is None:
            self._on_edge(edge, edge.commanded_s, "command")
        else:
            # The last sample before may be a whole period old; no current moves before it was told to.
            told_s = edge.commanded_s if edge.by_host else edge.commanded_s - edge.early_s
            earliest_s = min(told_s, sample.t_s)
            self._on_edge(edge, max(achieved_s, earliest_s), "samples")

    def _crossing(self, edge: Edge, middle_A: float) -> float | None:
        """The newest crossing in the samples, interpolated; None when they do not show it closely enough."""
        gap_max_s = min(self._gap_max_s, max(0.1 * edge.duration_s, GAP_MAX_S / 10))
        for (t0, i0), (t1, i1) in pairwise(reversed(self._recent)):
            # Newest first: (t0, i0) is after (t1, i1).
            if t0 < edge.commanded_s - edge.early_s - gap_max_s:
                return None
            if not _beyond(edge, i1, middle_A):
                return t1 + (middle_A - i1) / (i0 - i1) * (t0 - t1) if t0 - t1 <= gap_max_s else None
        return None


def _beyond(edge: Edge, current_A: float, middle_A: float) -> bool:
    return current_A >= middle_A if edge.to_A > edge.from_A else current_A <= middle_A
