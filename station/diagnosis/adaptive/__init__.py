"""What to measure next, and when the answer is good enough."""

from station.diagnosis.adaptive.advice import Action, ActionKind, Advice, Goal, Limits
from station.diagnosis.adaptive.advise import advise
from station.diagnosis.adaptive.gains import Gains
from station.diagnosis.adaptive.measured import Measured, nothing_measured

__all__ = [
    "Action",
    "ActionKind",
    "Advice",
    "Gains",
    "Goal",
    "Limits",
    "Measured",
    "advise",
    "nothing_measured",
]
