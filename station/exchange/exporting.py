"""Writes a profile in another format."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from profiles import Profile
from station.exchange import cyclers, pybamm_text, unicycler
from station.exchange.stretches import stretches

EXPORTS: Final = ("unicycler", "pybamm", "neware", "arbin", "maccor")
"""Names of the formats."""
_TITLES = {
    "unicycler": unicycler.FORMAT,
    "pybamm": pybamm_text.FORMAT,
    "neware": cyclers.NEWARE,
    "arbin": cyclers.ARBIN,
    "maccor": cyclers.MACCOR,
}
ENDINGS: Final = {
    "unicycler": ".json",
    "pybamm": ".json",
    "neware": ".xml",
    "arbin": ".csv",
    "maccor": ".csv",
}


@dataclass(frozen=True)
class Exported:
    """``left_out`` tells in words what the other tool does not do or does otherwise."""

    format: str
    text: str
    left_out: tuple[str, ...]


def export_profile(
    profile: Profile,
    format: str,
    *,
    nominal_capacity_Ah: float,
    series_cells: int = 1,
    chemistry: str | None = None,
    without_checks: bool = False,
) -> Exported:
    """Write ``profile`` for a battery of this capacity.

    ``without_checks`` leaves out what only the station judges. Raises CannotSay, naming the step, and
    ProfileError.
    """
    found = stretches(
        profile,
        _TITLES[format],
        nominal_capacity_Ah=nominal_capacity_Ah,
        series_cells=series_cells,
        chemistry=chemistry,
        without_checks=without_checks,
    )
    notes: list[str] = []
    if format == "unicycler":
        text = json.dumps(unicycler.to_unicycler(found), indent=2) + "\n"
    elif format == "pybamm":
        text = json.dumps(pybamm_text.to_pybamm(found), indent=2) + "\n"
    elif format == "neware":
        text, notes = cyclers.to_neware(found, chemistry=chemistry)
    elif format == "arbin":
        text = cyclers.to_arbin(found, chemistry=chemistry)
    else:
        text = cyclers.to_maccor(found, chemistry=chemistry)
    return Exported(format, text, (*found.left_out, *notes))
