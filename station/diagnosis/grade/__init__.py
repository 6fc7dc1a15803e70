"""Grades and verdicts by a table of rules."""

from station.diagnosis.grade.decide import Decision, RuleOutcome, decide
from station.diagnosis.grade.table import GradeStep, GradeTable

__all__ = ["Decision", "GradeStep", "GradeTable", "RuleOutcome", "decide"]
