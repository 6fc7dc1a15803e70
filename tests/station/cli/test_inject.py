"""``station inject``: faults on a simulated bench that runs, live and from a scenario file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from simulators.bench import running
from simulators.config import BenchSimulation
from station.bench import Bench, ask_simulation, load_bench
from station.cli.main import invoke
from station.simulation import simulation_config, with_free_ports, write_bench


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    loaded = with_free_ports(load_bench("demo"))
    with running(BenchSimulation.model_validate(simulation_config(loaded))):
        yield loaded


@pytest.fixture
def file(bench: Bench, tmp_path: Path) -> Iterator[str]:
    path = tmp_path / "bench.yaml"
    write_bench(bench, path)
    yield str(path)
    ask_simulation(bench, {"op": "clear_faults"})


def run_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    code = invoke([*arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def active(bench: Bench, channel: str = "1") -> Any:
    return ask_simulation(bench, {"op": "truth", "channel": channel})["faults"]


def test_a_fault_begins_and_ends(bench: Bench, file: str, capsys: pytest.CaptureFixture[str]) -> None:
    at = ["--bench", file, "--channel", "1"]
    assert run_json(capsys, "inject", "contact_resistance", *at, "--value", "0.01")[0] == 0
    assert active(bench) == {"the wiring: contact_resistance": 0.01}
    assert run_json(capsys, "inject", "link_slow", *at, "--instrument", "delta-sm15k")[0] == 0
    assert active(bench)["delta-sm15k: link_slow"] == 0.2
    assert run_json(capsys, "inject", "contact_resistance", *at, "--end")[0] == 0
    assert active(bench) == {"delta-sm15k: link_slow": 0.2}
    assert run_json(capsys, "inject", "--bench", file, "--clear")[0] == 0
    assert active(bench) == {}


def test_a_fault_waits_for_its_moment(bench: Bench, file: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = run_json(
        capsys, "inject", "internal_short", "--bench", file, "--channel", "3", "--value", "0.5",
        "--moment", "rise", "--count", "2", "--after", "1",
    )  # fmt: skip
    assert (code, answer["when"]) == (0, {"moment": "rise", "count": 2, "after_s": 1.0})
    assert active(bench, "3") == {}
    armed = ask_simulation(bench, {"op": "armed", "channel": "3", "label": "internal_short"})
    assert armed["fired"] is False


def test_everything_that_can_go_wrong_is_listed(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = run_json(capsys, "inject", "--bench", file, "--list")
    found = {(row["channel"], row["instrument"], row["name"]) for row in answer["faults"]}
    assert code == 0
    assert found >= {
        ("1", None, "polarity_reversed"),
        ("1", "delta-sm15k", "link_silent"),
        ("2", "rigol-dl3021", "front_panel"),
        ("4", "leaf-bms", "bms_silent"),
        (None, "modbus-relay", "estop"),
    }


def test_a_scenario_is_played(
    bench: Bench, file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "faults.yaml"
    path.write_text("- {channel: 2, fault: {name: contact_resistance, value: 0.02}}\n", encoding="utf-8")
    code, answer = run_json(capsys, "inject", "--bench", file, "--scenario", str(path))
    assert (code, answer) == (0, {"armed": 1})
    assert active(bench, "2") == {"the wiring: contact_resistance": 0.02}


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["gremlins", "--channel", "1"], "usage.fault", "has no fault 'gremlins'"),
        (["internal_short", "--channel", "9"], "usage.fault", "no channel '9'"),
        (["link_silent"], "usage.fault", "channel"),
        (["link_slow", "--channel", "1", "--value", "soon"], "usage.fault", "takes a number"),
    ],
)
def test_what_cannot_be_injected_is_said(
    file: str, arguments: list[str], code: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    got, answer = run_json(capsys, "inject", *arguments, "--bench", file)
    assert (got, answer["error"]["code"]) == (2, code)
    assert words in answer["error"]["message"]
    assert answer["error"]["remedy"]


def test_a_bad_scenario_is_named_with_file_line_and_field(
    file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "faults.yaml"
    path.write_text("- channel: 1\n  fault: {name: link_silent}\n  wen: now\n", encoding="utf-8")
    got, answer = run_json(capsys, "inject", "--bench", file, "--scenario", str(path))
    assert (got, answer["error"]["code"]) == (2, "usage.scenario")
    assert answer["error"]["params"] == {"file": str(path), "line": 3, "field": "1.wen"}
    assert "spelling" in answer["error"]["remedy"]
    path.write_text("- channel: 1\n  fault: {name: bms_silent}\n", encoding="utf-8")
    got, answer = run_json(capsys, "inject", "--bench", file, "--scenario", str(path))
    assert (got, answer["error"]["params"]["field"]) == (2, "1.fault")
    assert "no fault 'bms_silent'" in answer["error"]["message"]


def test_real_hardware_has_no_faults_to_inject(
    bench: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "real.yaml"
    write_bench(bench.model_copy(update={"simulation": None}), path)
    got, answer = run_json(capsys, "inject", "estop", "--bench", str(path), "--channel", "1")
    assert (got, answer["error"]["code"]) == (2, "bench.not_simulated")
