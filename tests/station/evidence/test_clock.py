"""A clock that is not believable is told, with by how much."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from station.evidence.clock import check_clock, newest_run_file_unix_s

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


def codes(newest: str | None, file_s: float | None = None) -> list[str]:
    return [code for code, _ in check_clock(NOW, newest, file_s)]


def test_set_back_far_and_behind_the_files(tmp_path: Path) -> None:
    assert codes(None) == codes("2026-11-28T11:59:59.000000Z") == codes("2026-11-28T12:00:01.500000Z") == []
    (found,) = check_clock(NOW, "2026-11-28T13:00:00.000000Z")
    assert found == ("clock.set_back", {"by_s": 3600.0, "newest_utc": "2026-11-28T13:00:00.000000Z"})
    assert codes("2025-01-01T00:00:00.000000Z") == ["clock.far"]
    assert newest_run_file_unix_s(tmp_path) is None
    file = tmp_path / "runs" / "20261128T100000-1-a1b2c3" / "journal.jsonl"
    file.parent.mkdir(parents=True)
    file.touch()
    os.utime(file, (NOW.timestamp() + 60, NOW.timestamp() + 60))
    assert codes(None, newest_run_file_unix_s(tmp_path)) == ["clock.behind_files"]
