"""What stored results would be by another rule set or price table: decided again, nothing written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from station.diagnosis.decision import Facts, PriceTable, RuleSet, decide
from station.errors import StationError
from station.reports.decision import facts_of, today

SHOWN = ("verdict", "grade", "uses", "best", "worst", "value")


def try_rules(
    runs: Iterable[Mapping[str, Any]],
    rules: RuleSet,
    prices: PriceTable | None,
    *,
    decided_on: str | None = None,
) -> list[dict[str, Any]]:
    """One row per run on record (with its ``result``): ``before``, ``after`` and the names of what changes.

    The facts are those that were decided on; what ended a test counts as a finding where the new rules say
    so. ``problem`` says why a result cannot be decided again.
    """
    day = decided_on or today()
    return [_row(run, rules, prices, day) for run in runs]


def _row(run: Mapping[str, Any], rules: RuleSet, prices: PriceTable | None, day: str) -> dict[str, Any]:
    row = {"run_id": run["run_id"], "battery": run["battery"], "profile": run.get("profile")}
    result = run["result"]
    stored = result.get("decision")
    before = _short(stored["outcome"]) if stored else {key: result.get(key) for key in ("verdict", "grade")}
    try:
        after = _short(decide(_facts(result, rules), rules, prices, decided_on=day)["outcome"])
    except (StationError, ValidationError, KeyError, TypeError, ValueError) as error:
        return {**row, "before": before, "after": None, "changes": [], "problem": str(error)[:200]}
    changes = [key for key in SHOWN if key in before and before[key] != after[key]]
    return {**row, "before": before, "after": after, "changes": changes, "problem": None}


def _facts(result: Mapping[str, Any], rules: RuleSet) -> Facts:
    anew = facts_of(result, rules=rules)
    stored = (result.get("decision") or {}).get("facts")
    if stored is None:
        return anew
    kept = Facts.model_validate_json(json.dumps(stored))
    return kept.model_copy(update={"findings": tuple(dict.fromkeys((*kept.findings, *anew.findings)))})


def _short(outcome: Mapping[str, Any]) -> dict[str, Any]:
    value = outcome.get("value")
    better = (value or {}).get("better")
    return {
        "verdict": outcome["verdict"],
        "grade": outcome["grade"],
        "best": outcome["best"],
        "worst": outcome["worst"],
        "uses": [use["use"] for use in outcome["uses"] if use["status"] == "fits"],
        "value": better and {"what": better["name"], **(better["net"] or {})},
    }
