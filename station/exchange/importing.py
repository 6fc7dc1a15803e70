"""Reads a profile from another format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from profiles import Profile
from station.exchange.building import Builder, plain_name
from station.exchange.pybamm_text import from_pybamm
from station.exchange.unicycler import from_unicycler

IMPORTS: Final = ("unicycler", "pybamm")
"""Names of the formats."""


@dataclass(frozen=True)
class Imported:
    """``notes`` tells in words what is done otherwise than there."""

    profile: Profile
    notes: tuple[str, ...]


def import_profile(
    text: str,
    format: str,
    *,
    name: str = "",
    series_cells: int = 1,
    nominal_capacity_Ah: float | None = None,
    current_max_C: float | None = None,
) -> Imported:
    """Read ``text``. ``nominal_capacity_Ah``: of the sample, where the text does not say it.

    ``current_max_C``: the most where a held voltage or power says no current. Raises CannotSay, naming the
    step.
    """
    program = from_unicycler(text) if format == "unicycler" else from_pybamm(text)
    builder = Builder(
        program, series_cells=series_cells, capacity_Ah=nominal_capacity_Ah, current_max_C=current_max_C
    )
    called = name or plain_name(program.name, f"from-{format}")
    profile = builder.profile(called, f"{program.format} {program.name}".strip())
    return Imported(profile, tuple(builder.notes))
