"""Type and chemistry classes, and how often they are right on cells and on types they have not seen."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from station.diagnosis.chemistry.classifier import GaussianClasses, fit_classes
from station.diagnosis.soh.model import ModelSet
from station.diagnosis.soh.noise import LEVELS_V, Noise
from station.diagnosis.soh.recognise import FIRST, FOREIGN_MIN, PAIR, lfp_features
from station.diagnosis.soh.rows import RowInputs, estimate_rows
from station.diagnosis.tables import Floats
from station.models.training.fitting import jittered
from station.models.training.table import Labelled

OWN_SHARE, FLOOR_V = 0.6, 1e-4
TEMPERATURE = 2.0
"""Voltages of a block are not independent draws; halving the log likelihood keeps confidence near the hit
rate."""

LFP_FLOOR, LFP_TEMPERATURE = 1e-3, 1.25
OTHERS_WIDER = 4.0
"""Factor on the covariance of the not-LFP class: chemistries never learned lie farther out than learned ones
(an LMO type left out does)."""

FOREIGN_SEED = 11


def fit_types(rows: Labelled) -> dict[tuple[float, str], GaussianClasses]:
    """Classes of cell types for each width and part (``first`` = U1-U21, ``pair`` = U33-U41) that two
    types have."""
    found = {}
    for width in sorted(set(rows.width_s.tolist())):
        here = rows.where(rows.width_s == width)
        for part, columns in (("first", FIRST), ("pair", PAIR)):
            complete = np.isfinite(here.voltages_V[:, columns]).all(axis=1)
            if len(set(here.types[complete].tolist())) > 1:
                found[width, part] = fit_classes(
                    here.voltages_V[complete, columns],
                    here.types[complete],
                    own_share=OWN_SHARE,
                    floor=FLOOR_V,
                    temperature=TEMPERATURE,
                )
    return found


def fit_lfp(rows: Labelled) -> GaussianClasses:
    """LFP against everything else, from size-free features of the longest pulses (all types have them).

    Types weigh alike however many rows they have, and the spread between types belongs to the spread of a
    class: what is asked later is a type that was not learned.
    """
    here = rows.where(rows.width_s == rows.width_s.max())
    features = lfp_features(here.voltages_V)
    use = np.isfinite(features).all(axis=1)
    labels = np.where(here.chemistries[use] == "LFP", "LFP", "not-LFP")
    features, types = features[use], here.types[use]
    names = tuple(sorted(set(labels.tolist())))
    means, covariances = [], []
    for name in names:
        members = [features[types == kind] for kind in sorted(set(types[labels == name].tolist()))]
        centres = np.array([member.mean(axis=0) for member in members])
        middle = centres.mean(axis=0)
        own = np.mean([np.cov(member, rowvar=False) for member in members], axis=0)
        between = (centres - middle).T @ (centres - middle) / len(members)
        wider = 1.0 if name == "LFP" else OTHERS_WIDER
        means.append(middle)
        covariances.append(wider * (own + between) + LFP_FLOOR**2 * np.eye(features.shape[1]))
    return GaussianClasses(names, np.array(means), np.array(covariances), LFP_TEMPERATURE)


@dataclass(frozen=True)
class TypeFigures:
    """Shares in percent: hits on unseen cells, and per left-out type (right, stated at all); ``pooled`` over
    the rows of all left-out types."""

    chemistry_hits: float
    type_hits: float
    mean_confidence: float
    left_out: dict[str, tuple[float, float]]
    pooled: tuple[float, float]


def type_figures(rows: Labelled, folds: dict[str, dict[str, int]]) -> TypeFigures:
    """Grouped cross-validation at the longest pulses and leave-one-type-out for LFP against not-LFP."""
    width = float(rows.width_s.max())
    here = rows.where(rows.width_s == width)
    fold = np.array([folds[kind][cell] for kind, cell in zip(here.types, here.cells, strict=True)])
    chemistry_of = dict(zip(here.types.tolist(), here.chemistries.tolist(), strict=True))
    said = np.empty(len(fold), dtype=here.types.dtype)
    sure: Floats = np.empty(len(fold))
    for number in sorted(set(fold.tolist())):
        classes = fit_types(here.where(fold != number))[width, "first"]
        shares = classes.probabilities(here.voltages_V[fold == number][:, FIRST])
        said[fold == number] = np.array(classes.names)[shares.argmax(axis=1)]
        sure[fold == number] = shares.max(axis=1)
    chemistry = np.array([chemistry_of[name] for name in said.tolist()])
    left_out = {}
    right_rows, stated_rows = 0, 0
    for name in sorted(set(here.types.tolist())):
        inside = here.types == name
        classes = fit_lfp(here.where(~inside))
        shares = classes.probabilities(lfp_features(here.voltages_V[inside]))
        truth = "LFP" if chemistry_of[name] == "LFP" else "not-LFP"
        stated = shares.max(axis=1) >= FOREIGN_MIN
        right = np.array(classes.names)[shares.argmax(axis=1)] == truth
        share_right = float(100 * right[stated].mean()) if stated.any() else float("nan")
        left_out[name] = (share_right, float(100 * stated.mean()))
        right_rows += int(right[stated].sum())
        stated_rows += int(stated.sum())
    share_right = 100 * right_rows / stated_rows if stated_rows else float("nan")
    return TypeFigures(
        float(100 * np.mean(chemistry == here.chemistries)),
        float(100 * np.mean(said == here.types)),
        float(100 * sure.mean()),
        left_out,
        (share_right, 100 * stated_rows / len(here.soh)),
    )


def foreign_figures(models: ModelSet, rows: Labelled) -> dict[str, list[float]]:
    """Per left-out type the share in percent that gets no estimate, without noise and at each noise level.

    Longest pulses; the nominal capacity is not given. With an unfamiliar one nothing is estimated at all.
    """
    here = rows.where(rows.width_s == rows.width_s.max())
    found: dict[str, list[float]] = {}
    for name in models.recipes:
        others = here.where(here.types != name)
        if len(set(others.types.tolist())) < 2:
            continue
        recipes = {key: recipe for key, recipe in models.recipes.items() if key != name}
        rest = replace(models, recipes=recipes, types=fit_types(others), lfp_or_not=fit_lfp(others))
        foreign = here.where(here.types == name)
        found[name] = []
        for level_V in (0.0, *LEVELS_V):
            shown = foreign if level_V == 0.0 else jittered(foreign, level_V, 1, FOREIGN_SEED)
            unknown = np.full(len(shown.soh), np.nan)
            noise = [Noise.of(level_V)] * len(shown.soh)
            inputs = RowInputs(shown.voltages_V, shown.width_s, shown.third_amplitude_C, unknown, None, noise)
            found[name].append(float(100 * np.isnan(estimate_rows(rest, inputs).soh).mean()))
    return found
