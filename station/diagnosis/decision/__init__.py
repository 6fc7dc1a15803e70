"""Verdict, grade, second-life uses, dismantling depth and residual value by rule sets that are data."""

from station.diagnosis.decision.evaluate import Decision, evaluate
from station.diagnosis.decision.facts import Facts, SohInterval
from station.diagnosis.decision.price_table import PriceTable
from station.diagnosis.decision.record import Replay, decide, fingerprint, plain, replay
from station.diagnosis.decision.rule_set import RuleSet

__all__ = [
    "Decision",
    "Facts",
    "PriceTable",
    "Replay",
    "RuleSet",
    "SohInterval",
    "decide",
    "evaluate",
    "fingerprint",
    "plain",
    "replay",
]
