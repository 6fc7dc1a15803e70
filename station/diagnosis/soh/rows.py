"""SOH and chemistry of many pulse blocks at once, each on its own: recognise, check, estimate or abstain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from station.diagnosis.soh.blocks import predict_blocks
from station.diagnosis.soh.model import ModelSet, Recipe
from station.diagnosis.soh.noise import CLEAN, Noise
from station.diagnosis.soh.reasons import Reason
from station.diagnosis.soh.recognise import (
    candidates,
    foreign_chemistry,
    known_widths,
    lfp_probability,
    nearest_width,
    type_probabilities,
)
from station.diagnosis.tables import THIRD_AMPLITUDE_COLUMNS, VOLTAGE_RANGE_V, Floats, fill_standalone

TYPE_MIN = 0.6
"""Probability a type needs when the nominal capacity is not known; the distance must agree as well."""

TYPE_CONTRADICTION = 0.98
"""Probability of another type that overrules a stated nominal capacity."""

PATTERN_ODDS = 20.0
"""Odds a fitting pattern adds for its chemistry: another one fits at most once in 20 (left-out types)."""

SOH_LIMITS = (0.0, 1.2)
"""Intervals are cut here: no cell has less than nothing, none much more than its nameplate."""


@dataclass(frozen=True)
class RowInputs:
    """Blocks: voltages (n, 41) in V, width (n,) in s; NaN = not known in ``third_amplitude_C`` and
    ``nominal``."""

    voltages_V: Floats
    width_s: Floats
    third_amplitude_C: Floats
    nominal_capacity_Ah: Floats
    chemistry_hint: str | None = None
    noise: Sequence[Noise] | None = None
    """Of each row; None: voltages as good as the learned ones."""

    def noise_of(self, row: int) -> Noise:
        """Noise of one row's voltages."""
        return CLEAN if self.noise is None else self.noise[row]

    def first_sigma_V(self) -> Floats:
        """Standard deviation (n,) of first samples, 0 where the voltages are as good as clean."""
        if self.noise is None:
            return np.zeros(len(self.width_s))
        return np.array([noise.first_sigma_V for noise in self.noise])


@dataclass
class RowResults:
    """Per row; SOH fields are NaN exactly where ``reasons`` has an entry."""

    soh: Floats
    low90: Floats
    high90: Floats
    chemistry: list[str | None]
    confidence: Floats
    recipes: list[str | None]
    reasons: list[Reason | None] = field(default_factory=list)


def estimate_rows(models: ModelSet, inputs: RowInputs) -> RowResults:
    """Judge every row on its own. Never raises for what a row holds: strange rows abstain with a reason."""
    voltages = fill_standalone(inputs.voltages_V)
    count = len(voltages)
    labels, confidence = foreign_chemistry(models, voltages, inputs.first_sigma_V())
    soh, low90, high90 = (np.full(count, np.nan) for _ in range(3))
    results = RowResults(soh, low90, high90, labels, confidence, [None] * count, [None] * count)
    _reject_unusable(voltages, inputs, results)
    widths = known_widths(models)
    keys: dict[tuple[float, float, Noise], list[int]] = {}
    for row in range(count):
        if results.reasons[row] is None:
            key = (float(inputs.width_s[row]), _capacity_key(inputs, row), inputs.noise_of(row))
            keys.setdefault(key, []).append(row)
    for (width_s, nominal, _), members in keys.items():
        known = nearest_width(widths, width_s)
        rows = np.array(members)
        if known is None:
            shown = ", ".join(f"{width:g}" for width in widths)
            _abstain(results, rows, Reason("unknown_pulse_width", {"width_s": width_s, "known": shown}))
            continue
        _estimate_group(models, known, nominal, rows, voltages, inputs, results)
    return results


def _capacity_key(inputs: RowInputs, row: int) -> float:
    """The nominal capacity as a dictionary key; -1 for not known (NaN is not equal to itself)."""
    nominal = float(inputs.nominal_capacity_Ah[row])
    return nominal if np.isfinite(nominal) else -1.0


def _reject_unusable(voltages_V: Floats, inputs: RowInputs, results: RowResults) -> None:
    low, high = VOLTAGE_RANGE_V
    finite = np.isfinite(voltages_V)
    wrong = finite & ((voltages_V < low) | (voltages_V > high))
    for row in range(len(voltages_V)):
        nominal = float(inputs.nominal_capacity_Ah[row])
        if wrong[row].any():
            column = int(np.argmax(wrong[row]))
            params: dict[str, float | str] = {
                "column": f"U{column + 1}",
                "voltage_V": float(voltages_V[row, column]),
                "low_V": low,
                "high_V": high,
            }
            results.reasons[row] = Reason("voltage_out_of_range", params)
            results.chemistry[row], results.confidence[row] = None, np.nan
        elif not finite[row, 0]:
            results.reasons[row] = Reason("no_ocv")
        elif finite[row].sum() < 5:
            results.reasons[row] = Reason("no_pulses", {"present": float(finite[row].sum())})
        elif np.isinf(nominal) or nominal <= 0.0:
            results.reasons[row] = Reason("nominal_capacity_invalid", {"nominal_capacity_Ah": nominal})


def _abstain(results: RowResults, rows: np.ndarray, reason: Reason) -> None:
    for row in rows:
        results.reasons[row] = reason


def _estimate_group(
    models: ModelSet,
    width_s: float,
    nominal: float,
    rows: np.ndarray,
    voltages_V: Floats,
    inputs: RowInputs,
    results: RowResults,
) -> None:
    """Rows of one width, one nominal capacity (-1: not known) and one noise."""
    noise = inputs.noise_of(int(rows[0]))
    possible = candidates(models, nominal if nominal > 0 else np.nan, inputs.chemistry_hint)
    if not possible:
        hint = f" {inputs.chemistry_hint}" if inputs.chemistry_hint else ""
        params: dict[str, float | str] = {"nominal_capacity_Ah": max(nominal, 0.0), "chemistry": hint}
        _abstain(results, rows, Reason("unknown_type", params))
        return
    names, probabilities = type_probabilities(models, width_s, voltages_V[rows], noise)
    allowed = np.array([any(name == recipe.name for recipe in possible) for name in names])
    restricted = np.where(allowed, np.nan_to_num(probabilities), 0.0)
    for recipe in possible:
        position = names.index(recipe.name)
        if len(possible) == 1:
            chosen = np.ones(len(rows), dtype=bool)
        else:
            chosen = restricted.argmax(axis=1) == position
        if not chosen.any():
            continue
        likelihood = probabilities[chosen]
        if len(possible) > 1:
            chosen_rows, likelihood = _reject_ambiguous(names, likelihood, position, rows[chosen], results)
        else:
            chosen_rows = rows[chosen]
        _estimate_type(recipe, width_s, chosen_rows, voltages_V, inputs, results)
        first_sigma_V = np.full(len(chosen_rows), noise.first_sigma_V)
        _judge_types(models, recipe, names, likelihood, chosen_rows, voltages_V, first_sigma_V, results)


def _reject_ambiguous(
    names: tuple[str, ...], likelihood: Floats, position: int, rows: np.ndarray, results: RowResults
) -> tuple[np.ndarray, Floats]:
    share = np.nan_to_num(likelihood[:, position])
    for number in np.flatnonzero(share < TYPE_MIN):
        results.reasons[rows[number]] = Reason(
            "type_ambiguous", {"seen": names[position], "confidence": float(share[number])}
        )
    sure = share >= TYPE_MIN
    return rows[sure], likelihood[sure]


def _estimate_type(
    recipe: Recipe,
    width_s: float,
    rows: np.ndarray,
    voltages_V: Floats,
    inputs: RowInputs,
    results: RowResults,
) -> None:
    model = recipe.widths.get(width_s)
    if model is None:
        known = ", ".join(f"{width:g}" for width in recipe.widths)
        params: dict[str, float | str] = {"recipe": recipe.name, "known": known, "width_s": width_s}
        _abstain(results, rows, Reason("width_not_learned", params))
        return
    block = voltages_V[rows].copy()
    third = inputs.third_amplitude_C[rows]
    other = np.isfinite(third) & (np.abs(third - recipe.third_amplitude_C) > 0.05)
    block[np.ix_(other, range(*THIRD_AMPLITUDE_COLUMNS.indices(41)))] = np.nan
    noise = inputs.noise_of(int(rows[0])) if len(rows) else CLEAN
    values = predict_blocks(model, block, noise)
    low, high = SOH_LIMITS
    for number, row in enumerate(rows):
        soh, half, distance = values.soh[number], values.half_width[number], values.distance[number]
        if not np.isfinite(soh):
            present = float(np.isfinite(block[number]).sum())
            results.reasons[row] = Reason("subset_not_learned", {"recipe": recipe.name, "present": present})
        elif distance > 1.0:
            params = {"recipe": recipe.name, "distance": float(distance), "noise_mV": noise.sample_V * 1e3}
            results.reasons[row] = Reason("voltage_too_coarse" if noise.coarse else "foreign_pattern", params)
        elif values.strict_distance[number] > 1.0 and not np.isfinite(inputs.nominal_capacity_Ah[row]):
            results.reasons[row] = Reason("type_unconfirmed", {"recipe": recipe.name})
        else:
            results.recipes[row] = recipe.name
            results.soh[row] = min(max(soh, low), high)
            results.low90[row] = min(max(soh - half, low), high)
            results.high90[row] = min(max(soh + half, low), high)


def _judge_types(
    models: ModelSet,
    recipe: Recipe,
    names: tuple[str, ...],
    likelihood: Floats,
    rows: np.ndarray,
    voltages_V: Floats,
    first_sigma_V: Floats,
    results: RowResults,
) -> None:
    """State the chemistry of accepted rows; withdraw the estimate where the voltages clearly say another
    type."""
    chemistries = np.array([models.recipes[name].chemistry for name in names])
    position = names.index(recipe.name)
    lfp_share = lfp_probability(models, voltages_V[rows], first_sigma_V)
    leading = np.nan_to_num(likelihood).argmax(axis=1)
    told_apart = len(set(chemistries[np.isfinite(likelihood).any(axis=0)].tolist())) > 1
    for number, row in enumerate(rows):
        if results.reasons[row] is not None:
            continue
        shares = likelihood[number]
        best = int(leading[number])
        if best != position and shares[best] > TYPE_CONTRADICTION:
            results.reasons[row] = Reason("type_contradicts", {"seen": names[best], "recipe": recipe.name})
            results.soh[row] = results.low90[row] = results.high90[row] = np.nan
            results.recipes[row] = None
            continue
        results.chemistry[row] = recipe.chemistry
        if told_apart and np.isfinite(shares[best]):
            results.confidence[row] = float(np.nansum(shares[chemistries == recipe.chemistry]))
        else:
            # Only one chemistry was ever measured this way: being told apart from it would prove nothing.
            share = lfp_share[number] if recipe.chemistry == "LFP" else 1.0 - lfp_share[number]
            results.confidence[row] = share * PATTERN_ODDS / (share * PATTERN_ODDS + 1.0 - share)
