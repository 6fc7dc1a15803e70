"""Age, storage and charge moved, in the terms in which batteries age."""

from __future__ import annotations

from station.diagnosis.history.facts import HistoryFacts


def years_of_use(facts: HistoryFacts) -> tuple[float, float]:
    """Years unused and years in use; a battery that only lay in store was never in use."""
    age = max(facts.age_years or 0.0, 0.0)
    if facts.intake.use == "storage" and facts.intake.storage_years is None:
        return age, 0.0
    stored = min(facts.intake.storage_years or 0.0, age)
    return stored, age - stored


def full_cycles(facts: HistoryFacts) -> tuple[float, str] | None:
    """Equivalent full cycles and the counter that says so: charge moved goes before a count of cycles.

    A count of charges is none: nobody knows how deep each was.
    """
    values = facts.bms.values
    moved = [
        values[name]
        for name in ("charge_throughput_Ah", "discharge_throughput_Ah")
        if values.get(name) is not None
    ]
    if moved and facts.nominal_capacity_Ah is not None:
        return sum(moved) / len(moved) / facts.nominal_capacity_Ah, "throughput"
    if values.get("cycle_count") is not None:
        return values["cycle_count"], "cycle_count"
    return None
