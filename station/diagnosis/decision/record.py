"""A decision as plain data that can be kept, and replayed to the same result."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from station.diagnosis.decision.evaluate import EVALUATOR, Decision, evaluate
from station.diagnosis.decision.facts import Facts
from station.diagnosis.decision.parts import Part
from station.diagnosis.decision.price_table import PriceTable
from station.diagnosis.decision.rule_set import RuleSet

DECISION_FORMAT = "pulse-station/decision/1"


def canonical(data: Any) -> str:
    """The one JSON text of ``data``: sorted keys, no spaces, no NaN (else ValueError)."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def fingerprint(data: Any) -> str:
    """SHA-256 (hex) of the canonical form."""
    return hashlib.sha256(canonical(data).encode("utf-8")).hexdigest()


def plain(part: Part) -> dict[str, Any]:
    """A rule set, price table or facts as plain data. What has its default is left out, so that fields added
    later do not change the fingerprint of what is on record."""
    return part.model_dump(mode="json", exclude_defaults=True)


def decide(
    facts: Facts, rules: RuleSet, prices: PriceTable | None = None, *, decided_on: str
) -> dict[str, Any]:
    """The decision with all its inputs, the rule set included, and a fingerprint over the outcome."""
    decision = evaluate(facts, rules, prices, decided_on=decided_on)
    outcome = _outcome(decision)
    return {
        "format": DECISION_FORMAT,
        "evaluator": EVALUATOR,
        "decided_on": decided_on,
        "facts": plain(facts),
        "rules": _kept(rules),
        "prices": None if prices is None else _kept(prices),
        "outcome": outcome,
        "outcome_sha256": fingerprint(outcome),
    }


def _kept(part: RuleSet | PriceTable) -> dict[str, Any]:
    content = plain(part)
    return {
        "name": part.name,
        "version": part.version,
        "sha256": fingerprint(content),
        "content": content,
    }


def _outcome(decision: Decision) -> dict[str, Any]:
    """The outcome with tuples as lists, as it comes back from JSON."""
    data: dict[str, Any] = json.loads(canonical(asdict(decision)))
    return data


@dataclass(frozen=True)
class Replay:
    """``problems`` is empty when the stored decision was proved."""

    problems: tuple[tuple[str, str], ...]
    outcome: dict[str, Any] | None

    @property
    def same(self) -> bool:
        """True when everything stored fits together and the result is the same."""
        return not self.problems


def replay(stored: Mapping[str, Any]) -> Replay:
    """Decide again from what is stored alone. Raises ValueError when it is no decision of this format.

    Problems are pairs of a word (``evaluator``, ``rules``, ``prices``, ``fingerprint``, ``outcome``) and
    what it is about.
    """
    if stored.get("format") != DECISION_FORMAT:
        raise ValueError(f"format is {stored.get('format')!r}, not {DECISION_FORMAT!r}")
    if stored.get("evaluator") != EVALUATOR:
        return Replay((("evaluator", str(stored.get("evaluator"))),), None)
    problems: list[tuple[str, str]] = []
    try:
        for name in ("rules", "prices"):
            kept = stored[name]
            if kept is not None and fingerprint(kept["content"]) != kept["sha256"]:
                problems.append((name, kept["sha256"]))
        if fingerprint(stored["outcome"]) != stored["outcome_sha256"]:
            problems.append(("fingerprint", stored["outcome_sha256"]))
        decision = evaluate(
            Facts.model_validate_json(canonical(stored["facts"])),
            RuleSet.model_validate_json(canonical(stored["rules"]["content"])),
            None
            if stored["prices"] is None
            else PriceTable.model_validate_json(canonical(stored["prices"]["content"])),
            decided_on=stored["decided_on"],
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"the stored decision lacks or mistakes {error}") from error
    outcome = _outcome(decision)
    problems += [
        ("outcome", key)
        for key in sorted({*outcome, *stored["outcome"]})
        if outcome.get(key) != stored["outcome"].get(key)
    ]
    return Replay(tuple(problems), outcome)
