"""The campaign's judgements can fail: a broken worker, and made-up ends, are found out."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.campaign.case import RAN_ON, Row, leaves_energised, run_problems
from tests.campaign.faults import FAULTS, Case, matrix
from tests.campaign.kinds import KINDS
from tests.campaign.layers import LAST, NOBODY, NOT_NEEDED, layer_of
from tests.campaign.quality import Quality, lost_seconds, starved
from tests.campaign.sweep import sweep

BY_NAME = {fault.name: fault for fault in FAULTS}


def case_of(fault: str, moment: str = "charge pulse", kind: str = "sequenced") -> Case:
    return next(c for c in matrix() if (c.fault.name, c.moment, c.kind) == (fault, moment, kind))


def ended(outcome: str, code: str) -> dict[str, Any]:
    return {"type": "ended", "outcome": outcome, "code": code, "message": "m"}


# ------------------------------------------------------------------ a broken worker


@pytest.mark.timeout(120)
def test_a_worker_without_rules_is_found_out() -> None:
    (row,) = sweep([case_of("half current", "charge edge")], sabotage="no_rules")
    assert RAN_ON in row.problems, row


@pytest.mark.timeout(120)
def test_a_worker_that_dies_without_a_word_is_found_out() -> None:
    (row,) = sweep([case_of("stop asked", "before energy")], sabotage="dies_silently")
    assert "the worker ended without a word" in row.problems, row


# ------------------------------------------------------------------ energy


@pytest.mark.parametrize(
    ("flow", "left"),
    [
        ({"current_A": 0.0, "output_on": [False], "cutoff_closed": False}, False),
        ({"current_A": 0.0, "output_on": [True], "cutoff_closed": False}, False),
        ({"current_A": 0.0, "output_on": [False], "cutoff_closed": True}, False),
        ({"current_A": 0.0, "output_on": [False, True], "cutoff_closed": True}, True),
        ({"current_A": 0.2, "output_on": [False], "cutoff_closed": False}, True),
    ],
)
def test_energised_means_current_or_an_output_behind_a_closed_cutoff(
    flow: dict[str, Any], left: bool
) -> None:
    assert leaves_energised(flow) is left


# ------------------------------------------------------------------ layers and ends


def test_the_fuse_is_the_last_layer_whoever_else_spoke() -> None:
    case = case_of("half current")
    assert layer_of(case, ended("limit_tripped", "safety.half_current"), [], fuse_blown=True) == LAST
    assert layer_of(case, ended("limit_tripped", "safety.half_current"), []) == "engine"


def test_a_silent_end_that_no_guard_saw_is_nobodys() -> None:
    assert layer_of(case_of("worker killed"), None, []) == NOBODY
    assert layer_of(case_of("worker killed"), None, [], flowed=False) == NOBODY
    assert layer_of(case_of("worker hung", "before energy"), None, [], flowed=False) == NOT_NEEDED
    assert layer_of(case_of("worker hung", "before energy"), None, []) == NOBODY
    assert layer_of(case_of("worker killed"), None, [{"event": "trip"}]) == "guard"
    assert layer_of(case_of("half current"), ended("limit_tripped", "unheard.of"), []) == NOBODY


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (Row(0, "sequenced", "", "", layer=LAST), "last layer"),
        (Row(0, "sequenced", "", "", layer=NOBODY), "nobody"),
        (Row(0, "sequenced", "", "", layer="engine", lost_s=1.2), "lost 1.20 s"),
        (Row(0, "sequenced", "", "", layer="engine", quality="bad: SOH"), "a verdict on bad data"),
        (Row(0, "sequenced", "", "", layer="engine", code="internal.error"), "a defect"),
    ],
)
def test_what_must_not_be_is_a_problem(row: Row, words: str) -> None:
    (problem,) = run_problems(row)
    assert words in problem


def test_a_good_row_has_no_problem() -> None:
    assert run_problems(Row(0, "sequenced", "", "", layer="engine", lost_s=0.9, quality="good")) == []


# ------------------------------------------------------------------ data


def journal(folder: Path, *records: Any) -> Path:
    text = "".join(json.dumps(record, separators=(",", ":")) + "\n" for record in records)
    (folder / "journal.jsonl").write_text(text, encoding="utf-8")
    return folder


def sample(t_s: float, unix_s: float, segment: int = 0) -> list[Any]:
    return ["s", t_s, unix_s, 3.3, 0.0, 0.0, segment, None, None, None]


def test_samples_that_are_not_on_disk_are_counted_in_seconds(tmp_path: Path) -> None:
    now_s = time.time()
    run = journal(tmp_path, sample(1.0, now_s - 1.7), sample(1.1, now_s - 1.6))
    assert lost_seconds(run, now_s, 0.0) == pytest.approx(1.6, abs=1e-3)
    assert lost_seconds(run, None, 0.0) == 0.0


def test_a_pulse_without_samples_is_no_proof(tmp_path: Path) -> None:
    plan = {"segments": [{"index": 0, "current_A": 5.0, "duration_s": 2.0}]}
    header = {"k": "header", "plan": plan}
    assert starved(journal(tmp_path, header, *[sample(i / 10, 0.0) for i in range(5)]))
    assert not starved(journal(tmp_path, header, *[sample(i / 10, 0.0) for i in range(6)]))


def result(soh: float, resistance_ohm: float) -> dict[str, Any]:
    pulse = {"current_A": 50.0, "resistance_ohm": {"1": resistance_ohm}}
    estimate = {"estimate": soh, "low90": soh - 0.02, "high90": soh + 0.02}
    return {"verdict": "pass", "soh": estimate, "blocks": [{"pulses": [pulse]}]}


@pytest.mark.parametrize(
    ("soh", "resistance_ohm", "quality"),
    [(0.9, 0.002, "good"), (0.88, 0.00205, "good"), (0.85, 0.002, "bad"), (0.9, 0.0022, "bad")],
)
def test_a_verdict_far_from_the_healthy_one_is_bad(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, soh: float, resistance_ohm: float, quality: str
) -> None:
    answers = iter([result(0.9, 0.002), result(soh, resistance_ohm)])
    monkeypatch.setattr("tests.campaign.quality._diagnose", lambda *_: next(answers))
    judge, kind = Quality(), KINDS["sequenced"]
    judge.learn(kind, tmp_path, "short")
    assert judge.judge(kind, tmp_path, "completed", "short")[1].split(":")[0] == quality


# ------------------------------------------------------------------ what is asked


def test_nothing_that_was_asked_for_is_missing() -> None:
    wanted = """
        worker killed, worker hung, worker restarted, guard killed, guard hung, guard restarted, service gone,
        service hung, simulator killed, simulator restarted, simulator hung for 3 s, link reset, link silent,
        link slow 20 ms, link slow 0.2 s, link slow 2 s, split replies, merged replies, garbage, stale frame,
        stale frame after reconnect, sentinel 9.9E37, sentinel 9.91E37, sentinel 10.0000E+9, NaN, unit suffix,
        frozen reading, wrong sign, half current, half current read, sense leads off, reversed polarity,
        contact resistance rising, overtemperature ramp, internal short, reboot, protection trip,
        output held off, front panel takes over, front panel output, BMS silent, BMS opens contactors,
        BMS checksum wrong, emergency stop, interlock, disk full, wall clock +1 h, wall clock -1 h,
        spare line, echo, CR LF, query silent, relay board length field, relay board counts from 1,
        scanner counts wrong, hang-up after each reply, second client refused
    """
    assert {" ".join(name.split()) for name in wanted.split(",")} - set(BY_NAME) == set()
