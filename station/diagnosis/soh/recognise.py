"""Which known cell type a pulse block may belong to: by nominal capacity, by pulse width, by voltages."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from station.diagnosis.soh.model import ModelSet, Recipe
from station.diagnosis.soh.noise import CLEAN, Noise
from station.diagnosis.tables import Floats

CAPACITY_TOLERANCE = 0.03
"""A nominal capacity within this share of a learned type's is taken for it."""
WIDTH_TOLERANCE = 0.05
CHEMISTRIES = ("LFP", "LMO", "NMC")

FIRST = slice(0, 21)
PAIR = slice(32, 41)
MIN_FIRST, MIN_PAIR = 9, 5
"""How many voltages of U1-U21 or of the 2.5 C pair recognition needs at least."""


def nearest_width(widths_s: Iterable[float], width_s: float) -> float | None:
    """The learned width within 5 % of a measured one, or None (also for NaN)."""
    for known in widths_s:
        if abs(width_s - known) <= WIDTH_TOLERANCE * known:
            return known
    return None


def known_widths(models: ModelSet) -> list[float]:
    """All learned pulse widths in s, ascending."""
    return sorted({width for recipe in models.recipes.values() for width in recipe.widths})


def candidates(models: ModelSet, nominal_capacity_Ah: float, chemistry_hint: str | None) -> list[Recipe]:
    """Types of this nominal capacity within 3 % (any, when NaN) and of the hinted chemistry (any, when
    None)."""
    return [
        recipe
        for recipe in models.recipes.values()
        if not abs(nominal_capacity_Ah / recipe.nominal_capacity_Ah - 1.0) > CAPACITY_TOLERANCE
        and (chemistry_hint is None or chemistry_hint == recipe.chemistry)
    ]


def type_probabilities(
    models: ModelSet, width_s: float, voltages_V: Floats, noise: Noise = CLEAN
) -> tuple[tuple[str, ...], Floats]:
    """Type names and their probabilities (n, k) at a learned width.

    NaN for types that were never measured this way, and everywhere in rows with too few voltages.
    ``noise`` is that of all rows.
    """
    errors = noise.covariance_V2() if noise.level_V > 0.0 else None
    names = tuple(models.recipes)
    result = np.full((len(voltages_V), len(names)), np.nan)
    first = np.isfinite(voltages_V[:, FIRST]).sum(axis=1) >= MIN_FIRST
    pair = ~first & (np.isfinite(voltages_V[:, PAIR]).sum(axis=1) >= MIN_PAIR)
    for rows, part, columns in ((first, "first", FIRST), (pair, "pair", PAIR)):
        classes = models.types.get((width_s, part))
        if classes is None or not rows.any():
            continue
        positions = np.array([names.index(name) for name in classes.names])
        inside = None if errors is None else errors[columns, columns]
        shares = classes.probabilities(voltages_V[rows, columns], inside)
        result[np.ix_(np.flatnonzero(rows), positions)] = shares
    return names, result


NOISY_ASYMMETRY = 0.03
"""An asymmetry less certain than this (standard deviation) is left out."""


def lfp_features(voltages_V: Floats, first_sigma_V: Floats | float = 0.0) -> Floats:
    """OCV and the charge/discharge asymmetry of the first-sample jumps at 0.5 C and 1 C, (n, 3).

    The asymmetry (J+ + J-) / (J+ - J-) has no unit, so it does not depend on the size of the cell; the first
    sample is about 10 ms after the edge at every pulse width. ``first_sigma_V`` (n,) is the noise of first
    samples; what it makes too uncertain is NaN.
    """
    jump = voltages_V[:, (1, 5, 9, 13)] - voltages_V[:, (0, 4, 8, 12)]
    with np.errstate(divide="ignore", invalid="ignore"):
        span = jump[:, 0::2] - jump[:, 1::2]
        asymmetry = (jump[:, 0::2] + jump[:, 1::2]) / span
        asymmetry[np.reshape(first_sigma_V, (-1, 1)) * np.sqrt(2.0) > NOISY_ASYMMETRY * np.abs(span)] = np.nan
    asymmetry[~(np.abs(asymmetry) < 1.0)] = np.nan
    return np.column_stack([voltages_V[:, 0], asymmetry])


FOREIGN_MIN, FOREIGN_CAP = 0.8, 0.95
"""Below the first nothing is said about a foreign cell; no confidence above the second is stated
(left-out types)."""


def lfp_probability(models: ModelSet, voltages_V: Floats, first_sigma_V: Floats | float = 0.0) -> Floats:
    """Probability of LFP by size-free features; NaN without OCV or where one side was never learned."""
    classes = models.lfp_or_not
    if set(classes.names) != {"LFP", "not-LFP"}:
        return np.full(len(voltages_V), np.nan)
    features = lfp_features(voltages_V, first_sigma_V)
    share = classes.probabilities(features)[:, classes.names.index("LFP")]
    return np.where(np.isfinite(features[:, 0]), share, np.nan)


def foreign_chemistry(
    models: ModelSet, voltages_V: Floats, first_sigma_V: Floats | float = 0.0
) -> tuple[list[str | None], Floats]:
    """``LFP`` or ``not-LFP`` with confidence for cells of no known type; None and NaN when unclear."""
    share = lfp_probability(models, voltages_V, first_sigma_V)
    confidence = np.minimum(np.maximum(share, 1.0 - share), FOREIGN_CAP)
    confidence[~(confidence >= FOREIGN_MIN)] = np.nan
    labels = [
        ("LFP" if lfp > 0.5 else "not-LFP") if np.isfinite(sure) else None
        for lfp, sure in zip(share, confidence, strict=True)
    ]
    return labels, confidence
