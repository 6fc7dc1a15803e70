"""What the model files of a folder say of themselves, in short, and how the error falls with more cells."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from station.models.store import read_header

FIGURES = ("cells", "rows", "trivial_mape", "mape", "p95", "coverage", "half_width")
POINT = ("cells", "mape", "trivial_mape", "half_width", "coverage")
LIKED = ("all", "first", "pair")
"""Of several measured subsets the first that a type was learned with is shown."""


def summary(folder: Path) -> dict[str, Any]:
    """Id, data hash, and per type the figures of unseen cells. Raises DataError."""
    info = read_header(folder)
    started = info.get("started", {})
    return {
        "model_id": info["model_id"],
        "arrays_sha256": info["arrays_sha256"],
        "training_table_sha256": info.get("training_table_sha256"),
        "training_rows": info.get("training_rows"),
        "seed": info.get("seed"),
        "types": [
            {
                "type": name,
                "started_here": name in started,
                "relatives": started.get(name, {}).get("relatives", []),
                **_figures(found),
            }
            for name, found in info.get("figures", {}).items()
        ],
    }


def learning_points(folders: Mapping[str, Path]) -> dict[str, list[dict[str, Any]]]:
    """Per type the points of each model that learned it: cells, error and half-width of cells left out.

    A model has one point for all its cells, and one for each share of them that its header has figures of.
    Sorted by cells; models that learned a type from the same cells with the same error are one point.
    """
    points: dict[str, list[dict[str, Any]]] = {}
    for folder in folders.values():
        info = read_header(folder)
        for name, told in curves(info).items():
            known = points.setdefault(name, [])
            for point in told:
                if all({key: old[key] for key in point} != point for old in known):
                    known.append({**point, "model_id": info["model_id"]})
    return {name: sorted(found, key=lambda point: point["cells"]) for name, found in points.items()}


def curves(info: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Per type the points that a model's header tells of, the last with all cells."""
    told = info.get("learning_curve", {})
    return {
        name: [*told.get(name, []), {key: whole[key] for key in POINT}]
        for name, found in info.get("figures", {}).items()
        for whole in [_figures(found)]
    }


def _figures(found: list[dict[str, Any]]) -> dict[str, Any]:
    """The widest pulse, clean voltages, the rows that intervals are calibrated on."""
    clean = [one for one in found if one["noise_V"] == 0.0 and _calibrating(one)] or found
    widest = max(one["width_s"] for one in clean)
    here = {one["subset"]: one for one in clean if one["width_s"] == widest}
    subset = next((name for name in LIKED if name in here), next(iter(here)))
    return {"subset": subset, "width_s": widest, **{key: here[subset][key] for key in FIGURES}}


def _calibrating(one: Mapping[str, Any]) -> bool:
    """Types started on site once told of these rows alone, without a word for them."""
    return bool(one.get("kind", "calibration") == "calibration")
