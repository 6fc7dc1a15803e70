"""Decisions that are kept, replayed and explained."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from station.diagnosis.decision import Facts, PriceTable, RuleSet, SohInterval, decide, replay
from station.messages import codes
from station.reports.explain import explain

ROOT = Path(__file__).parents[3]
KEPT = ROOT / "tests/data/decisions"


@pytest.fixture
def kept(good: Facts, rules: RuleSet, prices: PriceTable) -> dict[str, Any]:
    facts = good.model_copy(
        update={"soh": SohInterval(estimate=0.81, low90=0.78, high90=0.84), "history": "unknown"}
    )
    stored: dict[str, Any] = json.loads(
        json.dumps(decide(facts, rules, prices, decided_on="2026-11-27"), ensure_ascii=False)
    )
    return stored


@pytest.mark.parametrize("path", sorted(KEPT.glob("*.json")), ids=lambda path: path.stem)
def test_decisions_of_earlier_years_give_the_same_result(path: Path) -> None:
    """Never rewrite these files: a change that breaks them changes what was decided."""
    stored = json.loads(path.read_text(encoding="utf-8"))
    found = replay(stored)
    assert found.problems == ()
    assert found.outcome == stored["outcome"]


def test_decisions_of_every_verdict_are_kept() -> None:
    verdicts = {json.loads(path.read_text("utf-8"))["outcome"]["verdict"] for path in KEPT.glob("*.json")}
    assert verdicts == {"pass", "fail", "quarantine", "no_verdict"}


def test_a_stored_decision_needs_nothing_but_itself(kept: dict[str, Any]) -> None:
    assert replay(kept).same
    shuffled = json.loads(json.dumps(kept, sort_keys=True, indent=3))
    assert replay(shuffled).same


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        (("outcome", "grade"), "C", "fingerprint"),
        (("outcome", "value", "better", "net", "value"), 1e6, "fingerprint"),
        (("facts", "soh", "estimate"), 0.79, "outcome"),
        (("facts", "findings"), ["leak"], "outcome"),
        (("rules", "content", "grades", 0, "soh_min", "value"), 0.815, "rules"),
        (("prices", "content", "reuse", 0, "per_remaining_kWh", "value"), 200.5, "prices"),
        (("evaluator",), "0", "evaluator"),
    ],
)
def test_a_changed_record_does_not_pass(
    kept: dict[str, Any], path: tuple[str | int, ...], value: Any, problem: str
) -> None:
    changed = copy.deepcopy(kept)
    node: Any = changed
    for part in path[:-1]:
        node = node[part]
    node[path[-1]] = value
    found = replay(changed)
    assert not found.same
    assert problem in {what for what, _ in found.problems}


def test_a_forged_fingerprint_is_still_found_out(kept: dict[str, Any]) -> None:
    from station.diagnosis.decision import fingerprint

    kept["outcome"]["grade"] = "A" if kept["outcome"]["grade"] != "A" else "B"
    kept["outcome_sha256"] = fingerprint(kept["outcome"])
    assert ("outcome", "grade") in replay(kept).problems


@pytest.mark.parametrize("lacking", ["facts", "rules", "prices", "outcome", "decided_on", "outcome_sha256"])
def test_an_incomplete_record_is_refused(kept: dict[str, Any], lacking: str) -> None:
    del kept[lacking]
    with pytest.raises(ValueError, match=lacking):
        replay(kept)
    with pytest.raises(ValueError, match="format"):
        replay({})


def test_a_record_that_no_model_accepts_is_refused(kept: dict[str, Any]) -> None:
    kept["facts"]["level"] = "planet"
    with pytest.raises(ValidationError, match="level"):
        replay(kept)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_rule_is_explained_in_both_languages(kept: dict[str, Any], lang: str) -> None:
    lines = explain(kept, lang)
    offers = [line for line in lines if line["section"] == "value"]
    lines = [line for line in lines if line["section"] != "value"]
    steps = [
        *kept["outcome"]["steps"],
        *(step for use in kept["outcome"]["uses"] for step in use["steps"]),
        *kept["outcome"]["depth"]["steps"],
    ]
    assert [line["id"] for line in lines] == [step["id"] for step in steps]
    chinese = [any("\u4e00" <= letter <= "\u9fff" for letter in line["text"]) for line in lines]
    assert all(chinese) if lang == "zh" else not any(chinese)
    said = {line["id"]: line for line in lines}
    assert re.search("80.0%.*81.0%", said["grade_A.soh"]["text"])
    assert said["grade_A.soh"]["evidence"] == "unverified"
    assert said["grade_A.history"]["remedy"]
    assert "2026-04-01" in said["use_electric_bicycle.blocked"]["text"]
    assert offers[0]["id"] == "value.example"
    priced = [line for line in offers if line["id"].startswith(("value.reuse", "value.recycling"))]
    assert len(priced) == len(kept["outcome"]["value"]["offers"]) > 2
    assert all(line["source"] and line["evidence"] for line in priced)
    assert offers[-1]["id"] == "value.better"
    numbers = [line for line in lines if line["id"].endswith((".soh", "resistance_growth"))]
    assert all(line["source"] for line in numbers)


def test_every_sentence_of_a_decision_is_in_both_catalogues() -> None:
    used: set[str] = set()
    sources = [*(ROOT / "station/diagnosis/decision").glob("*.py"), ROOT / "station/reports/explain_value.py"]
    for path in sources:
        used |= set(re.findall(r'"(decision\.[a-z_A-Z]+)"', path.read_text(encoding="utf-8")))
    used |= {f"decision.value_{reason}" for reason in ("no_verdict", "missing_facts", "no_offer")}
    assert len(used) > 20
    assert used <= set(codes("zh"))
    assert used <= set(codes("en"))
