"""What is true of a string, from what is true of its series groups."""

from __future__ import annotations

from collections.abc import Sequence

from simulators.battery.base import Truth


def string_truth(
    chemistry: str,
    nominal_Ah: Sequence[float],
    capacity_Ah: Sequence[float],
    soc: Sequence[float],
    cell_ids: Sequence[str],
) -> Truth:
    """Truth of a series string: all of the group with the lowest SOH.

    What the whole string can deliver is at most what its weakest group holds, so capacity,
    nominal capacity and SOC are that group's; ``cell_ids`` are all of them, first to last.
    """
    weakest = min(range(len(nominal_Ah)), key=lambda i: capacity_Ah[i] / nominal_Ah[i])
    return Truth(
        chemistry=chemistry,
        nominal_capacity_Ah=nominal_Ah[weakest],
        capacity_Ah=capacity_Ah[weakest],
        soh=capacity_Ah[weakest] / nominal_Ah[weakest],
        soc=soc[weakest],
        cell_ids=tuple(cell_ids),
    )
