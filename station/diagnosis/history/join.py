"""The past joined with the pulses: weighted by precision, and never let further than the rules say.

Weights are precisions, those of one group shared by its members. Errors inside a group, and those of earlier
pulse tests and today's pulses, are taken as wholly dependent: they do not average out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from station.diagnosis.decision.facts import SohInterval
from station.diagnosis.history.rules import Joining
from station.diagnosis.history.sources import Source

Z90 = 1.645


@dataclass(frozen=True)
class Joined:
    """``weights`` by source, ``pulses`` among them; they sum to 1. ``factor``: width over that of the pulses
    alone, None without pulses."""

    soh: SohInterval | None
    weights: dict[str, float]
    factor: float | None


def join(pulses: SohInterval | None, used: Sequence[Source], widening: float, rules: Joining) -> Joined:
    """``used`` are the sources that contradict nothing; ``widening`` is what the contradictions add."""
    grown = min(1.0 + widening, rules.widening_max.value)
    if pulses is None:
        return _without_pulses(used, grown, rules)
    sigma = max((pulses.high90 - pulses.low90) / (2.0 * Z90), 1e-6)
    weights = _weights(1.0 / sigma**2, used, rules.weight_max.value)
    factor = max(_sigma(weights, sigma, used) / sigma, 1.0 - rules.narrow_max.value)
    # Where something contradicts, the past earns no narrowing at all.
    factor = max(factor, 1.0) * grown if widening > 0 else factor
    estimate = weights["pulses"] * pulses.estimate + _mean(weights, used)
    below, above = pulses.estimate - pulses.low90, pulses.high90 - pulses.estimate
    # A source that agrees by chance may pull to the wrong side: neither end of the pulses is given up for it.
    most = rules.narrow_max.value
    low = min(estimate - factor * below, pulses.low90 + most * below)
    high = max(estimate + factor * above, pulses.high90 - most * above)
    interval = SohInterval(estimate=estimate, low90=max(0.0, low), high90=high)
    alone = below + above
    return Joined(interval, weights, (high - low) / alone if alone > 0 else 1.0)


def _without_pulses(used: Sequence[Source], grown: float, rules: Joining) -> Joined:
    """What the past says alone: never narrow, and over all that its sources say."""
    if not used:
        return Joined(None, {}, None)
    precisions = _precisions(used)
    total = sum(precisions.values())
    weights = {name: precision / total for name, precision in precisions.items()}
    estimate = _mean(weights, used)
    half = max(Z90 * _sigma(weights, 0.0, used), rules.history_only_half90_min.value) * grown
    said = [one.soh for one in used if one.soh is not None]
    low, high = min(estimate - half, *said), max(estimate + half, *said)
    return Joined(SohInterval(estimate=estimate, low90=max(0.0, low), high90=high), weights, None)


def _precisions(used: Sequence[Source]) -> dict[str, float]:
    """1/σ², shared in each group: ten statements on one assumption are one statement."""
    members: dict[str, int] = {}
    for one in used:
        members[one.group] = members.get(one.group, 0) + 1
    return {one.name: 1.0 / (members[one.group] * one.sigma**2) for one in used}


def _weights(own: float, used: Sequence[Source], most: float) -> dict[str, float]:
    precisions = _precisions(used)
    past = sum(precisions.values())
    share = min(past / (past + own), most) if past > 0 else 0.0
    found = {name: share * precision / past for name, precision in precisions.items()}
    return {"pulses": 1.0 - sum(found.values()), **found}


def _mean(weights: Mapping[str, float], used: Sequence[Source]) -> float:
    return sum(weights[one.name] * one.soh for one in used if one.soh is not None)


def _sigma(weights: Mapping[str, float], pulses: float, used: Sequence[Source]) -> float:
    """Dependent errors add up, independent ones add in squares."""
    parts = {"pulses": weights.get("pulses", 0.0) * pulses}
    for one in used:
        block = "pulses" if one.same_method else one.group
        parts[block] = parts.get(block, 0.0) + weights[one.name] * one.sigma
    return math.sqrt(sum(part**2 for part in parts.values()))
