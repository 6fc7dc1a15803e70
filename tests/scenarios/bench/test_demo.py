"""``station demo --headless``: one command from nothing to a verdict, and nothing left behind."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tests.scenarios.bench.stand import marked, marking, station, wait_until


def test_the_demo_judges_a_battery_and_cleans_up(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with marking() as mark:
        answer = station("demo", "--headless", "--speed", "20", "--data", str(data))
        assert answer.exit_code in (0, 1, 3), answer
        wait_until(lambda: not marked(mark), "service, guard, worker and simulators are gone", 20)
    result = answer.data
    assert result["outcome"] == "completed"
    assert result["exit_code"] == answer.exit_code
    assert result["safe"]["verified"] is True
    assert {file["kind"] for file in result["files"]} == {"journal", "run", "result", "signed"}
    for file in result["files"]:
        content = (data / file["path"]).read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (file["sha256"], file["bytes"])
    (row,) = station("records", "list", "--data", str(data)).data["runs"]
    assert (row["run_id"], row["state"], row["verdict"]) == (result["run_id"], "ended", result["verdict"])
    assert not list(data.glob("demo-bench-*.yaml"))
    assert not list(data.glob("benches/*/service.json"))
    truth = result["simulated_truth"]
    assert 0.5 < truth["soh"] < 1.1
    assert truth["inside_interval"] in (True, False) if result["soh"] else truth["inside_interval"] is None
