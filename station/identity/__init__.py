"""What a battery is called, what it sits in, and where codes contradict each other."""

from station.identity.conflicts import Conflict, find_conflicts
from station.identity.desk import add, correct_code, link, recode, show, unlink
from station.identity.kinds import Described, describe

__all__ = [
    "Conflict",
    "Described",
    "add",
    "correct_code",
    "describe",
    "find_conflicts",
    "link",
    "recode",
    "show",
    "unlink",
]
