"""Budgets of measurement uncertainty by the rules of the GUM (JCGM 100:2008)."""

from station.diagnosis.uncertainty.budget import Budget, Component, combined, expanded_component, rectangular
from station.diagnosis.uncertainty.quantities import (
    capacity_budget,
    charge_budget,
    current_budget,
    resistance_budget,
    soh_budget,
    voltage_budget,
)
from station.diagnosis.uncertainty.record import RecordFacts, facts_of_samples

__all__ = [
    "Budget",
    "Component",
    "RecordFacts",
    "capacity_budget",
    "charge_budget",
    "combined",
    "current_budget",
    "expanded_component",
    "facts_of_samples",
    "rectangular",
    "resistance_budget",
    "soh_budget",
    "voltage_budget",
]
