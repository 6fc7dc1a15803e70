"""Where the contact pulse lies is taken from the samples, also when it came early or was hardly seen."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

import pytest

from drivers.capabilities import Capabilities
from profiles.plan import Segment, SegmentRole
from station.engine.measure.means import Recent
from station.engine.measure.sampling import Sampler
from station.engine.measure.sensors import Sensors
from station.engine.play.contact_step import ContactStep
from station.errors import CheckFailed
from station.safety.contact import evaluate_contact
from station.safety.sample import Sample
from tests.station.engine.fakes import FakeCell, FakeClock, FakeSource

DUE_S, LENGTH_S, COMMAND_A = 10.0, 1.0, -3.5
CAPABILITIES: Capabilities = FakeSource(FakeCell(FakeClock())).capabilities


class FakeSampler:
    """What a ContactStep uses of a sampler."""

    def __init__(self) -> None:
        self.recent = Recent(10.0)
        self.listeners: list[Callable[[Sample], None]] = []


class NoSensors:
    """A channel without a scanner."""

    def latest(self) -> None:
        return None

    def poke(self) -> None:
        return None


class Scans:
    """A scanner that read before the pulse and, once poked, as often as it is asked, at these times."""

    def __init__(self, *starts_s: float) -> None:
        self.scans = [
            scan_at(9.5, 3.65),
            *(scan_at(start_s, 3.65 + 0.003 * COMMAND_A) for start_s in starts_s),
        ]
        self.poked = False

    def latest(self) -> object:
        if self.poked and len(self.scans) > 1:
            del self.scans[0]
        return self.scans[0]

    def poke(self) -> None:
        self.poked = True


def scan_at(start_s: float, terminals_V: float) -> object:
    return SimpleNamespace(serial=start_s, start_s=start_s, end_s=start_s + 0.04, terminals_V=terminals_V)


def watched(
    flows: Callable[[float], float],
    times_s: list[float],
    *,
    spread_s: float = 0.001,
    sensors: object | None = None,
) -> ContactStep:
    """A contact step that saw ``flows(t)`` at ``times_s``; 3.65 V behind 3 mΩ."""
    sampler = FakeSampler()
    step = ContactStep(cast(Sampler, sampler), cast(Sensors, sensors or NoSensors()), CAPABILITIES)
    role = SegmentRole.CONTACT_PULSE
    segment = Segment(index=1, step=1, group=1, role=role, current_A=COMMAND_A, duration_s=LENGTH_S)
    began = False
    for t_s in times_s:
        if not began and t_s >= DUE_S:
            step.begin(segment, DUE_S)
            began = True
        current_A = flows(t_s)
        sample = Sample(t_s, 0.0, 3.65 + 0.003 * current_A, current_A, COMMAND_A, 1, spread_s=spread_s)
        sampler.recent.add(sample)
        for listener in sampler.listeners:
            listener(sample)
    step.end()
    return step


def pulse(start_s: float, length_s: float = LENGTH_S) -> Callable[[float], float]:
    return lambda t_s: COMMAND_A if start_s <= t_s < start_s + length_s else 0.0


def every(period_s: float, start_s: float = 9.0, end_s: float = 13.0) -> list[float]:
    return [start_s + n * period_s for n in range(int((end_s - start_s) / period_s))]


@pytest.mark.parametrize("start_s", [9.6, 9.9, 10.0, 10.2])
@pytest.mark.parametrize("period_s", [0.01, 0.13])
def test_a_pulse_that_came_early_or_late_is_measured_whole(start_s: float, period_s: float) -> None:
    step = watched(pulse(start_s), every(period_s))
    assert step.seen
    evidence = step.evidence()
    assert evidence.current_before_A == 0.0
    assert evidence.current_during_A == COMMAND_A
    assert evidence.voltage_during_V == pytest.approx(3.65 + 0.003 * COMMAND_A)


@pytest.mark.parametrize("starts_s", [(10.52,), (10.5,), (10.48,), (10.201, 10.701)])
def test_a_scan_between_two_samples_is_compared_with_both(starts_s: tuple[float, ...]) -> None:
    """Also when the first scan begins right at the end of the settling time, with no sample before it."""
    evidence = watched(pulse(10.0), every(0.1), sensors=Scans(*starts_s)).evidence()
    assert evidence.terminals_before_V == 3.65
    assert evidence.terminals_during_V == evidence.voltage_during_V == pytest.approx(3.65 + 0.003 * COMMAND_A)


def test_a_sample_that_may_lie_on_an_edge_is_no_evidence() -> None:
    step = watched(pulse(10.0), every(0.13), spread_s=0.6)
    assert not step.seen
    with pytest.raises(CheckFailed, match="no sample inside"):
        step.evidence()


def test_a_pulse_between_two_samples_was_not_seen() -> None:
    assert not watched(pulse(10.05), [9.0, 9.5, 10.0, 11.2, 12.0]).seen


def verdict(step: ContactStep) -> str:
    result = evaluate_contact(
        step.evidence(),
        nominal_capacity_Ah=35.0,
        series_cells=1,
        contact_resistance_max_ohm=0.02,
        needs_terminals=False,
    )
    return next((check.rule for check in result.checks if not check.ok), "")


def test_no_current_is_evidence_too() -> None:
    step = watched(lambda _: 0.0, every(0.01))
    assert step.seen
    assert verdict(step) == "contact_current"


def test_a_current_that_breaks_off_is_found() -> None:
    """Half a pulse is not stretched into a whole one."""
    assert verdict(watched(pulse(10.0, 0.5), every(0.01))) == "contact_current"
    assert verdict(watched(pulse(10.0), every(0.01))) == ""
