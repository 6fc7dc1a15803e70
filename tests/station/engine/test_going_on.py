"""A run cut off by a crash goes on at a group's beginning, in its own journal, after all checks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from station.engine.record.earlier import read_earlier
from station.engine.record.journal_reader import whole_record
from station.engine.record.runfile import finalise
from station.rawfiles import read_record
from station.reports.void_spans import void_spans
from tests.station.engine.fakes import STEPS, make_plan
from tests.station.engine.test_operations import PAIR, Stand, pulses_A

PLAN = make_plan([*STEPS, PAIR], timing="commanded")


def lines(run_dir: Path) -> list[bytes]:
    return (run_dir / "journal.jsonl").read_bytes().splitlines(keepends=True)


def cut(run_dir: Path, where: Callable[[Any], bool], *, torn: bool = True) -> None:
    """The journal as a killed worker leaves it: whole up to where, then half a line."""
    whole = lines(run_dir)
    at = next(number for number, line in enumerate(whole) if where(whole_record(line)))
    tail = [whole[at][: len(whole[at]) // 2]] if torn else []
    (run_dir / "journal.jsonl").write_bytes(b"".join([*whole[:at], *tail]))


def sample_after(t_s: float) -> Callable[[Any], bool]:
    return lambda record: isinstance(record, list) and record[1] > t_s


def begun(tmp_path: Path, where: Callable[[Any], bool], *, torn: bool = True) -> Stand:
    """A run that was killed at ``where``; the stand that goes on with it."""
    Stand(tmp_path).run(plan=PLAN)
    cut(tmp_path, where, torn=torn)
    return Stand(tmp_path)


@pytest.mark.parametrize("torn", [True, False])
def test_it_goes_on_at_the_beginning_of_what_was_cut(tmp_path: Path, torn: bool) -> None:
    stand = begun(tmp_path, sample_after(10.0), torn=torn)  # in the charge pulse of the first pair
    ended = stand.run(plan=PLAN, resume=True)
    assert ended.outcome.outcome == "completed", ended
    journal = stand.journal
    (gap,) = journal.gaps
    assert gap["from_s"] == pytest.approx(10.0, abs=0.03)
    assert gap["known"] is True
    assert stand.events("run.gap")
    assert np.all(np.diff(journal.column("t_s")) > 0)
    assert pulses_A(journal, void=False) == [-2, 40, -40, 40, -40]
    assert pulses_A(journal) == [-2, 40, -2, 40, -40, 40, -40]
    assert {span["reason"] for span in journal.voids} == {"crash", "contact_again"}
    attempts = {(row["group"], row["attempt"]) for row in journal.groups if row["ended"]}
    assert attempts == {(0, 1), (1, 1), (2, 2), (3, 1)}
    # All checks anew, and nothing on before them.
    codes = [event["code"] for event in journal.events]
    behind = codes[codes.index("run.gap") :]
    assert behind.index("engine.check") < behind.index("engine.energised") < behind.index("engine.contact")


def test_what_moved_before_counts_on(tmp_path: Path) -> None:
    stand = begun(tmp_path, sample_after(13.0))
    stand.run(plan=PLAN, resume=True)
    journal = stand.journal
    t, current = journal.column("t_s"), journal.column("current_A")
    moved = np.diff(t) * (current[1:] + current[:-1]) / 2 / 3600
    moved[np.argmax(t >= journal.gaps[0]["to_s"]) - 1] = 0  # nobody knows what flowed in the gap
    assert journal.totals[-1]["charge_Ah"] == pytest.approx(moved[moved > 0].sum(), rel=1e-3)


def test_done_groups_are_not_done_again(tmp_path: Path) -> None:
    """Cut in the last rest of the first pair, after which only the second is to come."""
    stand = begun(tmp_path, lambda r: isinstance(r, dict) and r.get("k") == "group" and r["group"] == 3)
    ended = stand.run(plan=PLAN, resume=True)
    assert ended.outcome.outcome == "completed"
    assert pulses_A(stand.journal, void=False) == [-2, 40, -40, 40, -40]
    assert not [span for span in stand.journal.voids if span["reason"] == "crash"]


def test_twice_cut_off_goes_on_twice(tmp_path: Path) -> None:
    stand = begun(tmp_path, sample_after(10.0))
    stand.run(plan=PLAN, resume=True)
    again_s = stand.journal.gaps[0]["to_s"] + 14.0
    cut(tmp_path, sample_after(again_s))
    third = Stand(tmp_path)
    ended = third.run(plan=PLAN, resume=True)
    assert ended.outcome.outcome == "completed"
    assert len(third.journal.gaps) == 2
    assert pulses_A(third.journal, void=False) == [-2, 40, -40, 40, -40]
    assert read_earlier(tmp_path / "journal.jsonl").parts == 3


def test_the_gap_is_as_long_as_nobody_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand = begun(tmp_path, sample_after(10.0))
    monkeypatch.setattr("station.engine.going_on.boot_id", lambda: "another start of the computer")
    real = __import__("time").time
    monkeypatch.setattr("station.engine.going_on.time.time", lambda: real() + 3600.0)
    stand.run(plan=PLAN, resume=True)
    assert stand.journal.gaps[0]["gap_s"] == pytest.approx(3600.0, abs=60.0)


def test_a_clock_that_went_back_leaves_the_gap_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand = begun(tmp_path, sample_after(10.0))
    monkeypatch.setattr("station.engine.going_on.boot_id", lambda: "another start of the computer")
    monkeypatch.setattr("station.engine.going_on.time.time", lambda: 1.0)
    stand.run(plan=PLAN, resume=True)
    assert stand.journal.gaps[0]["known"] is False
    assert np.all(np.diff(stand.journal.column("t_s")) > 0)


def test_checks_that_fail_leave_it_resumable(tmp_path: Path) -> None:
    stand = begun(tmp_path, sample_after(10.0))
    stand.fake.cell.ocv_V = -3.65
    refused = stand.run(plan=PLAN, resume=True)
    assert refused.outcome.code == "safety.check.polarity"
    assert not stand.fake.source.said("output_on")
    mended = Stand(tmp_path)
    assert mended.run(plan=PLAN, resume=True).outcome.outcome == "completed"
    assert len(mended.journal.gaps) == 2
    # What the crash had cut is void all the same, and done again.
    assert [span["reason"] for span in mended.journal.voids] == ["crash", "contact_again"]
    assert pulses_A(mended.journal, void=False) == [-2, 40, -40, 40, -40]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"plan": make_plan(STEPS)}, "run.resume_changed"),
        ({"battery": {"code": "B2", "nominal_capacity_Ah": 20.0, "chemistry": "NMC"}}, "run.resume_changed"),
        ({"channel": {"accept_no_watchdog": ["source"]}}, "run.resume_changed"),
        ({"run_id": "r2"}, "run.resume_changed"),
    ],
)
def test_another_test_is_refused_and_the_journal_untouched(
    tmp_path: Path, change: dict[str, Any], code: str
) -> None:
    stand = begun(tmp_path, sample_after(10.0))
    before = lines(tmp_path)
    ended = stand.run(**{"plan": PLAN, "resume": True, **change})
    assert ended.outcome.code == code
    assert lines(tmp_path) == before
    assert stand.fake.source.log == []


@pytest.mark.parametrize("how", ["completed", "stopped", "damaged", "absent"])
def test_what_cannot_go_on_is_refused(tmp_path: Path, how: str) -> None:
    first = Stand(tmp_path)
    if how == "stopped":
        first.operate(10.0, "stop")
    if how != "absent":
        first.run(plan=PLAN)
    if how == "damaged":
        whole = lines(tmp_path)
        (tmp_path / "journal.jsonl").write_bytes(b"".join([*whole[:50], b"rubbish\n", *whole[50:90]]))
    stand = Stand(tmp_path)
    ended = stand.run(plan=PLAN, resume=True)
    wanted = "data.journal" if how in ("damaged", "absent") else "run.not_resumable"
    assert ended.outcome.code == wanted
    assert not stand.fake.source.said("output_on")


def test_the_run_file_tells_gap_and_void(tmp_path: Path) -> None:
    stand = begun(tmp_path, sample_after(10.0))
    stand.run(plan=PLAN, resume=True)
    recording = read_record(finalise(tmp_path))
    assert len(void_spans(recording.metadata)) == 2
    assert recording.metadata["gaps"][0]["from_s"] == pytest.approx(10.0, abs=0.03)
