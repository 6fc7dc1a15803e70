"""``decide``, ``explain``, ``replay`` and ``rules`` on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from station.cli.main import invoke
from station.models.rulebook import DEFAULT_RULES
from station.records import open_records

ROOT = Path(__file__).parents[3]
KEPT = ROOT / "tests/data/decisions"
FACTS = """\
soh: {estimate: 0.82, low90: 0.81, high90: 0.83}
chemistry: LFP
level: cell
history: known
inspection: {leak: no, swollen: no}
quantities: {resistance_growth: 0.2, self_discharge_per_month: 0.01}
nominal_capacity_Ah: 100
series_cells: 1
mass_kg: 2
form: prismatic
"""
RESULT: dict[str, Any] = {
    "format": "pulse-station/result/1",
    "nominal_capacity_Ah": 35.0,
    "series_cells": 1,
    "level": "cell",
    "blocks": [{"pulses": [{"current_A": -35.0, "resistance_ohm": {"1": 0.0012, "5": None}}]}],
    "soh": {"estimate": 0.82, "low90": 0.81, "high90": 0.83},
    "chemistry": {"label": "LFP", "confidence": 0.99},
    "abstained": False,
    "reason_code": None,
    "error": None,
}


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATION_LANG", "en")


def run_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    code = invoke([*arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def write(path: Path, content: Any) -> str:
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return str(path)


def test_facts_alone_are_decided_explained_and_replayed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "decision.json"
    facts = write(tmp_path / "facts.yaml", FACTS)
    code, answer = run_json(capsys, "decide", "--facts", facts, "--prices", "example", "-o", str(out))
    assert (code, answer["outcome"]["verdict"], answer["outcome"]["grade"]) == (0, "pass", "A")
    assert answer["outcome"]["value"]["example"] is True
    assert json.loads(out.read_text(encoding="utf-8")) == answer
    code, explained = run_json(capsys, "explain", str(out))
    assert code == 0
    assert explained["rules"]["sha256"] == answer["rules"]["sha256"]
    assert {line["section"] for line in explained["lines"]} == {"verdict", "use", "depth", "value"}
    code, proved = run_json(capsys, "replay", str(out))
    assert (code, proved["same"]) == (0, True)
    assert proved["outcome_sha256"] == answer["outcome_sha256"]


def test_a_result_is_completed_by_facts_but_keeps_its_own_soh(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = write(tmp_path / "result.json", RESULT)
    facts = "soh: {estimate: 0.99, low90: 0.98, high90: 1.0}\nhistory: known\n"
    facts += "resistance_new: {value_mohm: 1.0, at_s: 1, source: data sheet}\n"
    code, answer = run_json(capsys, "decide", result, "--facts", write(tmp_path / "f.yaml", facts))
    assert code == 0
    assert answer["facts"]["soh"] == RESULT["soh"]
    assert answer["facts"]["quantities"]["resistance_growth"] == pytest.approx(0.2)
    assert answer["facts"]["level"] == "cell"
    assert answer["outcome"]["grade"] == "B"  # self-discharge is unknown


@pytest.mark.parametrize(
    ("change", "verdict", "code"),
    [
        ({"abstained": True, "reason_code": "string_mean_only", "series_cells": 8}, "no_verdict", 3),
        ({"soh": None}, "no_verdict", 3),
        ({"soh": {"estimate": 0.4, "low90": 0.38, "high90": 0.42}}, "fail", 1),
        ({"error": {"code": "safety.thermal_runaway"}}, "quarantine", 3),
    ],
)
def test_results_without_a_sound_estimate_get_no_better_verdict(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    change: dict[str, Any],
    verdict: str,
    code: int,
) -> None:
    result = write(tmp_path / "result.json", {**RESULT, **change})
    got, answer = run_json(capsys, "decide", result)
    assert (got, answer["outcome"]["verdict"]) == (code, verdict)


def test_a_decision_is_kept_with_its_run_on_record(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ["--data", str(tmp_path)]
    run_id = "20261127T101500-1-abc123"
    with open_records(tmp_path) as records:
        records.register_battery("B-1")
        records.start_run(
            run_id=run_id,
            battery="B-1",
            bench="demo",
            channel="1",
            profile="rapid",
            plan_digest="0" * 64,
            nominal_capacity_Ah=35.0,
            speed=1.0,
            simulated=True,
        )
        records.save_result(run_id, RESULT, version="0")
    code, answer = run_json(capsys, "explain", run_id, *data)
    assert (code, answer["error"]["code"]) == (6, "decision.none")
    assert run_json(capsys, "decide", run_id, "--save", *data)[0] == 0
    facts = write(tmp_path / "facts.yaml", "inspection: {leak: yes}\n")
    assert run_json(capsys, "decide", run_id, "--facts", facts, "--save", *data)[0] == 3
    assert run_json(capsys, "explain", run_id, *data)[1]["verdict"] == "quarantine"  # the newest one
    assert run_json(capsys, "replay", run_id, *data)[1]["verdict"] == "quarantine"
    with open_records(tmp_path) as records:
        row = records.show_run(run_id)
        assert [file["path"].rsplit("/")[-1] for file in row["files"]] == [
            "decision-0001.json",
            "decision-0002.json",
        ]
        assert [event["params"]["verdict"] for event in row["events"]] == ["pass", "quarantine"]
        records.verify()
    assert run_json(capsys, "decide", "no-such-run", *data)[1]["error"]["code"] == "record.no_run"


def test_a_changed_decision_does_not_replay(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stored = json.loads((KEPT / "v1-fail.json").read_text(encoding="utf-8"))
    stored["outcome"]["grade"] = "A"
    code, answer = run_json(capsys, "replay", write(tmp_path / "changed.json", stored))
    assert (code, answer["error"]["code"]) == (6, "decision.differs")
    for broken in ({}, {"format": "pulse-station/decision/1", "evaluator": "1"}, [1], "no json {"):
        code, answer = run_json(capsys, "replay", write(tmp_path / "broken.json", broken))
        assert code == 6
        assert answer["error"]["code"] in ("decision.none", "decision.damaged", "data.result")
        assert answer["error"]["remedy"]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", sorted(KEPT.glob("*.json")), ids=lambda path: path.stem)
def test_people_can_read_every_decision(
    path: Path, lang: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATION_LANG", lang)
    assert invoke(["explain", str(path)]) == 0
    said = capsys.readouterr().out
    stored = json.loads(path.read_text(encoding="utf-8"))
    assert stored["rules"]["sha256"][:16] in said
    assert ("电动自行车" if lang == "zh" else "electric bicycle") in said
    if stored["prices"] is not None:
        assert ("不是任何人的报价" if lang == "zh" else "nobody's offer") in said


def test_rule_sets_and_price_tables_are_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = run_json(capsys, "rules", "check")
    assert (code, answer["grades"]["D"], answer["blocked"][0]) == (0, 0.5, "electric_bicycle")
    assert run_json(capsys, "rules", "prices", "example")[1]["example"] is True
    assert invoke(["rules", "show"]) == 0
    assert capsys.readouterr().out.strip() == DEFAULT_RULES.read_text(encoding="utf-8").strip()
    for what in ("rules", "prices", "facts"):
        assert invoke(["rules", "schema", what]) == 0
        assert json.loads(capsys.readouterr().out)["additionalProperties"] is False
    wrong = write(tmp_path / "wrong.yaml", "format: pulse-station/rules/1\n")
    code, answer = run_json(capsys, "rules", "check", wrong)
    assert (code, answer["error"]["code"]) == (6, "data.rules")
    assert answer["error"]["params"]["line"] == 1
    code, answer = run_json(capsys, "decide")
    assert (code, answer["error"]["code"]) == (2, "usage.request")
