"""Safety comes first: what rejects a battery whatever its SOH."""

from __future__ import annotations

from station.diagnosis.decision.facts import Facts
from station.diagnosis.decision.rule_set import RuleSet
from station.diagnosis.decision.steps import Step, step


def safety_steps(facts: Facts, rules: RuleSet) -> list[Step]:
    """One failed step per finding, else what was cleared and what nobody looked at.

    A finding that the rule set does not name rejects as well: nobody has said that it is harmless.
    """
    known = {rule.finding: rule for rule in rules.safety}
    found = [
        step(
            f"safety.{finding}",
            "decision.safety_found",
            "not_met",
            finding,
            said_by=known.get(finding),
            finding=finding,
        )
        for finding in dict.fromkeys(facts.findings)
    ]
    if found:
        return found
    steps = [step("safety", "decision.safety_clear", "met", float(len(set(facts.cleared) & set(known))))]
    unseen = [finding for finding in known if finding not in facts.cleared]
    if unseen:
        names = ", ".join(unseen)
        steps.append(
            step("safety.inspection", "decision.not_inspected", "unknown", float(len(unseen)), names=names)
        )
    return steps
