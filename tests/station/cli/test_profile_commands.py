"""``station profile``: check with balance and channels, tables and calls beside a file, approval, dry run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from station.cli.main import invoke
from station.service.profile_shelf import ProfileShelf

TABLE = """
schema: pulse-station/profile/1
name: drive
title: {zh: 行驶, en: Drive}
description: {zh: 表格, en: A table.}
sampling_Hz: 10
limits: {current_max_C: 1.0, temperature_max_degC: 40}
steps:
  - {step: contact_check, current_C: 0.1, duration_s: 1, rest_s: 2}
  - {step: current_table, file: drive.csv, unit: C}  # of the road
"""
CALLER = TABLE.replace("name: drive", "name: caller").replace(
    "{step: current_table, file: drive.csv, unit: C}", "{step: call, profile: drive}"
)
WHO = ("--who", "Li", "--why", "first")


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATION_LANG", "en")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "drive.yaml").write_text(TABLE, encoding="utf-8")
    (tmp_path / "caller.yaml").write_text(CALLER, encoding="utf-8")
    (tmp_path / "drive.csv").write_text("t,I\n0,-0.5\n3600,0.25\n7200,0\n", encoding="utf-8")
    return tmp_path


def run_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    code = invoke(["profile", *arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


AMPERES = TABLE.replace("name: drive", "name: amperes").replace(
    "{step: current_table, file: drive.csv, unit: C}",
    "{step: constant_current, direction: discharge, current_A: 10, duration_max_s: 600}",
)


def test_one_that_can_no_longer_be_read_hides_no_other(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ("--data", str(folder / "data"))
    for name in ("drive", "amperes"):
        (folder / f"{name}.yaml").write_text(AMPERES.replace("amperes", name), encoding="utf-8")
        assert invoke(["profile", "save", str(folder / f"{name}.yaml"), *WHO, *data]) == 0
    kept = folder / "data" / "profiles" / "drive" / "0001.yaml"
    kept.chmod(0o644)
    kept.write_text(
        kept.read_text(encoding="utf-8").replace("current_A: 10", "current_A: 20"), encoding="utf-8"
    )
    capsys.readouterr()
    code, found = run_json(capsys, "list", *data)
    rows = {row["name"]: row for row in found["profiles"]}
    assert code == 0
    assert {"rapid", "drive", "amperes"} <= set(rows)
    assert rows["amperes"]["problem"] == ""
    assert rows["amperes"]["duration_s"] == pytest.approx(603, abs=1), "10 A are too much for 1 Ah alone"
    assert rows["drive"]["duration_s"] is None
    assert "drive" in rows["drive"]["problem"], "somebody has changed it by hand"
    assert invoke(["profile", "list", *data]) == 0
    assert "amperes" in capsys.readouterr().out
    assert {"amperes"} == {
        row["name"] for row in ProfileShelf(folder / "data").rows(everyday=True) if row["own"]
    }


def test_a_table_and_a_called_profile_beside_a_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = ("--data", str(folder / "data"))
    for name in ("drive.yaml", "caller.yaml"):
        code, found = run_json(capsys, "check", str(folder / name), "--nominal-capacity", "20", *data)
        assert (code, found["ok"]) == (0, True)
        assert found["discharge_Ah"] == pytest.approx(10.0, abs=0.1)
    assert invoke(["profile", "save", str(folder / "caller.yaml"), *WHO, *data]) == 2, "drive is not kept yet"
    capsys.readouterr()
    assert invoke(["profile", "save", str(folder / "drive.yaml"), *WHO, *data]) == 0
    assert invoke(["profile", "save", str(folder / "caller.yaml"), *WHO, *data]) == 0
    capsys.readouterr()
    for name in ("drive.csv", "drive.yaml", "caller.yaml"):
        (folder / name).unlink()
    _, found = run_json(capsys, "check", "caller", "--nominal-capacity", "20", *data)
    assert found["discharge_Ah"] == pytest.approx(10.0, abs=0.1), "what is kept needs no files"
    assert invoke(["profile", "show", "drive", *data]) == 0
    assert "# of the road" in capsys.readouterr().out
    assert run_json(capsys, "list", *data)[0] == 0


def test_balance_soc_and_channels_are_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["profile", "check", str(folder / "drive.yaml"), "--nominal-capacity", "20", "--soc", "0.3"]
    asked += ["--cell-voltage", "3.7", "--bench", "demo", "--data", str(folder / "data")]
    assert invoke([*asked, "--channel", "1"]) == 0
    said = capsys.readouterr()
    assert "at 1 × 3.7 V: 18.5 Wh charged" in said.out
    assert "left over at its end: -25" in said.out
    assert "channel 1 (delta-sm15k): can run it" in said.out
    assert "below empty" in said.err
    code, found = run_json(capsys, *asked[1:])
    assert code == 0
    assert {row["channel"]: row["able"] for row in found["channels"]}["1"] is True
    assert all(row["unknown"] for row in found["channels"]), "nobody was asked"
    _, asked_all = run_json(capsys, *asked[1:], "--ask", "--channel", "1")
    assert asked_all["channels"][0]["unknown"], "an instrument that does not answer stays unknown"


def test_approve_withdraw_and_what_is_frozen(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = ("--data", str(folder / "data"))
    file = str(folder / "drive.yaml")
    assert invoke(["profile", "approve", file, *data]) == 2, "nobody stands for it"
    capsys.readouterr()
    code, line = run_json(capsys, "approve", file, *WHO, *data)
    assert (code, line["name"], line["who"]) == (0, "drive", "Li")
    (folder / "drive.csv").write_text("0,-0.6\n3600,0\n", encoding="utf-8")
    assert invoke(["profile", "save", file, *WHO, *data]) == 2
    assert "approved" in capsys.readouterr().err
    assert invoke(["profile", "withdraw", "drive", *WHO, *data]) == 0
    assert "withdrawn" in capsys.readouterr().out
    assert invoke(["profile", "withdraw", "drive", *WHO, *data]) == 2, "twice"
    capsys.readouterr()
    assert invoke(["profile", "save", file, *WHO, *data]) == 0
    capsys.readouterr()
    _, told = run_json(capsys, "approvals", *data)
    assert [bool(one["sha256"]) for one in told["approvals"]] == [True, False]


def test_a_dry_run_of_screen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, picture = ("--data", str(tmp_path / "data")), tmp_path / "screen.svg"
    asked = ["profile", "dry-run", "screen", "--cell", "NMC", *data]
    assert invoke([*asked, "--picture", str(picture)]) == 0
    said = capsys.readouterr().out
    assert "nearest to a limit:" in said
    assert "discharged" in said
    assert picture.read_text(encoding="utf-8").lstrip().startswith("<")
    code, found = run_json(capsys, *asked[1:], "--soc", "0.99")
    assert code == found["error"]["exit_code"] if found.get("error") else code == 0
    assert invoke(["profile", "dry-run", "screen", "--cell", "no-such-cell", *data]) == 2
