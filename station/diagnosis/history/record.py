"""The join as plain data that can be kept, and joined again to the same result."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from station.diagnosis.decision.record import canonical, fingerprint, plain
from station.diagnosis.history.contradictions import Contradiction, contradictions_of
from station.diagnosis.history.facts import HistoryFacts
from station.diagnosis.history.join import Joined, join
from station.diagnosis.history.rules import HistoryRules
from station.diagnosis.history.sources import Source, sources_of

HISTORY_FORMAT = "pulse-station/history/1"
HISTORY_EVALUATOR = "1"
"""The meaning of the rules: whoever changes a meaning adds a new one and keeps this one."""


def judge_history(facts: HistoryFacts, rules: HistoryRules) -> dict[str, Any]:
    """The join with all its inputs, and a fingerprint over the outcome.

    ``outcome``: ``basis`` (``pulses``, ``mean_cell``, ``history_only``, ``none``), ``confidence``
    (``supported``, ``pulses_alone``, ``contradicted``, ``history_only``, ``none``), ``pulse_soh``, ``soh``,
    ``factor``, ``sources`` (the first is ``pulses``, weights sum to 1) and ``contradictions``.
    ``history_only`` is no measurement of this battery: nobody may grade by it.
    """
    outcome = _outcome(facts, rules)
    content = plain(rules)
    return {
        "format": HISTORY_FORMAT,
        "evaluator": HISTORY_EVALUATOR,
        "facts": plain(facts),
        "rules": {
            "name": rules.name,
            "version": rules.version,
            "sha256": fingerprint(content),
            "content": content,
        },
        "outcome": outcome,
        "outcome_sha256": fingerprint(outcome),
    }


def replay_history(stored: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Join again from what is stored alone. Returns what differs, in pairs of a word and what it is about.

    Raises ValueError when it is no join of this format.
    """
    if stored.get("format") != HISTORY_FORMAT:
        raise ValueError(f"format is {stored.get('format')!r}, not {HISTORY_FORMAT!r}")
    if stored.get("evaluator") != HISTORY_EVALUATOR:
        return [("history", f"evaluator {stored.get('evaluator')}")]
    problems = []
    try:
        rules, outcome = stored["rules"], stored["outcome"]
        if fingerprint(rules["content"]) != rules["sha256"]:
            problems.append(("history", "rules"))
        if fingerprint(outcome) != stored["outcome_sha256"]:
            problems.append(("history", "fingerprint"))
        again = _outcome(
            HistoryFacts.model_validate_json(canonical(stored["facts"])),
            HistoryRules.model_validate_json(canonical(rules["content"])),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"the stored history lacks or mistakes {error}") from error
    return problems + [
        ("history", key) for key in sorted({*again, *outcome}) if again.get(key) != outcome.get(key)
    ]


def _outcome(facts: HistoryFacts, rules: HistoryRules) -> dict[str, Any]:
    sources = sources_of(facts, rules)
    found = contradictions_of(facts, sources, rules)
    against = {one.source for one in found if one.source is not None}
    sources = [
        replace(one, why="contradicts") if one.why is None and one.name in against else one for one in sources
    ]
    # Once by name: the same doubt from five earlier tests is one doubt.
    widening = sum({one.name: _widening(one, rules) for one in found}.values())
    joined = join(facts.soh, [one for one in sources if one.why is None], widening, rules.joining)
    basis = _basis(facts, joined)
    outcome = {
        "basis": basis,
        "confidence": _confidence(basis, sources, found),
        "pulse_soh": facts.soh and facts.soh.model_dump(),
        "soh": joined.soh and joined.soh.model_dump(),
        "factor": joined.factor,
        "sources": [*_pulses(facts, joined), *(_source(one, joined) for one in sources)],
        "contradictions": [
            {"name": one.name, "params": one.params, "widening": _widening(one, rules)} for one in found
        ],
    }
    kept: dict[str, Any] = json.loads(canonical(outcome))
    return kept


def _basis(facts: HistoryFacts, joined: Joined) -> str:
    if facts.soh is not None:
        return "mean_cell" if facts.mean_cell else "pulses"
    return "none" if joined.soh is None else "history_only"


def _confidence(basis: str, sources: Sequence[Source], found: Sequence[Contradiction]) -> str:
    """A class in one word; a contradiction always wins."""
    if basis in ("none", "history_only"):
        return basis
    if found:
        return "contradicted"
    return "supported" if any(one.why is None for one in sources) else "pulses_alone"


def _widening(one: Contradiction, rules: HistoryRules) -> float:
    figure = rules.widening.get(one.name)
    return 0.0 if figure is None else figure.value


def _pulses(facts: HistoryFacts, joined: Joined) -> list[dict[str, Any]]:
    if facts.soh is None:
        return []
    half90 = (facts.soh.high90 - facts.soh.low90) / 2.0
    return [
        {
            "name": "pulses",
            "group": "pulses",
            "soh": facts.soh.estimate,
            "half90": half90,
            "weight": joined.weights["pulses"],
            "why": None,
            "params": {},
            "evidence": [],
        }
    ]


def _source(one: Source, joined: Joined) -> dict[str, Any]:
    return {
        "name": one.name,
        "group": one.group,
        "soh": one.soh,
        "half90": one.half90,
        "weight": joined.weights.get(one.name, 0.0),
        "why": one.why,
        "params": one.params,
        "evidence": [{"evidence": figure.evidence, "source": figure.source} for figure in one.figures],
    }
