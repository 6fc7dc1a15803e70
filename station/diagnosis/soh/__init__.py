"""State of health from pulse voltages: an interval that holds what it says, or a reason to measure more."""

from station.diagnosis.soh.assess import BlockAssessment, Chemistry, assess
from station.diagnosis.soh.combine import Interval, combine
from station.diagnosis.soh.model import ModelSet
from station.diagnosis.soh.reasons import Reason

__all__ = ["BlockAssessment", "Chemistry", "Interval", "ModelSet", "Reason", "assess", "combine"]
