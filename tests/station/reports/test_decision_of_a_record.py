"""The result of a record carries its decision, and the decision proves itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from station.diagnosis.decision import fingerprint, plain, replay
from station.models.rulebook import load_rules
from station.reports.diagnose import diagnose_file

DATA = Path(__file__).parents[2] / "data"
NEBULA = next((DATA / "pulsebat").glob("*.xlsx"))


@pytest.fixture(scope="module")
def result() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(diagnose_file(NEBULA), allow_nan=False))
    return found


def test_the_verdict_is_that_of_the_decision(result: dict[str, Any]) -> None:
    outcome = result["decision"]["outcome"]
    assert (result["verdict"], result["grade"]) == (outcome["verdict"], outcome["grade"]) == ("pass", "D")
    assert [rule["id"] for rule in result["rules"]] == [step["id"] for step in outcome["steps"]]
    assert result["decision"]["facts"]["soh"] == result["soh"]
    assert result["decision"]["rules"]["sha256"] == fingerprint(plain(load_rules()))
    assert result["decision"]["prices"] is None


def test_the_interval_over_two_grades_is_told(result: dict[str, Any]) -> None:
    outcome = result["decision"]["outcome"]
    assert result["soh"]["low90"] < 0.6 < result["soh"]["high90"]
    assert (outcome["straddles"], outcome["best"], outcome["worst"]) == (True, "C", "D")


def test_the_decision_replays_from_the_result_alone(result: dict[str, Any]) -> None:
    assert replay(result["decision"]).same


def test_a_string_gets_no_verdict_from_its_mean_cell(tmp_path: Path) -> None:
    import pyarrow.csv as pa_csv

    source = next((DATA / "pybamm").glob("pybamm_prada2013_lfp_fresh_pulsebat5s_soc50.csv"))
    table = pa_csv.read_csv(source)
    name = next(name for name in table.column_names if name.lower().startswith("voltage"))
    column = table.column_names.index(name)
    import pyarrow.compute as pc

    path = tmp_path / "string.csv"
    pa_csv.write_csv(table.set_column(column, name, pc.multiply(table[name], 4.0)), path)
    found = diagnose_file(path, nominal_capacity_Ah=2.3, series_cells=4)
    assert (found["verdict"], found["grade"]) == ("no_verdict", None)
    assert "soh" not in found["decision"]["facts"]
    assert {use["status"] for use in found["decision"]["outcome"]["uses"]} <= {
        "undecided",
        "unfit",
        "blocked",
    }
