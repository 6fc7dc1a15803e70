"""What to measure next, and when the answer is good enough.

Only the words of question and answer stand here: whoever only passes them on does not load the numerics of
``advise``, ``gains`` and ``measured``.
"""

from station.diagnosis.adaptive.advice import Action, ActionKind, Advice, Goal, Limits

__all__ = ["Action", "ActionKind", "Advice", "Goal", "Limits"]
