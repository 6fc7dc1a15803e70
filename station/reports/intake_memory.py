"""Intake data that were told at an earlier test of the same code: typed once, found again.

What is told anew goes before what is remembered. Values read from a BMS are those of their day and are not
remembered here; earlier tests keep them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from station.diagnosis.decision.days import day_number
from station.diagnosis.history import Intake
from station.diagnosis.history.facts import YEAR_DAYS

Fact = Mapping[str, Any]

LASTING = (
    "made_on",
    "age_years",
    "mileage_km",
    "use",
    "climate",
    "printed_capacity_Ah",
    "chemistry",
    "source",
)
"""What is still true later; the age grows by the time between. ``storage_years`` goes with the age alone."""


def remembered(
    told: Fact | None, earlier: Iterable[Fact], *, today: str
) -> tuple[dict[str, Any] | None, dict[str, dict[str, str]]]:
    """The intake data with what was told before, and where each remembered field is from.

    ``earlier``: ``run_id``, ``day`` and the ``intake`` told then, newest first; ``today``: the day of the
    test that is judged. Data that do not go together with what was told anew are left out.
    """
    known: dict[str, Any] = dict(told or {})
    origin: dict[str, dict[str, str]] = {}
    for test in earlier:
        for field, value in _lasting(test, today).items():
            if field in known or _other_age(field, known):
                continue
            if _goes_together({**known, field: value}):
                known[field] = value
                origin[field] = {"run_id": str(test["run_id"]), "day": str(test["day"])}
    return known or None, origin


def _lasting(test: Fact, today: str) -> dict[str, Any]:
    """Age first: a time in store is checked against it."""
    intake = test["intake"]
    found = {name: intake[name] for name in LASTING if name in intake}
    if "age_years" in found:
        found["age_years"] += max(day_number(today) - day_number(test["day"]), 0) / YEAR_DAYS
    if "storage_years" in intake:
        found["storage_years"] = intake["storage_years"]
    return found


def _other_age(field: str, known: Fact) -> bool:
    """One statement of the age is enough; a time in store belongs to the age that it was told with."""
    if field in ("age_years", "made_on"):
        return "age_years" in known or "made_on" in known
    return False


def _goes_together(data: Fact) -> bool:
    try:
        Intake.model_validate(dict(data))
    except ValidationError:
        return False
    return True
