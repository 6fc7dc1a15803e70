"""Groups of like cells or modules out of a stock."""

from __future__ import annotations

from station.diagnosis.matching.group import Grouping, match
from station.diagnosis.matching.stock import MatchingError, Part, Weights
from station.diagnosis.matching.yardsticks import by_capacity, by_chance

__all__ = ["Grouping", "MatchingError", "Part", "Weights", "by_capacity", "by_chance", "match"]
