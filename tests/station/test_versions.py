"""Versions are never written over, say who wrote them, and a changed file or log is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.errors import DataError, UsageError
from station.versions import Versions


def test_the_last_line_is_in_use_and_earlier_versions_stay(tmp_path: Path) -> None:
    kept = Versions(tmp_path, now=lambda: "2026-01-01T00:00:00Z")
    assert kept.in_use("a") is None
    kept.add("a", "one\n", "Erika", "first")
    kept.add("a", "two\n", "Erika", "second")
    kept.add("b", "other\n", "Otto", "first")
    assert kept.read("a") == "two\n"
    kept.use("a", 1, "Otto", "the second was wrong")
    assert (kept.read("a"), kept.read("a", 2), kept.read("b")) == ("one\n", "two\n", "other\n")
    assert kept.add("a", "three\n", "Erika", "third").number == 3
    kept.use("a", 0, "Erika", "as it ships")
    assert kept.in_use("a") is None
    assert [(line.number, line.who) for line in kept.log("a")] == [
        (1, "Erika"), (2, "Erika"), (1, "Otto"), (3, "Erika"), (0, "Erika"),
    ]  # fmt: skip


def test_a_file_left_by_a_crash_is_not_written_over(tmp_path: Path) -> None:
    kept = Versions(tmp_path)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "0001.yaml").write_text("half", encoding="utf-8")
    assert kept.add("a", "whole\n", "Erika", "first").number == 2
    assert (tmp_path / "a" / "0001.yaml").read_text(encoding="utf-8") == "half"


def test_what_was_changed_behind_its_back_is_refused(tmp_path: Path) -> None:
    kept = Versions(tmp_path)
    kept.add("a", "one\n", "Erika", "first")
    kept.path("a", 1).write_text("1\n", encoding="utf-8")
    with pytest.raises(DataError) as changed:
        kept.read("a")
    assert changed.value.code == "version.changed"


def test_a_log_with_a_line_taken_out_is_refused(tmp_path: Path) -> None:
    kept = Versions(tmp_path)
    for text in ("one\n", "two\n", "three\n"):
        kept.add("a", text, "Erika", "x")
    log = tmp_path / "versions.jsonl"
    lines = log.read_text(encoding="utf-8").splitlines(keepends=True)
    log.write_text(lines[0] + lines[2], encoding="utf-8")
    with pytest.raises(DataError) as damaged:
        kept.in_use("a")
    assert damaged.value.code == "version.log_damaged"


@pytest.mark.parametrize(
    ("name", "who", "why", "code"),
    [
        ("a", "", "x", "version.unsigned"),
        ("a", "x", " ", "version.unsigned"),
        ("../a", "x", "x", "version.name"),
    ],
)
def test_names_and_reasons_are_asked_for(tmp_path: Path, name: str, who: str, why: str, code: str) -> None:
    with pytest.raises(UsageError) as caught:
        Versions(tmp_path).add(name, "text", who, why)
    assert caught.value.code == code
