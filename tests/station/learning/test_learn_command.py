"""``station learn`` with a table and no further word, as it was before it had any."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.cli.main import invoke


def test_a_table_without_a_command_is_still_learned_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert invoke(["learn", str(tmp_path / "none.parquet"), "-o", str(tmp_path)]) == 6
    assert "does not exist" in capsys.readouterr().err
    assert invoke(["learn", "-o", str(tmp_path), str(tmp_path / "none.parquet")]) == 6
    assert invoke(["learn", "--help"]) == 0
