"""Leaves out what a run itself has declared void: pulses that were cut by a pause, a skip or a crash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from station.rawfiles.recording import SampleTable

Span = tuple[float, float]


def void_spans(metadata: Mapping[str, Any]) -> list[Span]:
    """The spans in s that a run file names; none in any other file."""
    spans = metadata.get("void")
    if not isinstance(spans, list):
        return []
    return [(float(span[0]), float(span[1])) for span in spans if isinstance(span, list) and len(span) == 2]


def without_void(samples: SampleTable, spans: Sequence[Span]) -> SampleTable:
    """The rows outside all ``spans``, in file order."""
    keep = np.ones(samples.time_s.size, dtype=np.bool_)
    for from_s, to_s in spans:
        keep &= (samples.time_s < from_s) | (samples.time_s > to_s)
    if keep.all():
        return samples
    return SampleTable(
        samples.time_s[keep],
        samples.current_A[keep],
        samples.voltage_V[keep],
        None if samples.temperature_degC is None else samples.temperature_degC[keep],
        None if samples.step is None else samples.step[keep],
    )


def edges_outside(edges: Sequence[Mapping[str, Any]], spans: Sequence[Span]) -> list[Mapping[str, Any]]:
    """The edges whose asked time lies in no span."""
    return [
        edge for edge in edges if not any(from_s <= float(edge["asked_s"]) <= to_s for from_s, to_s in spans)
    ]
