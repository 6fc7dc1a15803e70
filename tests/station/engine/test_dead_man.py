"""What stops the current without this program: armed before energy, required, recorded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from drivers.capabilities import Span, Watchdog
from station.engine.base.live import LiveWriter
from station.engine.base.stop import StopFlags
from station.engine.before import dead_man
from station.engine.record.journal import read_journal
from station.engine.run import Ended, Run
from tests.station.engine.fakes import FakeBench, make_job

PAIR = {
    "driver": "supply-and-load",
    "options": {"supply": {"driver": "delta-sm15k"}, "load": {"driver": "rigol-dl3021"}},
}


@pytest.fixture
def bench() -> FakeBench:
    return FakeBench()


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LiveWriter]:
    with (tmp_path / "live").open("wb") as file:
        writer = LiveWriter(file.fileno())
        yield writer
        writer.close()


def run(bench: FakeBench, live: LiveWriter, folder: Path, **channel: Any) -> Ended:
    job = make_job(folder / "run", channel=channel)
    return Run(
        job, live, StopFlags(), opener=bench.open, make_clock=lambda _speed, _begin_s: bench.clock
    ).run()


def energised(folder: Path) -> dict[str, Any]:
    journal = read_journal(folder / "run" / "journal.jsonl")
    (event,) = [event for event in journal.events if event["code"] == "engine.energised"]
    return dict(event["params"])


def said(bench: FakeBench, name: str) -> list[float]:
    return [value for _, value in bench.source.said(name)]


def test_the_watchdog_is_armed_before_energy_and_recorded(
    bench: FakeBench, live: LiveWriter, tmp_path: Path
) -> None:
    assert run(bench, live, tmp_path).outcome.outcome == "completed"
    names = [name for _, name, _ in bench.source.log]
    assert names.index("arm_watchdog") < names.index("output_on")
    assert energised(tmp_path) == {
        "watchdog": True,
        "watchdog_s": 1.0,
        "load_on_timer_s": None,
        "unwatched": [],
        "cutoff": False,
        "hold_s": None,
        "accepted": [],
    }


@pytest.mark.parametrize(("low", "high", "armed_s"), [(0.02, 10.0, 1.0), (2.0, 10.0, 2.0), (0.02, 0.5, 0.5)])
def test_it_is_fed_at_half_its_time(
    bench: FakeBench, tmp_path: Path, low: float, high: float, armed_s: float
) -> None:
    bench.source.watchdog = Watchdog(Span(low, high))
    armed = dead_man.arm(make_job(tmp_path), bench.source)
    assert said(bench, "arm_watchdog") == [armed_s]
    assert armed.feed_every_s == armed_s / 2


def test_nothing_of_its_own_is_refused(bench: FakeBench, live: LiveWriter, tmp_path: Path) -> None:
    bench.source.watchdog = None
    ended = run(bench, live, tmp_path)
    assert (ended.outcome.outcome, ended.outcome.code) == (
        "check_failed",
        "safety.check.watchdog_or_cutoff",
    )
    assert not said(bench, "output_on")


def test_unless_it_is_accepted_by_name_and_that_is_recorded(
    bench: FakeBench, live: LiveWriter, tmp_path: Path
) -> None:
    bench.source.watchdog = None
    ended = run(bench, live, tmp_path, accept_no_watchdog=["source"])
    assert ended.outcome.outcome == "completed"
    facts = energised(tmp_path)
    assert (facts["watchdog"], facts["unwatched"], facts["accepted"]) == (False, ["source"], ["source"])
    journal = read_journal(tmp_path / "run" / "journal.jsonl")
    assert journal.header["channel"]["accept_no_watchdog"] == ["source"]
    assert any(event["code"] == "engine.no_watchdog_accepted" for event in journal.events)


def test_a_load_on_timer_stands_in(bench: FakeBench, live: LiveWriter, tmp_path: Path) -> None:
    bench.source.watchdog, bench.source.load_on_timer = None, Span(1.0, 60000.0)
    assert run(bench, live, tmp_path).outcome.outcome == "completed"
    (set_s,) = said(bench, "set_load_on_timer")
    plan_s = make_job(tmp_path).plan.duration_s
    # Longer than the run, or it would end it; not much longer, or it would not end a forgotten one.
    assert plan_s < set_s <= 1.2 * plan_s + 60
    assert energised(tmp_path)["load_on_timer_s"] == set_s
    names = [name for _, name, _ in bench.source.log]
    assert names.index("set_load_on_timer") < names.index("output_on")


def test_a_load_on_timer_counts_the_time_of_the_bench(bench: FakeBench, tmp_path: Path) -> None:
    bench.source.load_on_timer = Span(1.0, 60000.0)
    slow = make_job(tmp_path)
    fast = replace(slow, speed=50.0)
    set_s = dead_man.load_on_timer_s(fast, bench.source.capabilities)
    assert set_s == dead_man.load_on_timer_s(slow, bench.source.capabilities)
    assert set_s is not None
    assert set_s > fast.plan.duration_s  # or it ended a discharge in the middle of a run on a fast bench


def test_a_load_on_timer_shorter_than_the_run_does_not_count(
    bench: FakeBench, live: LiveWriter, tmp_path: Path
) -> None:
    bench.source.watchdog, bench.source.load_on_timer = None, Span(1.0, 20.0)
    ended = run(bench, live, tmp_path)
    assert ended.outcome.code == "safety.check.watchdog_or_cutoff"
    assert not said(bench, "set_load_on_timer")


@pytest.mark.parametrize(
    ("unwatched", "timer", "expected"),
    [
        (("load",), None, ("rigol-dl3021",)),
        (("supply", "load"), None, ("rigol-dl3021", "delta-sm15k")),
        ((), Span(1, 60000), ()),
        ((), Span(1, 10), ("rigol-dl3021",)),
    ],
)
def test_a_pair_is_told_part_by_part(
    bench: FakeBench,
    tmp_path: Path,
    unwatched: tuple[str, ...],
    timer: Span | None,
    expected: tuple[str, ...],
) -> None:
    bench.source.unwatched, bench.source.load_on_timer = unwatched, timer
    job = make_job(tmp_path, channel={"power": PAIR})
    assert set(dead_man.unwatched(job, bench.source.capabilities)) == set(expected)


def test_a_pair_with_a_watchdog_at_the_supply_only_is_still_refused(
    bench: FakeBench, live: LiveWriter, tmp_path: Path
) -> None:
    bench.source.unwatched = ("load",)
    ended = run(bench, live, tmp_path)
    assert ended.outcome.code == "safety.check.watchdog_or_cutoff"
