"""Dry runs of what asks people, names currents in A, or is too long for the wire."""

from __future__ import annotations

from pathlib import Path

import pytest

from profiles import Profile, check_text
from profiles.explaining import explain
from profiles.yaml_file import parse_profile
from station.bench import load_bench
from station.cli.main import invoke
from station.dryrun import DryRun, dry_bench, dry_run, run_on
from station.dryrun.cells import cell_model
from station.dryrun.in_memory import MemoryBench
from station.service.profile_shelf import ProfileShelf

HEAD = """\
schema: pulse-station/profile/1
name: made
title: {zh: 一, en: one}
description: {zh: 一, en: one}
limits: {current_max_C: 2, charge_max_of_capacity: 0.5, discharge_max_of_capacity: 0.5}
steps:
  - {step: contact_check}
"""
ASKS = (
    HEAD
    + """\
  - {step: prompt, text: {zh: 看, en: look}}
  - {step: prompt, text: {zh: 几度, en: how warm}, answer: number, name: room_degC, low: 0, high: 50}
  - {step: prompt, text: {zh: 伏, en: volt}, answer: number, name: seen_V, low: 0, high: 50, default: 3.5}
  - {step: if, condition: room_degC > 10 degC, then: [{step: rest, duration_s: 7}]}
"""
)
AMPS = (
    HEAD
    + """\
  - {step: constant_current, current_A: 10, direction: charge, duration_max_s: 1200, until: voltage_V>3.75 V}
  - {step: current_table, unit: A, rows: [[0, -10], [60, 0], [61, 0]]}
"""
)


def _answers(run: DryRun) -> list[float | None]:
    return [one["params"]["value"] for one in run.warnings() if one["code"] == "prompt.answered"]


def _played(dry: MemoryBench, profile: Profile, **answers: float) -> DryRun:
    dry.answers = answers
    run = run_on(dry, profile, chemistry="NMC")
    assert run.completed, run.error
    return run


def test_questions_are_answered_at_once_and_told() -> None:
    bench = load_bench("demo")
    place = bench.channels[0]
    profile = parse_profile(ASKS)
    with MemoryBench(dry_bench(bench, place.id, cell_model("NMC", place))) as dry:
        warm = _played(dry, profile)
        assert _answers(warm) == [None, 25.0, 3.5]
        cold = _played(dry, profile, room_degC=3.0, seen_V=4.0)
        assert _answers(cold) == [None, 3.0, 4.0]
    assert warm.totals()["duration_s"] - cold.totals()["duration_s"] == pytest.approx(7.0, abs=0.5)


def test_currents_in_A_need_no_known_battery(tmp_path: Path) -> None:
    found = check_text(AMPS)
    assert found.ok, [str(problem) for problem in found.problems]
    profile = parse_profile(AMPS)
    assert "10 A" in "".join(map(str, explain(profile, "en")))
    shelf = ProfileShelf(tmp_path)
    assert shelf.save(AMPS, "Li", "first").number == 1
    assert {row["name"]: row["duration_s"] for row in shelf.rows()}["made"] == pytest.approx(1264.0)
    assert [one.code for one in check_text(AMPS, nominal_capacity_Ah=4.0).problems] == [
        "profile.beyond_limits"
    ]


def test_a_plan_whose_pulses_would_pass_between_samples_is_played_in_memory() -> None:
    bench = load_bench("demo")
    run = dry_run(parse_profile(AMPS), bench, battery=cell_model("NMC", bench.channels[0]), chemistry="NMC")
    assert run.completed, run.error
    assert run.in_memory
    assert run.totals()["current_max_A"] == pytest.approx(10.0, rel=0.01)


def test_an_answer_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert invoke(["profile", "dry-run", "screen", "--answer", "room_degC"]) == 2
    assert "dryrun.answer" in capsys.readouterr().err
