"""When the pulse edges of a run really came, from when they were due and when the samples saw them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

OUTLIER_S = 0.05
"""An edge that was seen further from the common delay than this came at its own time."""


def edge_times(edges: Sequence[Mapping[str, Any]], *, sequenced: bool = True) -> list[float]:
    """Instants in s, one per edge with ``asked_s``.

    Edges sent by the host each came at a time of their own: when they were seen, or else commanded.
    Of a ``sequenced`` train the instrument's clock keeps the distances far better than a sample can see
    a single edge, so one delay is common to all: the median of what the samples saw. An edge clearly
    away from it keeps the time at which it was seen.
    """
    if not sequenced:
        return [float(edge.get("achieved_s") or edge["asked_s"]) for edge in edges]
    delays = [_delay(edge) for edge in edges]
    seen = [delay for delay in delays if delay is not None]
    common = median(seen) if seen else 0.0
    return [
        float(edge["asked_s"]) + (delay if delay is not None and abs(delay - common) > OUTLIER_S else common)
        for edge, delay in zip(edges, delays, strict=True)
    ]


def _delay(edge: Mapping[str, Any]) -> float | None:
    achieved = edge.get("achieved_s")
    if edge.get("method") != "samples" or not isinstance(achieved, (int, float)):
        return None
    return float(achieved) - float(edge["asked_s"])
