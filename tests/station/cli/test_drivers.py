"""``station drivers list|show``."""

from __future__ import annotations

import json

import pytest

from station.cli.main import invoke


def test_list_and_show_as_tables_and_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert invoke(["drivers", "list", "--json", "--category", "scanner"]) == 0
    listed = {entry["name"]: entry for entry in json.loads(capsys.readouterr().out)["drivers"]}
    assert listed["keysight-34970a"]["datasheet"]["run_on_hardware"] == "no"
    assert "delta-sm15k" not in listed
    assert invoke(["drivers", "show", "delta-sm15k", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    ratings = {variant["model"]: variant for variant in shown["datasheet"]["variants"]}
    assert ratings["SM70-CP-450"]["current_A"] == [-450.0, 450.0]
    assert ratings["SM70-CP-450"]["watchdog_s"] == [0.02, 10.0]
    assert {"name": "remote_sense", "type": "bool", "default": "False"} in shown["options"]
    assert invoke(["drivers", "list"]) == 0
    assert invoke(["drivers", "show", "rigol-dl3021"]) == 0
    told = capsys.readouterr().out
    assert "delta-sm15k" in told
    assert "0 to 40 A" in told
    assert "run on hardware: no" in told


def test_a_name_that_is_none_is_an_error_with_the_names_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert invoke(["drivers", "show", "delta-sm15", "--json"]) != 0
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["code"] == "driver.unknown"
    assert "delta-sm15k" in error["remedy"]
