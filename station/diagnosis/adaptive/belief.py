"""What is believed of a cell's SOH after the rows measured so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from station.diagnosis.adaptive.gains import Gains, TypeGains
from station.diagnosis.adaptive.joint import Reading
from station.diagnosis.adaptive.kinds import (
    History,
    Kind,
    fill_rests,
    history_text,
    history_time_s,
    kinds_of_row,
    ordered,
)
from station.diagnosis.adaptive.measured import Measured
from station.diagnosis.soh.combine import Interval, combine
from station.diagnosis.soh.model import ModelSet, Recipe
from station.diagnosis.soh.noise import Noise
from station.diagnosis.soh.reasons import Reason
from station.diagnosis.soh.rows import SOH_LIMITS, RowInputs, RowResults, estimate_rows

AGAINST = frozenset({"foreign_pattern", "voltage_too_coarse", "type_contradicts", "voltage_out_of_range"})
"""Reasons that speak against the whole battery, as in ``soh.assess``."""

JOINING = "subset_not_learned"
"""A row with this reason tells nothing by itself, but goes with others of its rest (a 0.5 C pair)."""


@dataclass(frozen=True)
class Belief:
    """Interval of SOH with what it stands on; ``soh`` None with the ``reason`` where no row gave an estimate.

    ``histories`` are the kinds of rows measured at each level so far, usable or not read; ``noise_V`` is the
    learned noise level of the noisiest row.
    """

    soh: Interval | None
    recipe: str | None
    reason: Reason | None
    histories: tuple[tuple[int, History], ...] = ()
    noise_V: float = 0.0

    def at_level(self, level: int) -> History:
        """Kinds of rows measured at a level."""
        return dict(self.histories).get(level, frozenset())

    @property
    def half_width(self) -> float | None:
        """Half of the interval, as a fraction of SOH."""
        return None if self.soh is None else (self.soh.high90 - self.soh.low90) / 2


def believe(measured: Measured, models: ModelSet, gains: Gains) -> Belief:
    """Judge all rows of one cell together. Never raises for what a row holds.

    Rows of one rest are read by the longest learned history they hold. Levels are combined as ``soh.combine``
    does, and the half-width is that of as many levels of one cell.
    """
    rows = measured.rows
    results = estimate_rows(models, rows)
    usable = [number for number, reason in enumerate(results.reasons) if reason is None]
    against = [reason for reason in results.reasons if reason is not None and reason.code in AGAINST]
    if not usable or len(against) > len(usable):
        why = against[0] if against else next((found for found in results.reasons if found), None)
        return Belief(None, None, why or Reason("no_blocks"))
    name = results.recipes[usable[0]]
    assert name is not None  # a row without a reason has its type
    same = [number for number in usable if results.recipes[number] == name]
    joining = [
        number
        for number, reason in enumerate(results.reasons)
        if reason is not None and reason.code == JOINING
    ]
    recipe, known = models.recipes[name], gains.types.get(name)
    if known is None:
        return Belief(None, name, Reason("unknown_type", {"nominal_capacity_Ah": 0.0, "chemistry": name}))
    together = sorted([*same, *joining])
    levels = sorted({measured.levels[number] for number in together})
    noise_V = max(rows.noise_of(number).level_V for number in together)
    histories: list[tuple[int, History]] = []
    intervals: list[Interval] = []
    for level in levels:
        members = [number for number in together if measured.levels[number] == level]
        alone = [number for number in same if measured.levels[number] == level]
        table = _table(rows, members, recipe)
        histories.append((level, frozenset(table)))
        reading = _read(rows, table, recipe, known, gains) or _widest(rows, results, alone)
        if reading is None:
            continue
        half = reading.half_width
        intervals.append(Interval(reading.soh, reading.soh - half, reading.soh + half))
    place = tuple(histories)
    if not intervals:
        return Belief(None, name, Reason("no_blocks"), place, noise_V)
    combined = over_levels(intervals, known)
    if isinstance(combined, Reason):
        return Belief(None, name, combined, place, noise_V)
    return Belief(combined, name, None, place, noise_V)


def over_levels(intervals: Sequence[Interval], known: TypeGains) -> Interval | Reason:
    """One interval from one of each SOC level; a reason where they contradict each other."""
    combined = combine(list(intervals))
    if isinstance(combined, Reason):
        return combined
    half = (combined.high90 - combined.estimate) * level_factor(known, len(intervals))
    low, high = SOH_LIMITS
    centre = min(max(combined.estimate, low), high)
    return Interval(centre, max(low, centre - half), min(high, centre + half))


def level_factor(known: TypeGains, levels: int) -> float:
    """Of the largest learned number of levels where there are more."""
    fitting = [count for count in known.level_factor if count <= levels]
    return known.level_factor[max(fitting)] if fitting else 1.0


def longest(known: TypeGains, measured: History, noise_V: float) -> History | None:
    """The learned history among the measured rows that took the longest.

    It was hardly ever wider than its parts on the learned cells. Going by time keeps the choice apart from
    the data: always taking the narrowest would take those whose intervals came out too narrow.
    """
    inside = [
        history
        for history, gain in known.histories.items()
        if history <= measured and noise_V in gain.half_width
    ]
    return max(inside, key=lambda one: (history_time_s(one), len(one), history_text(one)), default=None)


def _table(rows: RowInputs, members: Sequence[int], recipe: Recipe) -> dict[Kind, int]:
    """The row that each kind is read from; a later row replaces an earlier one of the same kind."""
    voltages = fill_rests(rows.voltages_V)
    found: dict[Kind, int] = {}
    for number in members:
        present = np.isfinite(voltages[number])
        for kind in kinds_of_row(float(rows.width_s[number]), present, recipe.widths):
            found[kind] = number
    return found


def _read(
    rows: RowInputs, table: dict[Kind, int], recipe: Recipe, known: TypeGains, gains: Gains
) -> Reading | None:
    noise_V = max((rows.noise_of(number).level_V for number in table.values()), default=0.0)
    history = longest(known, frozenset(table), noise_V)
    if history is None or noise_V not in known.histories[history].learned:
        return None
    kinds = ordered(history)
    voltages = fill_rests(rows.voltages_V)
    whole = np.concatenate([voltages[table[kind], list(kind.columns)] for kind in kinds])
    noise: list[Noise] = [rows.noise_of(table[kind]) for kind in kinds]
    return gains.estimator(recipe, history, noise_V).read(whole, noise)


def _widest(rows: RowInputs, results: RowResults, members: Sequence[int]) -> Reading | None:
    """What the estimator of single rows says of the widest pulses, where no learned history fits."""
    if not members:
        return None
    row = max(members, key=lambda number: float(rows.width_s[number]))
    return Reading(float(results.soh[row]), float(results.high90[row] - results.low90[row]) / 2)
