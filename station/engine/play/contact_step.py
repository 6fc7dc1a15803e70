"""Collects the evidence of the contact check while its small pulse runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from drivers.capabilities import Capabilities
from profiles.plan import Segment
from station.engine.measure.means import current_A, mean_of
from station.engine.measure.sampling import Sampler
from station.engine.measure.sensors import Scan, Sensors
from station.errors import CheckFailed
from station.safety.contact import ContactEvidence
from station.safety.sample import Sample

BEFORE_S = 1.0
SETTLE = 0.2
"""Share of the pulse left out at its beginning."""
KEEP = 3.0
"""Samples are kept until so many lengths of the pulse after it was due."""


@dataclass(frozen=True)
class _Window:
    """Bench times between which the pulse certainly flowed, and until which it certainly did not."""

    rest_until_s: float
    on_s: float
    off_s: float
    settled_s: float


class ContactStep:
    """Listens to the samples from before the pulse on; ``evidence`` afterwards.

    The pulse is found in the samples: an instrument that plays its own program starts it somewhere inside
    the exchange that started it, and on a simulated bench in a hurry that is a good part of the pulse.
    """

    def __init__(self, sampler: Sampler, sensors: Sensors, capabilities: Capabilities) -> None:
        self._sampler, self._sensors, self._capabilities = sampler, sensors, capabilities
        self._segment: Segment | None = None
        self._start_s = 0.0
        self._moments: list[Sample] = []
        self._before: Scan | None = None
        self._scans: list[Scan] = []
        self._poked = False

    def begin(self, segment: Segment, start_s: float) -> None:
        """The pulse is due at ``start_s`` (bench time)."""
        self._segment, self._start_s = segment, start_s
        self._moments = self._sampler.recent.since(start_s - BEFORE_S)
        self._before = self._sensors.latest()
        self._sampler.listeners.append(self._listen)

    def end(self) -> None:
        """Stop listening."""
        if self._listen in self._sampler.listeners:
            self._sampler.listeners.remove(self._listen)

    def _listen(self, sample: Sample) -> None:
        assert self._segment is not None
        duration_s = self._segment.duration_s
        if sample.t_s > self._start_s + KEEP * duration_s:
            return
        self._moments.append(sample)
        if sample.t_s < self._start_s + SETTLE * duration_s:
            return
        if not self._poked:
            self._poked = True
            self._sensors.poke()
        scan = self._sensors.latest()
        if scan is not None and (not self._scans or scan.serial != self._scans[-1].serial):
            self._scans.append(scan)

    @property
    def seen(self) -> bool:
        """True when at least one sample lies wholly inside the pulse, or shows that none flowed."""
        window = self._window()
        return window is not None and bool(self._plateau(window)) and bool(self._rest(window))

    def evidence(self) -> ContactEvidence:
        """What was measured. Raises CheckFailed when the pulse was too short to be seen at all."""
        window = self._window()
        before = mean_of(self._rest(window)) if window else None
        during = mean_of(self._plateau(window)) if window else None
        if self._segment is None or window is None or before is None or during is None:
            raise CheckFailed(
                "contact_evidence: no sample inside the contact pulse",
                remedy="raise sampling_Hz or lengthen the contact check",
                code="safety.check.contact_evidence",
                rule="contact_evidence",
            )
        voltage_V, terminals_before_V, terminals_during_V = during[0], None, None
        if self._before is not None and self._before.end_s <= window.rest_until_s:
            # Instrument and scanner are compared over the same moment, as the voltage still creeps.
            for scan in self._scans_inside(window):
                same = mean_of(self._beside(scan, window))
                if same is not None:
                    voltage_V = same[0]
                    terminals_before_V, terminals_during_V = self._before.terminals_V, scan.terminals_V
                    break
        return ContactEvidence(
            command_A=self._segment.current_A,
            current_before_A=before[1],
            current_during_A=during[1],
            voltage_before_V=before[0],
            voltage_during_V=voltage_V,
            terminals_before_V=terminals_before_V,
            terminals_during_V=terminals_during_V,
            resolution_V=self._capabilities.voltage_resolution_V,
            resolution_A=self._capabilities.current_resolution_A,
        )

    def _window(self) -> _Window | None:
        """Where the pulse lies. The pulse's length is the plan's: what flows shorter than that shows."""
        if self._segment is None or not self._moments:
            return None
        duration_s, half_A = self._segment.duration_s, self._segment.current_A / 2
        rest_A = current_A(self._moments[0])
        first_on = next(
            (n for n, m in enumerate(self._moments) if (current_A(m) - rest_A - half_A) * half_A >= 0), None
        )
        if first_on is None:
            # Nothing flowed; what was measured well inside the planned pulse says so.
            start_s = self._start_s
            return _Window(start_s, start_s, start_s + duration_s / 2, start_s + (SETTLE + 0.05) * duration_s)
        if first_on == 0:
            return None
        last_off, on = self._moments[first_on - 1], self._moments[first_on]
        on_s, off_s = on.end_s, last_off.start_s + duration_s
        return _Window(last_off.end_s, on_s, off_s, on_s + SETTLE * duration_s)

    def _rest(self, window: _Window) -> Sequence[Sample]:
        return [m for m in self._moments if m.end_s <= window.rest_until_s]

    def _plateau(self, window: _Window) -> Sequence[Sample]:
        """Samples of the pulse's second half, else of what there is of it."""
        for from_s in ((window.settled_s + window.off_s) / 2, window.settled_s, window.on_s):
            inside = [m for m in self._moments if m.start_s >= from_s and m.end_s <= window.off_s]
            if inside:
                return inside
        return []

    def _beside(self, scan: Scan, window: _Window) -> Sequence[Sample]:
        """Samples during the scan, else the two around it: a scan may be shorter than a period."""
        inside = [m for m in self._moments if scan.start_s <= m.t_s <= scan.end_s]
        if inside:
            return inside
        pulse = [m for m in self._moments if m.start_s >= window.settled_s and m.end_s <= window.off_s]
        before = [m for m in pulse if m.t_s < scan.start_s][-1:]
        after = [m for m in pulse if m.t_s > scan.end_s][:1]
        return before + after if before and after else []

    def _scans_inside(self, window: _Window) -> Sequence[Scan]:
        return [
            scan
            for scan in self._scans
            if scan.terminals_V is not None
            and scan.start_s >= window.settled_s
            and scan.end_s <= window.off_s
        ]
