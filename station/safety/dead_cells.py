"""When a cell counts as dead: it has no voltage, and none of the other sign either."""

from __future__ import annotations

from station.safety.sample import is_reading

DEAD_V = 0.2
"""Below this a controller sees a short circuit or nothing; a choice, no standard's."""


def is_dead(cell_V: float | None) -> bool:
    """True for a reading within ``DEAD_V`` of zero; a missing reading is no zero."""
    return cell_V is not None and is_reading(cell_V) and abs(cell_V) < DEAD_V
