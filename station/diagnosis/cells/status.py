"""Cells that are no weak cells: dead, reversed, empty, at a limit, or not seen by their own controller."""

from __future__ import annotations

import warnings
from typing import Literal

import numpy as np

from station.diagnosis.cells.record import CellSweeps, Floats
from station.diagnosis.cells.rules import CellRules

State = Literal[
    "ok", "weak", "dead", "reversed", "over_discharged", "at_low_limit", "at_high_limit", "sense_open",
    "frozen",
    "not_told",
]  # fmt: skip

#: what a state is called among the findings that reject a battery; a state that is not here rejects nothing
FINDINGS: dict[State, str] = {
    "dead": "no_voltage",
    "reversed": "reversed_polarity",
    "over_discharged": "over_discharged",
    "sense_open": "cell_unseen",
    "frozen": "cell_unseen",
    "not_told": "cell_unseen",
}
#: the sum of the cells misses the pack's voltage by about one cell, within this share of it
ONE_CELL_SHARE = 0.35
#: a broken sense lead between two cells moves both by the same voltage: their mean stays, within this, in V
SHARED_LEAD_V = 0.05
#: a reading that moves less than this share of what the others do stands still
STILL_SHARE = 0.1


def states_of(
    sweeps: CellSweeps,
    current_A: Floats,
    rules: CellRules,
    *,
    chemistry: str | None = None,
    pack_V: float | None = None,
) -> list[State]:
    """One state per cell, "ok" for everything that can be measured.

    ``current_A``, shape (sweeps, cells): the cycler's current at each value's time. ``pack_V``: the pack's
    voltage at rest by any other witness; it tells a dead cell from a broken sense lead.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # cells that were never told are all NaN
        resting = np.abs(current_A) < 0.05 * max(float(np.nanmax(np.abs(current_A), initial=0.0)), 1e-9)
        rest_V = np.nanmedian(np.where(resting, sweeps.voltage_V, np.nan), axis=0)
        rest_V = np.where(np.isnan(rest_V), np.nanmedian(sweeps.voltage_V, axis=0), rest_V)
        swing_V = np.nanmax(sweeps.voltage_V, axis=0) - np.nanmin(sweeps.voltage_V, axis=0)
        usual_V, usual_swing_V = float(np.nanmedian(rest_V)), float(np.nanmedian(swing_V))
    low, high = rules.cell_min_V.at(chemistry), rules.cell_max_V.at(chemistry)
    found: list[State] = []
    for volts in rest_V.tolist():
        if np.isnan(volts):
            found.append("not_told")
        elif volts < -rules.dead_below_V.value:
            found.append("reversed")
        elif volts < rules.dead_below_V.value:
            found.append("dead")
        elif volts < rules.over_discharged_V.at(chemistry):
            found.append("over_discharged")
        elif volts < low:
            found.append("at_low_limit")
        elif volts > high:
            found.append("at_high_limit")
        else:
            found.append("ok")
    missing_V = None if pack_V is None else pack_V - float(np.nansum(rest_V))
    _tell_leads_apart(found, rest_V, usual_V, missing_V)
    moved = usual_swing_V >= 5 * sweeps.resolution_V
    for number, state in enumerate(found):
        if state == "ok" and moved and swing_V[number] < STILL_SHARE * usual_swing_V:
            found[number] = "frozen"
    return found


def _tell_leads_apart(found: list[State], rest_V: Floats, usual_V: float, missing_V: float | None) -> None:
    """Put right in place what a broken sense lead makes look dead, or one cell empty and the next full."""
    off = rest_V - usual_V
    for number in range(len(found) - 1):
        pair = off[number] + off[number + 1]
        if abs(pair) < SHARED_LEAD_V and min(abs(off[number]), abs(off[number + 1])) > 0.3:
            found[number] = found[number + 1] = "sense_open"
    dark = [n for n, state in enumerate(found) if state in ("dead", "not_told")]
    if missing_V is None or not dark or not usual_V > 0:
        return
    # What the pack has and its controller does not see, in cells, tells whose leads are broken and who is
    # dead.
    unseen = missing_V / usual_V
    silent = [n for n in dark if found[n] == "not_told"]
    if abs(unseen - len(dark)) < ONE_CELL_SHARE:
        for number in dark:
            found[number] = "sense_open" if found[number] == "dead" else found[number]
    elif abs(unseen) < ONE_CELL_SHARE:
        for number in silent:
            found[number] = "dead"
