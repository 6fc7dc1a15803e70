"""The engine's HPPC on a cell that replays a DFN simulation, beside what the simulation itself says.

The reference is PyBaMM's own: its stored voltage table and the resistances taken from it
(tests/data/pybamm/SOURCES.md).
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

import profiles
from profiles.hashing import profile_hash
from station.bench import load_bench
from station.dryrun import DryBench, DryRun, dry_bench, run_on
from tests.station.dryrun.hppc import HPPC, SAMPLING_HZ

FOLDER = Path(__file__).parents[2] / "data" / "pybamm"
TABLE = "pybamm_chen2020_nmc811_fresh_hppc.csv"
FROM_S, TO_S = 2_900.0, 3_193.0
"""The second block of the table: at 85 % SOC its charge pulse stays inside the chemistry's limits."""


def block_of_table(folder: Path) -> Path:
    """The rows of one block as a table of its own."""
    with (FOLDER / TABLE).open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if FROM_S <= float(row["time_s"]) < TO_S - 0.1]
    path = folder / "block.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> DryRun:
    table = block_of_table(tmp_path_factory.mktemp("dfn"))
    cell = {"kind": "replay", "table": str(table), "chemistry": "NMC", "nominal_capacity_Ah": 5.0}
    with DryBench(dry_bench(load_bench("demo"), "1", cell)) as bench:
        return run_on(bench, HPPC, chemistry="NMC")


@pytest.mark.timeout(300)
def test_every_edge_lies_within_a_sample_of_the_experiment(run: DryRun) -> None:
    assert run.completed, run.error
    assert run.journal is not None
    segments = run.journal.segments
    edges = {edge["segment"]: edge["achieved_s"] for edge in run.journal.edges}
    roles = [segment["role"] for segment in segments]
    begin = roles.index("discharge_pulse")
    found = [edges[begin + n] - edges[begin] for n in range(4)]
    assert found == pytest.approx([0.0, 10.0, 50.0, 60.0], abs=1 / SAMPLING_HZ)


def test_resistances_agree_within_two_per_cent(run: DryRun) -> None:
    oracle = json.loads((FOLDER / "oracle.json").read_text(encoding="utf-8"))["files"][TABLE]
    theirs = [one for one in oracle["own"] if FROM_S < one["t0"] < TO_S]
    ours = [pulse for block in run.result["blocks"] for pulse in block["pulses"]][1:]
    assert [round(one["I"], 2) for one in theirs[:2]] == [-5.0, 3.75]
    compared: list[tuple[str, float, float]] = []
    for pulse, reference in zip(ours, theirs, strict=False):
        assert pulse["current_A"] == pytest.approx(reference["I"], rel=0.01)
        compared += [
            (at, pulse["resistance_ohm"][at], reference["R"][f"{float(at):.1f}"])
            for at in ("1", "5", "10")
            if pulse["resistance_ohm"].get(at) is not None
        ]
    assert len(compared) >= 4, ours
    for at, measured_ohm, simulated_ohm in compared:
        assert measured_ohm == pytest.approx(simulated_ohm, rel=0.02), (at, compared)


def test_a_run_s_record_holds_the_profile_as_it_was(run: DryRun) -> None:
    assert run.journal is not None
    stored = run.journal.header["profile"]
    assert stored["hash"] == profile_hash(HPPC)
    assert profiles.Profile.model_validate(stored["canonical"]) == HPPC
    assert stored["approved"] is None


def test_a_dry_run_tells_what_came_near(run: DryRun) -> None:
    told: dict[str, Any] = run.as_dict()
    assert [step["kind"] for step in told["steps"]] == ["contact_check", "rest", "hppc_block"]
    nearest = told["margins"][0]
    assert nearest["share"] <= told["margins"][-1]["share"]
    upper = next(m for m in told["margins"] if m["name"] == "voltage_max")
    assert upper["limit"] == 4.25
    assert upper["nearest"] == pytest.approx(told["totals"]["voltage_max_V"])
    assert 0 < upper["share"] < 0.1
    assert told["totals"]["discharge_Ah"] == pytest.approx(5.0 * 10 / 3600, rel=0.05)
