"""What is known of a battery's past, joined with what its pulses say; pure arithmetic."""

from station.diagnosis.history.facts import BmsFacts, EarlierTest, HistoryFacts, Intake
from station.diagnosis.history.read_bms import read_bms
from station.diagnosis.history.record import HISTORY_FORMAT, judge_history, replay_history
from station.diagnosis.history.rules import HistoryRules

__all__ = [
    "HISTORY_FORMAT",
    "BmsFacts",
    "EarlierTest",
    "HistoryFacts",
    "HistoryRules",
    "Intake",
    "judge_history",
    "read_bms",
    "replay_history",
]
