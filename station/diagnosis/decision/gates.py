"""Gates beside SOH: limits on measured quantities, history, consistency."""

from __future__ import annotations

from collections.abc import Mapping

from station.diagnosis.decision.facts import Facts
from station.diagnosis.decision.parts import Demand, Figure, Quantity
from station.diagnosis.decision.rule_set import Consistency, Grade
from station.diagnosis.decision.steps import Outcome, Step, step, together


def within(facts: Facts, limits: Mapping[Quantity, Figure], prefix: str) -> list[Step]:
    """One step per limited quantity: met up to and at its limit, unknown without a value.

    In the order of the names: a replay may find the keys of a stored set in another order.
    """
    steps = []
    for quantity, figure in sorted(limits.items()):
        value, limit = facts.quantities.get(quantity), figure.at(facts.chemistry)
        outcome: Outcome = "unknown" if value is None else "met" if value <= limit else "not_met"
        steps.append(
            step(
                f"{prefix}.{quantity}",
                "decision.limit_V" if quantity.endswith("_V") else "decision.limit_share",
                outcome,
                value,
                limit,
                said_by=figure,
                quantity=quantity,
            )
        )
    return steps


def history(facts: Facts, demand: Demand, prefix: str) -> Step:
    """A history that nobody recorded is unknown."""
    outcome: Outcome = "met" if facts.history == "known" else "unknown"
    return step(f"{prefix}.history", "decision.history", outcome, facts.history, "known", said_by=demand)


def consistency(facts: Facts, rule: Consistency, prefix: str = "consistency") -> list[Step]:
    """The spreads inside a module or pack; none for a single cell."""
    if facts.has_parts is False:
        return []
    return within(facts, rule.limits, prefix)


def gates_of(grade: Grade, facts: Facts, rule: Consistency) -> list[Step]:
    """All gates of one grade but its SOH."""
    prefix = f"grade_{grade.grade}"
    steps = within(facts, grade.limits, prefix)
    if grade.history is not None:
        steps.append(history(facts, grade.history, prefix))
    if grade.consistency is not None and facts.has_parts is not False:
        outcome = together(item.outcome for item in consistency(facts, rule))
        steps.append(
            step(f"{prefix}.consistency", "decision.consistency", outcome, said_by=grade.consistency)
        )
    return steps
