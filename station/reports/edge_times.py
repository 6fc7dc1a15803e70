"""When the pulse edges of a run really came, from when they were due and when the samples saw them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from station.diagnosis.pulses.programs import programs

Edge = Mapping[str, Any]

OUTLIER_S = 0.05
"""An edge that was seen further from the common delay than this came at its own time."""


def edge_times(
    edges: Sequence[Edge], *, sequenced: bool = True, sampled_s: Sequence[float] = ()
) -> list[float]:
    """Instants in s, one per edge with ``asked_s``; ``sampled_s`` are the times of the samples, ascending.

    Edges sent by the host each came at a time of their own: when they were seen, or else commanded.
    Of a ``sequenced`` train the instrument's clock keeps the distances far better than a sample can see
    a single edge, so one delay is common to all: the median of what the samples saw, or, where ``sampled_s``
    is given, the middle of what all gaps between samples around the edges of one program allow. An edge
    clearly away from it keeps the time at which it was seen.
    """
    if not sequenced:
        return [float(edge.get("achieved_s") or edge["asked_s"]) for edge in edges]
    delays = [_delay(edge) for edge in edges]
    seen = [delay for delay in delays if delay is not None]
    common = median(seen) if seen else 0.0
    near = [delay if delay is not None and abs(delay - common) <= OUTLIER_S else None for delay in delays]
    found: list[float] = []
    for first, last in programs([float(edge["asked_s"]) for edge in edges]):
        shared = _overlap(edges[first:last], near[first:last], sampled_s)
        shared = common if shared is None else shared
        for edge, delay in zip(edges[first:last], delays[first:last], strict=True):
            own = delay is not None and abs(delay - common) > OUTLIER_S
            found.append(float(edge["asked_s"]) + (delay if own and delay is not None else shared))
    return found


def _overlap(
    edges: Sequence[Edge], delays: Sequence[float | None], sampled_s: Sequence[float]
) -> float | None:
    """The middle of the delays that all gaps between samples around the edges allow; None where none is."""
    low, high = float("-inf"), float("inf")
    for edge, delay in zip(edges, delays, strict=True):
        if delay is None:
            continue
        asked_s = float(edge["asked_s"])
        after = bisect_left(sampled_s, asked_s + delay)
        if 0 < after < len(sampled_s):
            low = max(low, float(sampled_s[after - 1]) - asked_s)
            high = min(high, float(sampled_s[after]) - asked_s)
    return (low + high) / 2 if float("-inf") < low < high < float("inf") else None


def _delay(edge: Edge) -> float | None:
    achieved = edge.get("achieved_s")
    if edge.get("method") != "samples" or not isinstance(achieved, (int, float)):
        return None
    return float(achieved) - float(edge["asked_s"])
