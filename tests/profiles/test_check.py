"""Every problem of a profile with its place, and the plan over time."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

import profiles
from profiles import CurrentLimits, check_text
from profiles.yaml_file import read_profile

RAPID = profiles.locate("rapid").read_text(encoding="utf-8")


def test_all_problems_are_told_each_with_code_and_place() -> None:
    text = RAPID.replace("sampling_Hz: 100", "sampling_Hz: 5000").replace(
        "rest_s: 75", "rest_s: 75, speed: 3"
    )
    found = check_text(text)
    assert [(one.code, one.line, one.field) for one in found.problems] == [
        ("profile.too_large", 8, "sampling_Hz"),
        ("profile.unknown_field", 13, "steps[2].speed"),
    ]
    column = found.problems[1].column
    assert text.splitlines()[12][column - 1 :].startswith("speed")
    assert found.problems[0].params["limit"] == 1000


def test_a_step_beyond_the_limits_is_told_with_its_line() -> None:
    found = check_text(RAPID, nominal_capacity_Ah=100, limits=CurrentLimits(36, 42))
    (problem,) = found.problems
    assert (problem.code, problem.line, found.plan) == ("profile.beyond_limits", 13, None)
    assert (problem.params["wanted_A"], problem.params["allowed_A"]) == (250, 36)


@pytest.mark.parametrize("name", profiles.builtin_names())
def test_the_timeline_is_the_plan(name: str) -> None:
    found = check_text(profiles.locate(name).read_text(encoding="utf-8"), nominal_capacity_Ah=20)
    assert found.plan is not None
    assert found.timeline is not None
    spans = found.timeline.spans
    assert found.timeline.duration_s == pytest.approx(found.plan.duration_s)
    assert all(b.start_s == pytest.approx(a.start_s + a.duration_s) for a, b in pairwise(spans))
    moved_Ah = sum(s.current_A * s.longest_s for s in found.plan.segments if s.current_A > 0) / 3600
    opened_Ah = sum(step.throughput_max_Ah for step in found.plan.open_steps)
    assert found.timeline.charge_Ah == pytest.approx(moved_Ah + opened_Ah)
    assert [s.current_A is None for s in spans].count(True) == len(found.plan.open_steps)


@pytest.mark.parametrize(
    ("old", "new", "code", "column", "remedy"),
    [
        ("rest_s: 75", "rest_s: 75 s", "profile.number", 77, "write the number alone in s: 75"),
        ("rest_s: 75", "rst_s: 75", "profile.unknown_field", 77, "write rest_s"),
        ("step: pulse_pair", "step: puls_pair", "profile.step_type", 5, "write `step: pulse_pair`"),
        ("rest_s: 75", "rest_s： 75", "profile.odd_character", 77, "write : with the English keyboard"),
        ("  - {step: pulse_pair", "\t- {step: pulse_pair", "profile.odd_character", 1, "plain space"),
        ("rest_s: 75", "rest_s: 75, rest_s: 5", "profile.yaml", 89, "remove one of the two"),
        ("rest_s: 75", "rest_s: 2 min", "profile.number", 77, "write the number alone in s: 120"),
        ("rest_s: 75", "rest_s: 500 ms", "profile.number", 77, "write the number alone in s: 0.5"),
        ("rest_s: 75", "rest_s: 5 A", "profile.number", 77, "this is in A, the field is in s"),
        ("rest_s: 75", "rest_s: 1:30", "profile.number", 77, "write the number alone in s"),
        ("rest_s: 75", "rest_s: ", "profile.number", 77, "give a number"),
        ("rest_s: 75}", "rest_s: 75", "profile.yaml", 5, "the } at the end"),
        ("step: pulse_pair", "step: pulse_pair\u200b", "profile.odd_character", 5, "cannot be seen"),
        ("  - {step: pulse_pair", "  -{step: pulse_pair", "profile.yaml", 3, "a space behind the dash"),
        ("rest_s: 75", 'rest_s: "=slow_s"', "profile.value", 77, "declare it under parameters"),
    ],
)
def test_a_slip_is_told_with_its_column_and_what_to_write(
    old: str, new: str, code: str, column: int, remedy: str
) -> None:
    found = [one for one in check_text(RAPID.replace(old, new)).problems if one.code == code]
    assert [(one.line, one.column) for one in found] == [(13, column)]
    assert remedy in found[0].remedy


@pytest.mark.parametrize(("wrong", "code"), [("rst_s: 75", "unknown_field"), ("rest_s：75", "odd_character")])
def test_a_field_under_a_wrong_name_is_not_missing_as_well(wrong: str, code: str) -> None:
    (problem,) = check_text(RAPID.replace("rest_s: 75", wrong)).problems
    assert problem.code == f"profile.{code}"


def test_a_share_in_percent_is_never_taken_for_a_number_of_times_the_capacity() -> None:
    text = RAPID.replace("limits: {", "limits: {charge_max_of_capacity: 1%, ")
    (problem,) = check_text(text).problems
    assert problem.remedy == "write the number alone: 0.01"


@pytest.mark.parametrize(
    ("content", "code", "line", "column"),
    [
        (RAPID.encode("gbk"), "profile.encoding", 0, 0),
        (b"schema: 1\nMZ\x00", "profile.yaml", 2, 3),
        (b"", "profile.yaml", 1, 1),
    ],
)
def test_what_is_no_text_is_told(tmp_path: Path, content: bytes, code: str, line: int, column: int) -> None:
    file = tmp_path / "mine.yaml"
    file.write_bytes(content)
    with pytest.raises(profiles.ProfileError) as told:
        read_profile(file)
    assert (told.value.code, told.value.line, told.value.column) == (code, line, column)


@pytest.mark.parametrize("how", [lambda text: "\ufeff" + text, lambda text: text.replace("\n", "\r\n")])
def test_files_of_other_editors_are_read(tmp_path: Path, how: Callable[[str], str]) -> None:
    file = tmp_path / "mine.yaml"
    file.write_bytes(how(RAPID).encode())
    assert read_profile(file) == profiles.load("rapid")
