"""The files of an adaptive test's gains: an array file and a JSON file that names its SHA-256."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from station.diagnosis.adaptive.advice import ActionKind
from station.diagnosis.adaptive.gains import Assumed, Gains, HistoryGain, TypeGains
from station.diagnosis.adaptive.joint import JointLearned
from station.diagnosis.adaptive.kinds import History, history_of, history_text, ordered
from station.diagnosis.soh.gaussian_process import Kernel
from station.diagnosis.soh.model import Calibration, ModelSet, Ridge
from station.errors import DataError
from station.models.adoption import GAINS_ARRAYS, GAINS_HEADER, Adoptions, adoption_folder
from station.models.store import Arrays, damaged, read_pair, write_pair

FORMAT = "pulse-station/adaptive-gains/1"
ARRAYS, HEADER = GAINS_ARRAYS, GAINS_HEADER


def save_gains(gains: Gains, folder: Path) -> None:
    """Write both files into ``folder`` (made if absent)."""
    arrays: Arrays = {}
    types = {name: _pack_type(name, known, arrays) for name, known in gains.types.items()}
    header = {
        "models_sha256": gains.models_sha256,
        "info": dict(gains.info),
        "assumed": [
            {"kind": one.kind.value, "half_width": one.half_width, "source": one.source}
            for one in gains.assumed
        ],
        "types": types,
    }
    write_pair(folder / HEADER, folder / ARRAYS, FORMAT, header, arrays)


def load_gains(folder: Path, models: ModelSet) -> Gains:
    """Read both files and check their checksums. Raises DataError naming the file and what is wrong.

    Joint estimators stand on the rows of the model files: gains of other models are refused.
    """
    header, arrays = read_pair(folder / HEADER, folder / ARRAYS, FORMAT)
    if header["models_sha256"] != models.info.get("arrays_sha256"):
        raise damaged(folder / HEADER, "it belongs to other model files")
    return Gains(
        {name: _unpack_type(name, entry, arrays) for name, entry in header["types"].items()},
        header["models_sha256"],
        {**header["info"], "arrays_sha256": header["arrays_sha256"]},
        tuple(
            Assumed(ActionKind(one["kind"]), one["half_width"], one["source"]) for one in header["assumed"]
        ),
    )


@lru_cache(maxsize=1)
def load_default_gains() -> Gains:
    """The gains that come with the station. Raises DataError when their files are missing or damaged."""
    from station.models.in_use import DEFAULT_FOLDER, load_default

    return load_gains(DEFAULT_FOLDER, load_default())


def gains_of(models: ModelSet) -> Gains:
    """The gains learned together with ``models``: the station's own, or those beside the adopted models.

    Raises DataError where there are none.
    """
    gains = load_default_gains()
    if gains.models_sha256 == models.info.get("arrays_sha256"):
        return gains
    place = _adopted(str(models.info.get("model_id")))
    if place is None:
        raise DataError(
            "the models in use have no gains of an adaptive test",
            remedy="use a fixed profile; or make them before adopting (station learn TABLE -o CANDIDATE "
            "--gains-only); or go back to the former models: station learn adopt --back",
            model_id=models.info.get("model_id"),
        )
    stamps = tuple((place / name).stat().st_mtime_ns for name in (HEADER, ARRAYS))
    return _held(place, models.info.get("arrays_sha256"), stamps, models)


def gains_beside(models: ModelSet, folder: Path | None) -> Gains | None:
    """Gains of models that may not be in use: the station's own, those in ``folder``, or None."""
    own = load_default_gains()
    if own.models_sha256 == models.info.get("arrays_sha256"):
        return own
    if folder is None or not (folder / HEADER).is_file():
        return None
    return load_gains(folder, models)


_kept: dict[tuple[Path, object, tuple[int, ...]], Gains] = {}


def _held(place: Path, sha256: object, stamps: tuple[int, ...], models: ModelSet) -> Gains:
    """Gains of a folder; read again only when a file or the models have changed."""
    key = (place, sha256, stamps)
    if key not in _kept:
        found = load_gains(place, models)
        _kept.clear()
        _kept[key] = found
    return _kept[key]


def _adopted(identity: str) -> Path | None:
    from station.models.in_use import DEFAULT_FOLDER

    folder = adoption_folder()
    return None if folder is None else Adoptions(folder, DEFAULT_FOLDER).gains_folder(identity)


def _pack_type(name: str, known: TypeGains, arrays: Arrays) -> dict[str, Any]:
    return {
        "prior_low": known.prior_low,
        "prior_high": known.prior_high,
        "carry": known.carry,
        "spread": known.spread,
        "level_step": known.level_step,
        "level_factor": {str(count): value for count, value in known.level_factor.items()},
        "histories": [
            {
                "rows": history_text(history),
                "mape_percent": gain.mape_percent,
                "p95": gain.p95,
                "planned": gain.planned,
                "half_width": [
                    {"noise_V": level_V, "value": value} for level_V, value in gain.half_width.items()
                ],
                "learned": [
                    _pack_learned(learned, _place(name, history, level_V), arrays)
                    for level_V, learned in gain.learned.items()
                ],
            }
            for history, gain in known.histories.items()
        ],
    }


def _unpack_type(name: str, entry: Mapping[str, Any], arrays: Arrays) -> TypeGains:
    histories = {}
    for item in entry["histories"]:
        history = history_of(item["rows"])
        histories[history] = HistoryGain(
            {level["noise_V"]: level["value"] for level in item["half_width"]},
            item["mape_percent"],
            item["p95"],
            {
                found["noise_V"]: _unpack_learned(
                    found, history, _place(name, history, found["noise_V"]), arrays
                )
                for found in item["learned"]
            },
            item["planned"],
        )
    return TypeGains(
        histories,
        entry["prior_low"],
        entry["prior_high"],
        entry["carry"],
        entry["spread"],
        {int(count): value for count, value in entry["level_factor"].items()},
        entry["level_step"],
    )


def _place(name: str, history: History, level_V: float) -> str:
    return f"{name}/{history_text(history)}/{level_V:g}"


def _pack_learned(learned: JointLearned, place: str, arrays: Arrays) -> dict[str, Any]:
    ridge, kernel = learned.ridge, learned.kernel
    arrays[f"{place}/mean"] = learned.mean
    arrays[f"{place}/projection"] = learned.projection
    arrays[f"{place}/lengths"] = kernel.lengths
    arrays[f"{place}/ridge"] = np.array([ridge.mean, ridge.scale, ridge.slopes])
    return {
        "noise_V": learned.level_V,
        "kernel": {"linear": kernel.linear, "bend": kernel.bend, "noise": kernel.noise},
        "ridge_intercept": ridge.intercept,
        "calibration": vars(learned.calibration),
    }


def _unpack_learned(entry: Mapping[str, Any], history: History, place: str, arrays: Arrays) -> JointLearned:
    ridge = arrays[f"{place}/ridge"]
    return JointLearned(
        ordered(history),
        entry["noise_V"],
        arrays[f"{place}/mean"],
        arrays[f"{place}/projection"],
        Kernel(arrays[f"{place}/lengths"], **entry["kernel"]),
        Ridge(ridge[0], ridge[1], ridge[2], entry["ridge_intercept"]),
        Calibration(**entry["calibration"]),
    )
