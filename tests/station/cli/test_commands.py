"""The command line: what it prints, how it says errors, and its exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from station.bench import load_bench
from station.cli.main import invoke
from station.simulation import simulation_config, with_free_ports, write_bench

ROOT = Path(__file__).parents[3]
NEBULA = next((ROOT / "tests/data/pulsebat").glob("*.xlsx"))
TABLE = ROOT / "data/pulsebat/pulses.parquet"


def run_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    code = invoke([*arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATION_LANG", "en")


def test_help_names_every_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "station.cli.main", "--help"], capture_output=True, text=True, check=True
    )
    for command in [
        "run",
        "diagnose",
        "estimate",
        "simulate",
        "ui",
        "demo",
        "learn",
        "profile",
        "bench",
        "records",
    ]:
        assert f"  {command} " in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["run"],
        ["run", "rapid"],
        ["profile", "check"],
        ["diagnose", "--colour"],
        ["run", "rapid", "--bench", "demo", "--channel", "1", "--battery", "X", "--nominal-capacity", "lots"],
    ],
)
def test_a_wrong_command_line_is_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert invoke(arguments) == 2
    assert "error [usage.command_line]" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "exit_code", "code"),
    [
        (["profile", "check", "no-such-profile"], 2, "profile.unknown"),
        (["bench", "check", "no-such-bench"], 2, "bench.not_found"),
        (["simulate", "no-such-bench"], 2, "bench.not_found"),
        (["diagnose", "no-such-file.csv"], 6, "data.missing"),
        (["estimate", "no-such-table.csv", "-o", "out.csv"], 6, None),
        (
            ["profile", "check", "rapid", "--nominal-capacity", "500", "--bench", "demo", "--channel", "1"],
            2,
            "profile.beyond_limits",
        ),
        (["profile", "check", "rapid", "--bench", "demo", "--channel", "9"], 2, "usage.error"),
        (
            ["run", "rapid", "--bench", "demo", "--channel", "1", "--battery", "X", "--dry-run"],
            2,
            "usage.error",
        ),
    ],
)
def test_an_error_is_one_object_with_code_remedy_and_exit_code(
    arguments: list[str], exit_code: int, code: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    got, answer = run_json(capsys, *arguments)
    assert got == answer["error"]["exit_code"] == exit_code
    assert code is None or answer["error"]["code"] == code
    assert answer["error"]["message"]
    assert answer["error"]["remedy"]


def test_errors_are_said_in_chinese_on_request(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATION_LANG", "zh")
    assert invoke(["profile", "check", "no-such-profile"]) == 2
    said = capsys.readouterr().err
    assert "profile.unknown" in said
    assert any("\u4e00" <= letter <= "\u9fff" for letter in said)


def test_profiles_and_benches_are_listed_and_checked(capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = run_json(capsys, "profile", "list")
    assert code == 0
    names = {"screen", "rapid", "reference", "adaptive", "capacity", "pack", "hppc", "pulsebat_matrix"}
    assert {row["name"] for row in answer["profiles"]} >= names
    code, answer = run_json(capsys, "profile", "check", "rapid", "--nominal-capacity", "35")
    assert (code, answer["current_max_A"]) == (0, 87.5)
    code, answer = run_json(capsys, "bench", "check", "demo")
    assert code == 0
    assert answer["channels"] == ["1", "2", "3", "4"]
    assert {row["driver"] for row in answer["instruments"]} >= {"delta-sm15k", "rigol-dl3021", "modbus-relay"}


@pytest.mark.parametrize("command", [["profile", "schema"], ["bench", "schema"]])
def test_schemas_are_json(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert invoke(command) == 0
    assert json.loads(capsys.readouterr().out)["$schema"].startswith("http://json-schema.org/draft-07")


def test_a_dry_run_shows_the_plan_and_touches_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = run_json(
        capsys,
        *["run", "screen", "--bench", "demo", "--channel", "1", "--battery", "B", "--nominal-capacity", "35"],
        "--dry-run",
    )
    assert code == 0
    assert [s["current_A"] for s in answer["plan"]["segments"]] == [-3.5, 0.0, 87.5, 0.0, -87.5, 0.0]


def test_the_real_session_is_judged_per_soc_level(capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = run_json(capsys, "diagnose", str(NEBULA))
    assert code == 0
    assert len(answer["blocks"]) == 11
    assert answer["measured_soh"] == pytest.approx(0.605, abs=0.001)
    for block in answer["blocks"]:
        assert len(block["pulses"]) == 100
        assert len({round(pulse["current_A"] / 10, 1) for pulse in block["pulses"]}) == 10
        assert block["soh"]["low90"] <= answer["measured_soh"] <= block["soh"]["high90"]
        assert block["chemistry"]["label"] == "LMO"
        assert not block["abstained"]
    assert answer["soh"]["low90"] < answer["soh"]["estimate"] < answer["soh"]["high90"]
    assert answer["verdict"] == "pass"


def test_an_unknown_capacity_gives_resistances_and_no_verdict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = ["time_s,current_A,voltage_V"]
    for number in range(4000):
        t = number * 0.01
        current = 10.0 if 10 <= t < 15 else 0.0
        rows.append(f"{t:.2f},{current},{3.7 + current * 0.002}")
    file = tmp_path / "plain.csv"
    file.write_text("\n".join(rows), encoding="utf-8")
    code, answer = run_json(capsys, "diagnose", str(file))
    assert code == 3
    (block,) = answer["blocks"]
    assert block["pulses"][0]["resistance_ohm"]["1"] == pytest.approx(0.002, rel=0.005)
    assert block["pulses"][0]["resistance_ohm"]["10"] is None
    assert answer["abstained"]
    assert answer["verdict"] == "no_verdict"
    assert answer["soh"] is None
    assert "nominal capacity" in answer["reason"]
    # Beside it a file that cannot be read: named, and the other one judged all the same.
    code, answers = run_json(capsys, "diagnose", str(tmp_path / "absent.csv"), str(file))
    assert code == 6
    assert [one["error"]["code"] if "error" in one else one["verdict"] for one in answers] == [
        "data.missing",
        "no_verdict",
    ]


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01\x02", b"time,current,voltage\n", b"PAR1 and then nothing", b"a,b\n1,2\n"]
)
def test_a_corrupt_file_is_named_with_its_exit_code(
    tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "broken.csv"
    file.write_bytes(content)
    code, answer = run_json(capsys, "diagnose", str(file))
    assert code == 6
    assert "broken.csv" in answer["error"]["message"]
    assert answer["error"]["remedy"]


def test_estimate_writes_one_row_per_block(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = pq.read_table(TABLE).slice(3000, 40).drop_columns(["capacity_Ah", "soc_nominal_pct"])
    pq.write_table(table, tmp_path / "table.parquet")
    out = tmp_path / "out.csv"
    code, answer = run_json(capsys, "estimate", str(tmp_path / "table.parquet"), "-o", str(out))
    assert (code, answer["rows"]) == (0, 40)
    rows = pa_csv.read_csv(out)
    assert rows.column_names[:8] == [
        "cell_id",
        "soh",
        "soh_low90",
        "soh_high90",
        "chemistry",
        "chemistry_confidence",
        "abstained",
        "reason",
    ]
    assert rows["cell_id"].to_pylist() == table["cell_id"].to_pylist()


def test_the_demo_bench_becomes_a_simulation_with_the_same_addresses(tmp_path: Path) -> None:
    bench = with_free_ports(load_bench("demo"))
    config = simulation_config(bench, speed=3.0)
    kinds = [[tool["kind"] for tool in channel["instruments"]] for channel in config["channels"]]
    assert kinds[1] == ["delta-sm15k", "rigol-dl3021", "keysight-34970a"]
    assert "leaf-bms" in kinds[3]
    first = config["channels"][0]["instruments"][0]
    assert bench.channel("1").power.address == f"tcp://{first['host']}:{first['port']}"
    pack_source = config["channels"][3]["instruments"][0]["options"]
    assert (pack_source["voltage_max_V"], pack_source["current_max_A"]) == (500.0, 90.0)
    path = tmp_path / "moved.yaml"
    write_bench(bench, path)
    assert load_bench(str(path)) == bench


def test_a_real_bench_cannot_be_simulated_or_hurried(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    real = load_bench("demo").model_copy(update={"simulation": None})
    path = tmp_path / "real.yaml"
    write_bench(real, path)
    code, answer = run_json(capsys, "simulate", str(path))
    assert (code, answer["error"]["code"]) == (2, "bench.not_simulated")
    code, answer = run_json(
        capsys,
        *["run", "screen", "--bench", str(path), "--channel", "1", "--battery", "B"],
        *["--nominal-capacity", "35", "--speed", "20"],
    )
    assert (code, answer["error"]["code"]) == (2, "bench.not_simulated")
