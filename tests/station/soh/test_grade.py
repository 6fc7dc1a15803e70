"""Grades and verdicts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from station.diagnosis.grade import Decision, GradeStep, GradeTable, decide
from station.diagnosis.soh import Interval
from station.errors import DataError
from station.models.grades import DEFAULT_FILE, load_grade_table


@pytest.fixture(scope="module")
def table() -> GradeTable:
    return load_grade_table()


@pytest.mark.parametrize(
    ("estimate", "half", "verdict", "grade"),
    [
        (0.90, 0.02, "pass", "A"),
        (0.80, 0.02, "pass", "A"),
        (0.799, 0.02, "pass", "B"),
        (0.82, 0.15, "pass", "B"),
        (0.75, 0.08, "pass", "B"),
        (0.65, 0.03, "pass", "C"),
        (0.55, 0.04, "pass", "D"),
        (0.55, 0.06, "no_verdict", None),
        (0.48, 0.04, "no_verdict", None),
        (0.44, 0.04, "fail", "R"),
    ],
)
def test_grade_by_interval(
    table: GradeTable, estimate: float, half: float, verdict: str, grade: str | None
) -> None:
    found = decide(Interval(estimate, estimate - half, estimate + half), table)
    assert (found.verdict, found.grade) == (verdict, grade)
    assert found.table_version == table.version


def rule(found: Decision, name: str) -> tuple[object, object, str]:
    return next((item.value, item.limit, item.outcome) for item in found.rules if item.id == name)


def test_grade_is_held_back_by_the_lower_end_and_says_so(table: GradeTable) -> None:
    found = decide(Interval(0.82, 0.65, 0.99), table)
    assert found.grade == "B"
    assert rule(found, "grade_A.soh") == (0.82, 0.8, "met")
    assert rule(found, "grade_A.low90") == (0.65, 0.7, "not_met")


def test_abstention_gives_no_verdict_with_its_reason(table: GradeTable) -> None:
    found = decide(None, table, abstained_reason="unknown_type")
    assert (found.verdict, found.grade) == ("no_verdict", None)
    assert rule(found, "soh_known") == ("unknown_type", None, "undecided")


def test_safety_finding_wins_over_any_soh(table: GradeTable) -> None:
    found = decide(Interval(0.95, 0.93, 0.97), table, safety_findings=["voltage_below_window"])
    assert (found.verdict, found.grade) == ("quarantine", "R")
    assert rule(found, "safety") == ("voltage_below_window", None, "not_met")


def test_resistance_and_history_lower_the_grade(table: GradeTable) -> None:
    good = Interval(0.9, 0.88, 0.92)
    assert decide(good, table, resistance_growth=0.1, history_known=True).grade == "A"
    assert decide(good, table, history_known=False).grade == "B"
    grown = decide(good, table, resistance_growth=0.6)
    assert grown.grade == "C"
    assert rule(grown, "grade_A.resistance_growth") == (0.6, 0.3, "not_met")
    assert decide(good, table, resistance_growth=2.0).grade == "D"


def test_unknown_gates_are_recorded_as_not_checked(table: GradeTable) -> None:
    found = decide(Interval(0.9, 0.88, 0.92), table)
    assert rule(found, "grade_A.resistance_growth") == (None, 0.3, "not_checked")
    assert rule(found, "grade_A.history") == (None, "known", "not_checked")


def test_unusable_tables_are_refused(tmp_path: Path) -> None:
    steps = (GradeStep("A", 0.6), GradeStep("B", 0.8), GradeStep("R", 0.0))
    with pytest.raises(ValueError, match="fall strictly"):
        GradeTable("x", steps, 0.8)
    content = json.loads(DEFAULT_FILE.read_text(encoding="utf-8"))
    file = tmp_path / "grades.json"
    file.write_text(json.dumps({**content, "colour": "red"}), encoding="utf-8")
    with pytest.raises(DataError, match="colour"):
        load_grade_table(file)
    file.write_text(json.dumps({**content, "reuse_soh_min": 0.55}), encoding="utf-8")
    with pytest.raises(DataError, match="reuse_soh_min"):
        load_grade_table(file)
