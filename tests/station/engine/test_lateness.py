"""Deadlines: kept, made up for, or given up and on record; in memory that does not grow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers import progress
from profiles.plan import Segment, SegmentRole
from station.engine.base.live import LiveWriter
from station.engine.measure.edges import Edge, EdgeTracker
from station.engine.measure.lateness import BINS, Histogram, Lateness, Missed
from station.engine.measure.sampling import Sampler
from station.engine.measure.sensors import Sensors
from station.engine.record.journal import Journal, JournalWriter, read_journal
from station.errors import LimitTripped
from station.safety.envelope import EnvelopePart, build_envelope
from station.safety.sample import Sample
from tests.station.engine.fakes import FakeCell, FakeClock, FakeSource

REST = Segment(index=0, step=0, group=0, role=SegmentRole.REST, current_A=0.0, duration_s=60.0)
LIMITS = EnvelopePart("bench", 2.5, 4.2, 2.5, 4.2, 100.0, 100.0, 500.0, -10.0, 60.0)


@given(st.lists(st.floats(min_value=0.0, max_value=500.0), min_size=1), st.floats(0.0, 1.0))
def test_a_share_is_never_told_too_small_and_at_most_a_bin_too_large(
    times_s: list[float], share: float
) -> None:
    late = Histogram()
    for time_s in times_s:
        late.add(time_s)
    ordered = sorted(times_s)
    true_s = ordered[min(int(share * len(ordered)), len(ordered) - 1)]
    told_s = late.at_share_s(share)
    assert true_s <= told_s * (1 + 1e-9) <= max(true_s * 1.045, 1.1e-6)


def test_a_histogram_from_the_journal_is_the_same() -> None:
    late, again = Histogram(), Histogram()
    for number in range(1000):
        late.add(number * 1e-5)
    again.put_back(late.as_pairs())
    assert again.count == 1000
    assert again.at_share_s(0.5) == late.at_share_s(0.5)


def test_eight_hours_at_1_kHz_take_no_more_memory_than_a_minute() -> None:
    late = Histogram()
    late.add(1e9)  # beyond the last bin
    assert len(late.as_pairs()) == 1
    assert late.as_pairs()[0][0] == BINS - 1


def test_skips_close_together_are_one_stretch_with_its_longest_gap() -> None:
    told: list[Missed] = []
    late = Lateness(told.append)
    late.took(0.00)
    late.skip(3, 0.04)
    late.took(0.04)
    late.took(0.05)
    late.skip(1, 0.07)
    late.took(0.07)
    assert told == []
    late.took(1.50)
    assert told == [Missed(0.0, 0.07, 4, pytest.approx(0.04))]
    late.skip(2, 1.53)
    late.end()
    late.end()
    assert [(one.from_s, one.skipped) for one in told] == [(0.0, 4), (1.5, 2)]


def test_two_periods_without_a_sample_are_told_also_where_none_was_skipped() -> None:
    told: list[Missed] = []
    late = Lateness(told.append, period_s=0.01)
    for t_s in (0.00, 0.01, 0.029, 0.06, 0.07):
        late.took(t_s)
    late.end()
    assert told == [Missed(0.029, 0.06, 0, pytest.approx(0.031))]
    assert late.as_params(100.0)["skipped"] == 0


def test_a_pause_is_no_gap() -> None:
    told: list[Missed] = []
    late = Lateness(told.append, period_s=0.01)
    late.took(0.00)
    late.interrupted(60.0)
    late.took(60.005)
    late.end()
    assert told == []


class Silent:
    """Nobody watches."""

    def sample(self, sample: Sample) -> None:
        """Nothing."""

    def send(self, message: object) -> None:
        """Nothing."""


class Rig:
    """A sampler on a fake source with a real journal; ``stalls`` maps a sample's number to seconds lost."""

    def __init__(self, folder: Path, *, sampling_Hz: float = 100.0, stalls: dict[int, float] | None = None):
        self.clock = FakeClock()
        self.cell = FakeCell(self.clock)
        self.source = FakeSource(self.cell)
        self.source.READ_S = 0.0002
        self._stalls, self._turns = stalls or {}, 0
        self.journal = JournalWriter(folder / "journal.jsonl", {})
        self.sampler = Sampler(
            self.source, self.clock, build_envelope([LIMITS]), Sensors([]), self.journal,
            cast(LiveWriter, Silent()),
            sampling_Hz=sampling_Hz, range_A=100.0, contact_max_ohm=0.005, supervise=self._turn,
        )  # fmt: skip

    def _turn(self) -> None:
        self._turns += 1
        self.clock.t += self._stalls.get(self._turns, 0.0)

    def written(self) -> Journal:
        self.sampler.end()
        self.journal.end("completed", "run.completed", {}, {})
        return read_journal(self.journal.path)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Callable[..., Rig]]:
    made: list[Rig] = []

    def make(**options: Any) -> Rig:
        made.append(Rig(tmp_path, **options))
        return made[-1]

    yield make
    for one in made:
        one.journal.close()


def test_every_gap_is_on_record(rig: Callable[..., Rig]) -> None:
    bench = rig(stalls={50: 0.15, 51: 0.03, 400: 0.4})
    bench.sampler.sample_until(10.0, REST)
    journal = bench.written()
    told = [e["params"] for e in journal.events if e["code"] == "engine.samples_skipped"]
    gaps = [(a, b) for a, b in pairwise(journal.column("t_s")) if b - a > 0.0155]
    assert gaps
    for before_s, after_s in gaps:
        assert any(one["from_s"] - 1e-3 <= before_s and after_s <= one["to_s"] + 0.01 for one in told)
    assert sum(one["skipped"] for one in told) + len(journal.samples) == pytest.approx(1000, abs=1)
    assert [one["skipped"] for one in journal.lateness] == [told[0]["skipped"] + told[1]["skipped"], 0]


def test_a_small_delay_at_1_kHz_costs_no_sample(rig: Callable[..., Rig]) -> None:
    bench = rig(sampling_Hz=1000.0, stalls={100: 0.004})
    bench.sampler.sample_until(1.0, REST)
    assert bench.sampler.lateness.skipped == 0
    assert bench.sampler.lateness.samples == pytest.approx(1000, abs=1)


class Talkative(FakeSource):
    """Loads a program in exchanges of 2 ms, as a real instrument does."""

    def load_sequence(self, steps: object) -> None:
        del steps
        for _ in range(50):
            self.clock.t += 0.002
            progress.exchanged()


def test_sampling_goes_on_while_a_program_is_loaded(rig: Callable[..., Rig]) -> None:
    bench = rig()
    seen: list[Sample] = []
    bench.sampler.listeners.append(seen.append)
    source = Talkative(bench.cell)
    with bench.sampler.going_on(REST):
        source.load_sequence([])
    assert len(seen) == pytest.approx(10, abs=1)
    progress.exchanged()  # nobody listens any more
    assert bench.sampler.lateness.samples == len(seen)


def test_a_limit_crossed_while_a_program_is_loaded_ends_the_loading(rig: Callable[..., Rig]) -> None:
    bench = rig()
    bench.cell.drift_V_per_s = 20.0
    with pytest.raises(LimitTripped) as caught, bench.sampler.going_on(REST):
        Talkative(bench.cell).load_sequence([])
    assert caught.value.code == "safety.voltage_max"
    assert bench.clock.t < 0.05


def test_a_commanded_edge_is_sampled_at_once(rig: Callable[..., Rig]) -> None:
    bench = rig()
    bench.sampler.sample_until(0.995, REST)
    taken = bench.sampler.lateness.samples
    bench.clock.t = 0.9952
    edge = Edge(1, 0.995, 0.9951, 0.0, 10.0, 1.0, by_host=True)
    bench.sampler.commanded(10.0, 0.9951, edge)
    bench.sampler.sample_until(0.9965, REST)
    assert bench.sampler.lateness.samples == taken + 1


def test_sampling_moves_on_by_a_part_of_its_period_at_an_edge_of_a_program(rig: Callable[..., Rig]) -> None:
    bench = rig()
    bench.sampler.sample_until(0.995, REST)
    taken = bench.sampler.lateness.samples
    bench.sampler.commanded(10.0, 0.995, Edge(1, 0.995, 0.995, 0.0, 10.0, 1.0))
    bench.sampler.sample_until(0.9975, REST)
    assert bench.sampler.lateness.samples == taken + 1, "due at 0.996 s instead of 1.000 s"


def test_an_edge_is_never_placed_before_its_command() -> None:
    seen: list[float | None] = []
    tracker = EdgeTracker(0.01, lambda _, at_s, __: seen.append(at_s))
    tracker.add(Sample(0.990, 0.0, 3.6, 0.0, 0.0, 0))
    tracker.expect(Edge(1, 1.0, 1.0003, 0.0, 40.0, 5.0, early_s=0.0006, by_host=True))
    tracker.add(Sample(1.001, 0.0, 3.6, 40.0, 40.0, 1))
    assert seen == [1.0003]
