"""Too long without a sample of the instrument while a current is commanded."""

from __future__ import annotations

from station.errors import LimitTripped
from station.safety.running.rule import Notes, RuleInfo
from station.safety.running.witness import Witness
from station.safety.sample import Sample

WARN_S = 0.25
TRIP_S = 1.5
"""Real seconds: an instrument and its link are as fast or slow as they are, also on a simulated bench."""


class SampleGap:
    """Only between two samples with the same current commanded; loading a sequence at rest may take long."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._last_s: float | None = None
        self._command_A = 0.0
        self.info = RuleInfo(
            "sample_gap",
            TRIP_S,
            "s",
            "station",
            "the instrument or its link is too slow to be trusted with a current: check cable and network",
        )

    def check(self, sample: Sample, witness: Witness) -> LimitTripped | None:
        """Judge one valid sample."""
        now_s, last_s = witness.real_s, self._last_s
        driven = sample.command_A != 0.0 and sample.command_A == self._command_A
        self._last_s, self._command_A = now_s, sample.command_A
        if last_s is None or not driven or now_s - last_s <= WARN_S:
            return None
        gap_s = now_s - last_s
        self._notes.once("engine.sample_gap", "warning", str(sample.segment), gap_s=round(gap_s, 3))
        if gap_s <= TRIP_S:
            return None
        return self.info.trip(f"{gap_s:.2f} s without a sample under current", sample, value=gap_s)
