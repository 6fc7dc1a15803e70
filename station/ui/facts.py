"""Which facts on a battery a refused start asks for."""

from __future__ import annotations

from typing import Final

from station.errors import StationError

MISSING_FACTS: Final = frozenset({"nominal_capacity_Ah", "chemistry"})


def missing_facts(error: StationError) -> frozenset[str]:
    """The facts on the battery that the service asks for with this refusal; empty for any other refusal."""
    if error.code == "usage.capacity_missing":
        return frozenset({"nominal_capacity_Ah"})
    named = error.params.get("missing") or error.params.get("field") or error.params.get("fields") or ()
    named = {named} if isinstance(named, str) else set(named)
    return frozenset(named & MISSING_FACTS)
