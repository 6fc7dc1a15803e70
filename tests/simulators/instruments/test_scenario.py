"""Scenario files: faults at their moments, and what is said about a file that cannot be played."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from simulators.scenario import ScenarioError, load_scenario

GOOD = """\
- channel: 1
  when: {moment: output_on, after_s: 0.5}
  fault: {name: trip, instrument: delta-sm15k}
- channel: "1"
  fault: {name: temperature_ramp, value: 0.5}
  for_s: 10
"""


def _written(folder: Path, text: str) -> Path:
    path = folder / "faults.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_scenario_plays_on_the_bench(tmp_path: Path, start, delta_unit) -> None:
    bench = start([delta_unit])
    for request in load_scenario(_written(tmp_path, GOOD)).requests():
        assert bench.control("arm", **request)["ok"]
    assert bench.truth()["faults"] == {"the wiring: temperature_ramp": 0.5}
    unit = bench.client("delta-sm15k")
    unit.write("SOUR:VOLT 5", "SOUR:CURR 5", "SOUR:POW 500", "OUTP 1")
    bench.advance(0.4)
    assert unit.ask("OUTP?") == "1"
    bench.advance(0.2)
    assert unit.ask("OUTP?") == "0"
    bench.advance(10.0)
    assert "the wiring: temperature_ramp" not in bench.truth()["faults"]


@pytest.mark.parametrize(
    ("text", "line", "field", "words"),
    [
        ("- {channel: 1, fault: {name: x}, then: 3}", 1, "1.then", "remove it or correct its spelling"),
        ("- channel: 1\n  fault: {name: x}\n- channel: 2\n", 3, "2.fault", "add this field"),
        (
            "- channel: 1\n  fault: {name: x}\n  when:\n    moment: soon\n",
            4,
            "1.when.moment",
            "correct the value",
        ),
        ("- channel: 1\n  fault: {name: x}\n  when: {count: 0}\n", 3, "1.when.count", "correct the value"),
        ("channel: 1\n", 0, "", "a scenario is a list of faults"),
        ("- channel: [\n", 2, "", "mend the YAML"),
    ],
)
def test_a_bad_file_is_named_with_line_field_and_remedy(
    tmp_path: Path, text: str, line: int, field: str, words: str
) -> None:
    path = _written(tmp_path, text)
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    assert (caught.value.file, caught.value.line, caught.value.field) == (str(path), line, field)
    assert words in caught.value.remedy
    assert str(path) in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="cannot be read"):
        load_scenario(tmp_path / "none.yaml")


def test_the_process_refuses_a_fault_that_the_bench_does_not_have(tmp_path: Path) -> None:
    config = tmp_path / "bench.json"
    config.write_text(
        json.dumps({"channels": [{"id": "1", "battery": {"kind": "measured"}}]}), encoding="utf-8"
    )
    path = _written(
        tmp_path, "- channel: 1\n  fault: {name: internal_short}\n- channel: 1\n  fault: {name: gremlins}\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "simulators", "--config", str(config), "--scenario", str(path)],
        capture_output=True, text=True, timeout=50, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert f"{path}:3: 2.fault: channel 1 has no fault 'gremlins'" in done.stderr
    assert "name a channel, an instrument and a fault that this bench has" in done.stderr
