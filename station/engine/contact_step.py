"""Collects the evidence of the contact check while its small pulse runs."""

from __future__ import annotations

from drivers.capabilities import Capabilities
from profiles.plan import Segment
from station.engine.sampling import Sampler
from station.engine.sensors import Scan, Sensors
from station.errors import CheckFailed
from station.safety.contact import ContactEvidence
from station.safety.sample import Sample

BEFORE_S = 1.0
SETTLE = 0.2
"""Share of the pulse left out at its beginning."""


class ContactStep:
    """Listens to the samples from before the pulse on; ``evidence`` afterwards."""

    def __init__(self, sampler: Sampler, sensors: Sensors, capabilities: Capabilities) -> None:
        self._sampler, self._sensors, self._capabilities = sampler, sensors, capabilities
        self._segment: Segment | None = None
        self._start_s = self._end_s = 0.0
        self._before: Scan | None = None
        self._during: Scan | None = None
        self._means: tuple[float, float] | None = None
        self._means_at_scan: tuple[float, float] | None = None
        self._before_means: tuple[float, float] | None = None
        self._poked = False

    def begin(self, segment: Segment, start_s: float) -> None:
        """The pulse is due at ``start_s`` (bench time)."""
        self._segment = segment
        self._start_s, self._end_s = start_s, start_s + segment.duration_s
        self._before_means = self._sampler.recent.mean(start_s - BEFORE_S, start_s)
        scan = self._sensors.latest()
        self._before = scan if scan is not None and scan.end_s <= start_s else None
        self._sampler.listeners.append(self._listen)

    def end(self) -> None:
        """Stop listening."""
        if self._listen in self._sampler.listeners:
            self._sampler.listeners.remove(self._listen)

    def _listen(self, sample: Sample) -> None:
        duration_s = self._end_s - self._start_s
        settled_s = self._start_s + SETTLE * duration_s
        if sample.t_s < settled_s:
            return
        if not self._poked:
            self._poked = True
            self._sensors.poke()
        if self._during is None:
            scan = self._sensors.latest()
            inside = scan is not None and scan.start_s >= settled_s and scan.end_s <= self._end_s
            if scan is not None and inside and scan.terminals_V is not None:
                self._during = scan
                self._means_at_scan = self._sampler.recent.mean(scan.start_s, scan.end_s)
        if sample.t_s <= self._end_s:
            self._means = self._sampler.recent.mean((settled_s + self._end_s) / 2, self._end_s) or self._means

    def evidence(self) -> ContactEvidence:
        """What was measured. Raises CheckFailed when the pulse was too short to be seen at all."""
        if self._segment is None or self._before_means is None or self._means is None:
            raise CheckFailed(
                "contact_evidence: no sample inside the contact pulse",
                remedy="raise sampling_Hz or lengthen the contact check",
                code="safety.check.contact_evidence",
                rule="contact_evidence",
            )
        both = self._before is not None and self._during is not None and self._means_at_scan is not None
        # Instrument and scanner are compared over the same moment, as the voltage still creeps.
        voltage_V = self._means_at_scan[0] if both and self._means_at_scan else self._means[0]
        return ContactEvidence(
            command_A=self._segment.current_A,
            current_before_A=self._before_means[1],
            current_during_A=self._means[1],
            voltage_before_V=self._before_means[0],
            voltage_during_V=voltage_V,
            terminals_before_V=self._before.terminals_V if both and self._before else None,
            terminals_during_V=self._during.terminals_V if both and self._during else None,
            resolution_V=self._capabilities.voltage_resolution_V,
            resolution_A=self._capabilities.current_resolution_A,
        )
