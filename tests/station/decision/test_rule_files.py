"""Rule sets, price tables and known facts as files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from station.diagnosis.decision import RuleSet, fingerprint, plain
from station.diagnosis.decision.days import day_number
from station.diagnosis.decision.parts import Sourced
from station.errors import DataError
from station.models.rulebook import (
    DEFAULT_RULES,
    EXAMPLE_PRICES,
    load_known_facts,
    load_prices,
    load_rules,
)


def changed(tmp_path: Path, old: str, new: str, source: Path = DEFAULT_RULES) -> Path:
    text = source.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "own.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "field", "word"),
    [
        ("hold_back:\n  steps: 1", "hold_back:\n  stepps: 1", "hold_back.steps", "required"),
        ('version: "1"', 'version: "1"\ncolour: red', "colour", "not permitted"),
        ("value: 0.8,", "value: 0.65,", "grades", "fall strictly"),
        ("value: 0.8,", "value: high,", "grades.0.soh_min.value", "valid number"),
        ("value: 0.8,", "value: .nan,", "grades.0.soh_min.value", "finite"),
        ("grade_min: C", "grade_min: E", "(whole file)", "grade_min 'E'"),
        ("evidence: choice", "evidence: surely", "safety.11.evidence", "two_sources"),
        ("since: 2026-04-01", "since: 2026-04-31", "uses.8.blocked.since", "not in the calendar"),
        ("finding: burn_mark", "finding: leak", "(whole file)", "name of its own"),
        ("    grade_min: C\n", "", "uses.0", "blocked or has a grade_min"),
        ("capacity_spread:", "resistance_growth:", "consistency.limits", "only spreads"),
    ],
)
def test_a_wrong_rule_set_is_told_with_file_line_field_and_remedy(
    tmp_path: Path, old: str, new: str, field: str, word: str
) -> None:
    path = changed(tmp_path, old, new)
    with pytest.raises(DataError) as caught:
        load_rules(path)
    error = caught.value
    assert error.code == "data.rules"
    assert error.exit_code == 6
    assert str(path) in str(error)
    assert error.remedy
    assert word in str(error)
    if field:
        assert error.params["field"] == field
        assert error.params["line"] >= 1
    if field == "safety.11.evidence":
        text = path.read_text(encoding="utf-8").splitlines()
        assert "surely" in text[error.params["line"] - 1]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"- 1\n- 2\n",
        b"a: [1, 2\n",
        b"\xff\xfe\x00",
        b"a: 1\na: 2\n",
        b"a: &a [*a]\n",
        b"&a a: 1\n",
        b"a: &a [x,x,x,x,x,x,x,x]\n"
        + b"".join(
            b"%c: &%c [%s]\n" % (98 + n, 98 + n, b",".join([b"*%c" % (97 + n)] * 8)) for n in range(9)
        ),
        b"#" * 600_000,
        b"? [1, 2]\n: 3\n",
    ],
)
def test_files_that_are_no_rule_sets_are_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.yaml"
    path.write_bytes(content)
    for load in (load_rules, load_prices, load_known_facts):
        with pytest.raises(DataError, match=r"broken\.yaml") as caught:
            load(path)
        assert caught.value.remedy
    with pytest.raises(DataError, match="absent"):
        load_rules(tmp_path / "absent.yaml")


def figures_in(part: Any) -> list[Sourced]:
    found = [part] if isinstance(part, Sourced) else []
    if isinstance(part, BaseModel):
        children = [getattr(part, name) for name in type(part).model_fields]
    elif isinstance(part, dict):
        children = list(part.values())
    else:
        children = list(part) if isinstance(part, tuple) else []
    return found + [figure for child in children for figure in figures_in(child)]


def numbers_in(part: Any, inside: bool = False) -> list[tuple[float, bool]]:
    """All numbers of a rule set, and whether a source stands beside or above them."""
    if isinstance(part, int | float) and not isinstance(part, bool):
        return [(float(part), inside)]
    if isinstance(part, BaseModel):
        children = [getattr(part, name) for name in type(part).model_fields]
        inside = inside or isinstance(part, Sourced)
    elif isinstance(part, dict):
        children = list(part.values())
    else:
        children = list(part) if isinstance(part, tuple) else []
    return [number for child in children for number in numbers_in(child, inside)]


def test_every_number_that_ships_names_its_source_and_evidence(rules: RuleSet) -> None:
    numbers = numbers_in(rules)
    assert len(numbers) > 20
    assert all(sourced for _, sourced in numbers)
    figures = figures_in(rules)
    assert all(figure.source.strip() for figure in figures)
    # Limits of grades are commonly quoted, nowhere verified: they must not look like a standard's.
    assert {grade.soh_min.evidence for grade in rules.grades} == {"unverified", "choice"}
    claimed = [figure for figure in figures if figure.evidence == "unverified"]
    assert not any("GB/T" in figure.source or "IEC" in figure.source for figure in claimed)


def test_the_fingerprint_is_of_the_content_not_of_the_text(tmp_path: Path, rules: RuleSet) -> None:
    text = DEFAULT_RULES.read_text(encoding="utf-8")
    path = tmp_path / "own.yaml"
    head, _, tail = text.partition("hold_back:")
    path.write_text("# a remark\n\nhold_back:" + tail + "\n" + head.replace("format:", "\nformat:"), "utf-8")
    assert fingerprint(plain(load_rules(path))) == fingerprint(plain(rules))
    other = load_rules(changed(tmp_path, "value: 0.8,", "value: 0.81,"))
    assert fingerprint(plain(other)) != fingerprint(plain(rules))
    assert plain(RuleSet.model_validate(plain(rules))) == plain(rules)


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("low: 150", "low: 250", "low, value and high must rise"),
        ("currency: CNY", "currency: yuan", "pattern"),
        (
            "per_tonne: {value: 7620",
            "per_rated_kWh: {value: 1, evidence: example, source: x}\n    per_tonne: {value: 7620",
            "exactly one",
        ),
        ("value: 7620", "value: -1", "greater than or equal"),
        (
            'evidence: weak_source, source: "2019ldchs.com, September 2025"',
            "evidence: weak_source",
            "required",
        ),
        ("dated: 2025-09-15\nmax", "dated: 2025-13-15\nmax", "calendar"),
    ],
)
def test_a_wrong_price_table_is_told(tmp_path: Path, old: str, new: str, word: str) -> None:
    path = changed(tmp_path, old, new, EXAMPLE_PRICES)
    with pytest.raises(DataError, match=word) as caught:
        load_prices(path)
    assert caught.value.code == "data.prices"


def test_known_facts_read_yes_and_no_in_any_spelling(tmp_path: Path) -> None:
    path = tmp_path / "facts.yaml"
    path.write_text("inspection: {leak: no, swollen: yes, burn_mark: unknown, punctured: false}\n", "utf-8")
    assert load_known_facts(path).inspection == {
        "leak": "no",
        "swollen": "yes",
        "burn_mark": "unknown",
        "punctured": "no",
    }
    path.write_text("inspection: {leak: perhaps}\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"inspection\.leak") as caught:
        load_known_facts(path)
    assert caught.value.params["line"] == 1


def test_days_are_those_of_the_calendar() -> None:
    import datetime

    for day in ("2026-11-27", "2024-02-29", "2000-02-29", "0001-01-01", "2100-12-31", "1999-03-01"):
        assert day_number(day) == datetime.date.fromisoformat(day).toordinal() - 1
    for wrong in ("2026-02-29", "2100-02-29", "2026-13-01", "2026-1-1", "0000-01-01", "x", "2026-04-31"):
        with pytest.raises(ValueError, match=r"day|calendar"):
            day_number(wrong)
