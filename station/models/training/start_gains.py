"""What the adaptive test needs of a type started from few cells, beside what it has of known types."""

from __future__ import annotations

from dataclasses import replace

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from station.diagnosis.adaptive.gains import Gains, TypeGains
from station.diagnosis.adaptive.kinds import History, history_of
from station.diagnosis.soh.model import ModelSet
from station.models.training.crossval import FOLDS
from station.models.training.gains import HISTORIES, HISTORIES_TO_U21, learn_gains, learn_residuals
from station.models.training.joint import Rests, rests_of
from station.models.training.learn import SEED
from station.models.training.table import Labelled, stratified_folds


def started_gains(models: ModelSet, rows: Labelled, before: Gains | None) -> Gains | None:
    """Gains of the new type's ``rows`` (one type, all labelled), with those of ``before`` beside them.

    ``models`` are the candidate as loaded from its files: types known before keep their estimators, so their
    gains hold on. None where the rows hold no history that can be read and there is nothing before.
    """
    name, rests = str(rows.types[0]), rests_of(rows)
    histories = readable(rests)
    known = {} if before is None else {key: value for key, value in before.types.items() if key != name}
    if not histories and not known:
        return None
    with threadpool_limits(limits=1):
        residuals = {}
        if histories:
            folds = stratified_folds(rests.base.cells.tolist(), rests.base.soh, FOLDS)
            residuals[name] = learn_residuals(rests, folds, SEED, histories=histories)
        found = learn_gains(residuals, models, SEED, set())
    types = {**known, **{key: _advised(value) for key, value in found.types.items()}}
    assumed = found.assumed if before is None else before.assumed
    return Gains(types, found.models_sha256, found.info, assumed)


def readable(rests: Rests) -> list[History]:
    """Histories of either shipped menu that every rest was measured in."""
    texts = dict.fromkeys((*HISTORIES, *HISTORIES_TO_U21))
    return [history for text in texts if rests.holds(history := history_of(text))]


def _advised(known: TypeGains) -> TypeGains:
    """Where nothing of what the shipped types are advised was measured, all that was measured is advised."""
    if any(gain.planned for gain in known.histories.values()):
        return known
    return replace(
        known, histories={key: replace(gain, planned=True) for key, gain in known.histories.items()}
    )
