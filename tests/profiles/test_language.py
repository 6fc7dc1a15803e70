"""The language in files: expressions, calls, tables, places of errors, findings, comments, the Python API."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

import profiles
from profiles import (
    ContactCheck,
    CurrentTable,
    If,
    Loop,
    Parameter,
    Profile,
    ProfileError,
    Pulse,
    Rest,
    Title,
    check_text,
)
from profiles.expressions import ExpressionError, evaluate, parse, unit_of
from profiles.round_trip import read_round_trip, write_round_trip
from profiles.schema import profile_schema
from profiles.waveforms import prbs_bits, sine_stairs
from profiles.yaml_events import read_events
from profiles.yaml_file import parse_profile

TEXT = """\
schema: pulse-station/profile/1
name: mine
title: {zh: 我的, en: Mine}
description: {zh: 我的, en: Mine}
parameters: {pulse_C: {value: 2, low: 0.1, high: 3}, wait_s: 30}
steps:
  - {step: contact_check}  # small first
  - step: loop
    times: 2
    steps:
      - {step: pulse, direction: charge, current_C: "=pulse_C / 2", duration_s: 10, rest_s: "=wait_s + 1 min"}
  - step: if
    condition: last_time_s > wait_s
    then: [{step: rest, duration_s: 1}]
"""


def only(text: str, **options: Any) -> ProfileError:
    (problem,) = check_text(text, **options).problems
    return problem


@pytest.mark.parametrize(
    ("text", "value"),
    [("1 + 2 * 3", 7), ("-(2 - 5) / 2", 1.5), ("10 % * 20 Ah", 2), ("min(3 V, 4200 mV)", 3),
     ("1 h + 1 min", 3660), ("max(1, 2) > 1 and not 3 < 2", 1), ("x_V < 3 V or x_V >= 4 V", 1)],
)  # fmt: skip
def test_expressions_are_what_they_say(text: str, value: float) -> None:
    assert evaluate(parse(text), {"x_V": 4.0}) == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "column"),
    [("1 +", 4), ("2 V + 3 A", 5), ("a_V < 3 s", 5), ("1 ; 2", 3), ("pow(2, 3)", 1), ("(1", 3),
     ("1 < 2 < 3", 7), ("__import__('os')", 12), ("x.y", 2), ("(" * 60 + "1" + ")" * 60, 42), ("1 / 0", 3),
     ("nobody", 1)],
)  # fmt: skip
def test_what_is_no_expression_is_told_with_its_column(text: str, column: int) -> None:
    def judge() -> None:
        node = parse(text)
        unit_of(node, truth="<" in text)
        evaluate(node, {"a_V": 1.0})

    with pytest.raises(ExpressionError) as told:
        judge()
    assert told.value.column == column


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "word"),
    [
        ('"=pulse_C / 2"', '"=puls_C / 2"', 11, "steps[1].steps[0].current_C", "puls_C"),
        ("last_time_s > wait_s", "last_time_s > 3 V", 13, "steps[2].condition", "s and V"),
        ("last_time_s > wait_s", "last_tim_s > 3 s", 13, "steps[2].condition", "last_tim_s"),
        ("times: 2", "times: 2000", 9, "steps[1].times", "1000"),
        ("value: 2,", "value: 5,", 5, "parameters.pulse_C", "larger than 3"),
        ("duration_s: 1}", "duration_s: 1, step: rest}", 14, "", "twice"),
        ("{step: contact_check}", "&a {step: contact_check, rest_s: *b}", 7, "", "anchor"),
    ],
)
def test_errors_name_line_field_and_remedy(old: str, new: str, line: int, field: str, word: str) -> None:
    problem = check_text(TEXT.replace(old, new)).problems[0]
    assert (problem.field, problem.line, bool(problem.remedy)) == (field, line, True), problem
    assert word in problem.message


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "remedy"),
    [
        ("schema: pulse-station/profile/1\n", "", "profile.missing_field", 1, "first line"),
        ("schema: pulse", "schema_version: pulse", "profile.missing_field", 1, "first line"),
        ("duration_s: 10,", 'duration_s: "10",', "profile.number", 11, "without quotes: 10"),
        ("duration_s: 10,", "duration_s: true,", "profile.number", 11, "give a number"),
        ("times: 2", "times: true", "profile.number", 9, "whole number"),
    ],
)
def test_what_only_looks_right_is_refused(old: str, new: str, code: str, line: int, remedy: str) -> None:
    assert old in TEXT
    problem = check_text(TEXT.replace(old, new)).problems[0]
    assert (problem.code, problem.line) == (code, line), problem
    assert remedy in problem.remedy


def test_parameters_of_a_call_that_are_none_are_told_with_their_place() -> None:
    call = "  - {step: call, profile: hppc, parameters: %s}\n"
    for given, field in (("2", "parameters"), ("{pulse_C: fast}", "parameters.pulse_C")):
        problem = only(TEXT + call % given)
        assert (problem.line, problem.field) == (15, f"steps[3].{field}"), problem


def test_parameters_are_set_from_outside_within_their_bounds(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(TEXT, encoding="utf-8")
    profile = profiles.load(str(file), pulse_C=3, wait_s=5)
    loop = profile.steps[1]
    assert isinstance(loop, Loop)
    assert loop.steps == (Pulse(direction="charge", current_C=1.5, duration_s=10, rest_s=65),)
    assert profile.steps[2].condition == "last_time_s > (5 s)"  # type: ignore[union-attr]
    with pytest.raises(ProfileError, match="larger than 3"):
        profiles.load(str(file), pulse_C=4)
    with pytest.raises(ProfileError, match="no parameter 'speed'"):
        profiles.load(str(file), speed=4)


def test_python_builds_what_the_file_says() -> None:
    words = Title(zh="我的", en="Mine")
    built = Profile(
        name="mine",
        title=words,
        description=words,
        parameters={"pulse_C": Parameter(value=2, low=0.1, high=3), "wait_s": Parameter(value=30)},
        steps=(
            ContactCheck(),
            Loop(times=2, steps=(Pulse(direction="charge", current_C=1, duration_s=10, rest_s=90),)),
            If(condition="last_time_s > (30 s)", then=(Rest(duration_s=1),)),
        ),
    )
    read = parse_profile(TEXT)
    assert built == read
    one, two = (profiles.resolve(profile, nominal_capacity_Ah=20).digest for profile in (built, read))
    assert one == two


def test_comments_stay_when_a_program_changes_a_file() -> None:
    data = read_round_trip(TEXT)
    data["steps"][1]["times"] = 3
    text = write_round_trip(data)
    assert "# small first" in text
    assert text.replace("times: 3", "times: 2") == TEXT


def test_tables_and_called_profiles_become_part_of_the_profile(tmp_path: Path) -> None:
    (tmp_path / "drive.csv").write_text("t_s,current\n0,-1\n10,-2\n12,0\n", encoding="utf-8")
    (tmp_path / "inner.yaml").write_text(TEXT.replace("name: mine", "name: inner"), encoding="utf-8")
    outer = TEXT.split("steps:")[0] + (
        "limits: {current_max_C: 2.5}\nsteps:\n  - {step: call, profile: inner, parameters: {pulse_C: 1}}\n"
        "  - {step: current_table, file: drive.csv, unit: A}\n"
    )
    found = check_text(outer, folder=tmp_path, nominal_capacity_Ah=10)
    assert found.ok, found.problems
    assert found.plan is not None
    assert [s.current_A for s in found.plan.segments][2:5] == [5.0, 0.0, 5.0]
    assert [(s.current_A, s.duration_s) for s in found.plan.segments][-3:] == [(-1, 10), (-2, 2), (0, 2)]
    (tmp_path / "drive.csv").write_text("0,-1\n10,x\n", encoding="utf-8")
    assert "drive.csv, line 2" in only(outer, folder=tmp_path).message
    (tmp_path / "drive.csv").write_text("0,-1\n10,0\n", encoding="utf-8")
    (tmp_path / "inner.yaml").write_text(outer, encoding="utf-8")
    assert "circle" in only(outer, folder=tmp_path).message
    escaped = outer.replace("drive.csv", "../drive.csv").replace("inner, parameters: {pulse_C: 1}", "rapid")
    assert "beside the profile" in check_text(escaped, folder=tmp_path).problems[0].message


def test_a_called_profiles_limits_hold_as_well() -> None:
    text = TEXT.replace(
        "steps:\n  - {step: contact", "steps:\n  - {step: call, profile: rapid}\n  - {step: contact", 1
    )
    limits = parse_profile(text).limits
    assert (limits.current_max_C, limits.temperature_max_degC) == (2.5, 45)


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("parameters:", "limits: {cell_voltage_min_V: 3.5, cell_voltage_max_V: 3}\nparameters:",
         "profile.limits_contradict", 5),
        ("last_time_s > wait_s", "wait_s > 20 s", "profile.unreachable", None),
        ("parameters:", "limits: {charge_max_of_capacity: 0.001}\nparameters:",
         "profile.charge_beyond_limit", 5),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_refused(old: str, new: str, code: str, line: int | None) -> None:
    text = TEXT.replace(old, new)
    if line is None:
        text += "    else: [{step: rest, duration_s: 2}]\n"
    problem = only(text)
    assert problem.code == code
    assert problem.line == (line or 15)


def test_ways_that_exclude_each_other_are_not_added_up() -> None:
    pulse = "{step: pulse, direction: discharge, current_C: 1, duration_s: 36, rest_s: 1}"
    text = TEXT.split("  - step: loop")[0] + (
        f"  - step: if\n    condition: run_time_s > 1 s\n    then: [{pulse}, {pulse}]\n    else: [{pulse}]\n"
    )
    balance = check_text(text, nominal_capacity_Ah=10).balance
    assert balance is not None
    contact_Ah = 1.0 / 3600
    assert balance.lowest_Ah == pytest.approx(-0.2 - contact_Ah)
    assert balance.left_max_Ah == pytest.approx(-0.1 - contact_Ah)
    assert balance.fits(0.01)
    assert not balance.fits(0.5)


def test_the_schema_knows_what_a_file_may_say() -> None:
    validator = Draft7Validator(profile_schema())
    assert validator.is_valid(read_events(TEXT, "mine")[0])
    assert validator.is_valid(
        read_events(TEXT.replace("condition: last_time_s > wait_s", "condition: a < b"), "")[0]
    )
    assert not validator.is_valid(read_events(TEXT.replace("times: 2", "times: many"), "mine")[0])
    assert not validator.is_valid(read_events(TEXT.replace("step: loop", "turn: loop"), "mine")[0])


def test_excitations_have_the_properties_they_are_known_for() -> None:
    for order in range(3, 12):
        bits = prbs_bits(order)
        assert abs(sum(bits)) == 1
        shifted = sum(a * b for a, b in zip(bits, bits[3:] + bits[:3], strict=True))
        assert shifted == -1  # a sequence of maximal length is orthogonal to itself shifted, but for one bit
    stairs = sine_stairs(0.1, (1, 3, 5), 0.1)
    assert max(map(abs, stairs)) == pytest.approx(1)
    assert sum(stairs) == pytest.approx(0, abs=1e-9)


def test_steps_of_ten_thousand_rows_of_a_table_are_refused_where_time_goes_back() -> None:
    with pytest.raises(ValueError, match="row 3"):
        CurrentTable(rows=((0, 1), (2, 1), (1, 0)))
