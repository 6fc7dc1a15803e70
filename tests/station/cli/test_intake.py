"""What the command line tells of a battery's past."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from station.cli.intake import told
from station.cli.main import invoke

RUN = ["run", "screen", "--bench", "demo", "--channel", "1", "--battery", "X", "--nominal-capacity", "20"]


def test_an_option_goes_before_the_file(tmp_path: Path) -> None:
    path = tmp_path / "intake.yaml"
    path.write_text("use: taxi\nmileage_km: 90000\nmade_on: 2021-03\n", encoding="utf-8")
    assert told(path, mileage_km=120_000.0, use=None) == {
        "use": "taxi",
        "mileage_km": 120_000.0,
        "made_on": "2021-03",
    }
    assert told(None, mileage_km=None) is None


@pytest.mark.parametrize(
    "wrong", [["--mileage-km", "-5"], ["--use", "race"], ["--made-on", "2999-01-01"], ["--age-years", "90"]]
)
def test_wrong_options_are_refused_before_anything_runs(
    wrong: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = invoke([*RUN, *wrong, "--data", str(tmp_path), "--json"])
    error = json.loads(capsys.readouterr().out)["error"]
    assert (code, error["code"]) == (2, "usage.intake")
    assert list(tmp_path.iterdir()) == []
