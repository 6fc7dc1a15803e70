"""Every limit of a running test, one file per rule. Plain data in; an error, or nothing, out."""

from station.safety.running.moved import Moved, Totals
from station.safety.running.rule import Note, Notes, RuleInfo
from station.safety.running.rules import RunningRules
from station.safety.running.witness import Means, Rig, ScanView, Witness

__all__ = [
    "Means",
    "Moved",
    "Note",
    "Notes",
    "Rig",
    "RuleInfo",
    "RunningRules",
    "ScanView",
    "Totals",
    "Witness",
]
