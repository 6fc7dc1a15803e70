"""What the run of all tests does with those that failed: tried again, named, and red when they never pass."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests import whole
from tests.whole import TRIES, Step, passes_later, report

STEP = Step("benches", ("pytest",), ("-n", "2"), ".cache")
ALWAYS = 99


class Suite:
    """Tests that pass at a try of their own; ``failed`` is what pytest notes of each run."""

    def __init__(self, folder: Path, passes_at: dict[str, int]) -> None:
        self._file = folder / STEP.cache / "v" / "cache" / "lastfailed"
        self._file.parent.mkdir(parents=True)
        self._passes_at = passes_at
        self._note([name for name, at in passes_at.items() if at > 1])
        self.commands: list[Sequence[str]] = []

    def run(self, command: Sequence[str], said: object = None) -> int:
        assert said is None, "printed at once, not kept for later"
        self.commands.append(command)
        failed = [name for name in self._noted() if self._passes_at[name] > len(self.commands) + 1]
        self._note(failed)
        return 1 if failed else 0

    def _note(self, failed: list[str]) -> None:
        self._file.write_text(json.dumps(dict.fromkeys(failed, True)))

    def _noted(self) -> list[str]:
        return list(json.loads(self._file.read_text()))


@pytest.fixture
def tried() -> dict[str, int]:
    return {}


def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **passes_at: int) -> Suite:
    made = Suite(tmp_path, passes_at)
    monkeypatch.setattr(whole, "ROOT", tmp_path)
    monkeypatch.setattr(whole, "_call", made.run)
    return made


def test_what_passes_later_is_green_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tried: dict[str, int]
) -> None:
    made = suite(tmp_path, monkeypatch, good=1, second=2, third=3)
    assert passes_later(STEP, tried)
    assert report(tried) == ["== needed another try", "   try 2: second", "   try 3: third"]
    assert len(made.commands) == TRIES - 1
    for command in made.commands:
        assert command[: len(STEP.command)] == STEP.command, "at the usual priority"
        assert "-n" not in command, "one by one"
        assert "--last-failed" in command


def test_what_fails_every_time_is_red(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tried: dict[str, int]
) -> None:
    suite(tmp_path, monkeypatch, second=2, broken=ALWAYS)
    assert not passes_later(STEP, tried)
    assert report(tried) == ["== needed another try", "   try 2: second", "== failed 3 times", "   broken"]


def test_a_run_that_broke_without_a_failed_test_is_red(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tried: dict[str, int]
) -> None:
    made = suite(tmp_path, monkeypatch, good=1)
    assert not passes_later(STEP, tried)
    assert not passes_later(Step("mypy", ("mypy",)), tried)
    assert (made.commands, tried) == ([], {})
