"""Model files: one array file and one JSON file that names its SHA-256; nothing in them is ever executed."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from station.diagnosis.chemistry.classifier import GaussianClasses
from station.diagnosis.soh.gaussian_process import Kernel
from station.diagnosis.soh.model import Calibration, Learned, ModelSet, Recipe, Ridge, WidthModel
from station.diagnosis.tables import Floats
from station.errors import DataError

FORMAT = "pulse-station/models/1"
ARRAYS, HEADER = "soh-models.npz", "soh-models.json"
VOLTAGE_STEP_V = 1e-4
NOT_MEASURED = 65535

Arrays = dict[str, NDArray[Any]]
REMEDY = "Install the station again, or write new model files with `station learn`."


def pack_voltages(voltages_V: Floats) -> NDArray[np.uint16]:
    """Voltages as multiples of 0.1 mV, the resolution of the learned records; NaN becomes 65535."""
    steps = np.where(np.isfinite(voltages_V), np.round(voltages_V / VOLTAGE_STEP_V), NOT_MEASURED)
    return steps.astype(np.uint16)


def unpack_voltages(steps: NDArray[np.uint16]) -> Floats:
    """Inverse of ``pack_voltages``."""
    return np.where(steps == NOT_MEASURED, np.nan, steps * VOLTAGE_STEP_V)


def save_models(models: ModelSet, folder: Path) -> None:
    """Write both files into ``folder`` (made if absent)."""
    arrays: Arrays = {}
    recipes = {name: _pack_recipe(recipe, arrays) for name, recipe in models.recipes.items()}
    types = [
        {"width_s": width, "part": part, **_pack_classes(classes, f"types/{width:g}/{part}", arrays)}
        for (width, part), classes in models.types.items()
    ]
    lfp = _pack_classes(models.lfp_or_not, "lfp", arrays)
    header = {"info": dict(models.info), "recipes": recipes, "types": types, "lfp_or_not": lfp}
    write_pair(folder / HEADER, folder / ARRAYS, FORMAT, header, arrays)


def load_models(folder: Path) -> ModelSet:
    """Read both files and check their checksums. Raises DataError naming the file and what is wrong."""
    header, arrays = read_pair(folder / HEADER, folder / ARRAYS, FORMAT)
    return ModelSet(
        {name: _unpack_recipe(name, entry, arrays) for name, entry in header["recipes"].items()},
        {
            (entry["width_s"], entry["part"]): _unpack_classes(
                entry, f"types/{entry['width_s']:g}/{entry['part']}", arrays
            )
            for entry in header["types"]
        },
        _unpack_classes(header["lfp_or_not"], "lfp", arrays),
        {
            **header["info"],
            "arrays_sha256": header["arrays_sha256"],
            "model_id": header["arrays_sha256"][:12],
        },
    )


def write_pair(
    header_file: Path, arrays_file: Path, kind: str, header: Mapping[str, Any], arrays: Arrays
) -> None:
    """Write an array file and the JSON file that names its SHA-256 (folder made if absent)."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    content = buffer.getvalue()
    whole = {"format": kind, "arrays_sha256": hashlib.sha256(content).hexdigest(), **header}
    header_file.parent.mkdir(parents=True, exist_ok=True)
    arrays_file.write_bytes(content)
    header_file.write_text(
        json.dumps({**whole, "header_sha256": digest(whole)}, indent=1, ensure_ascii=False) + "\n",
        encoding="utf-8",
    )


def read_pair(header_file: Path, arrays_file: Path, kind: str) -> tuple[dict[str, Any], Arrays]:
    """The inverse of ``write_pair``. Raises DataError naming the file: missing, damaged, another kind."""
    try:
        text = header_file.read_text(encoding="utf-8")
        content = arrays_file.read_bytes()
    except OSError as error:
        raise DataError(
            f"model file missing: {error.filename}", remedy=REMEDY, file=str(error.filename)
        ) from error
    header = _checked_header(text, header_file, kind)
    if hashlib.sha256(content).hexdigest() != header["arrays_sha256"]:
        raise damaged(arrays_file, "its checksum is not the one its header names")
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        return header, {name: archive[name] for name in archive.files}


def read_header(folder: Path) -> dict[str, Any]:
    """The ``info`` of the model files in ``folder`` and their id, without the arrays. Raises DataError."""
    path = folder / HEADER
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise DataError(f"model file missing: {path}", remedy=REMEDY, file=str(path)) from error
    header = _checked_header(text, path, FORMAT)
    arrays = header["arrays_sha256"]
    return {**header["info"], "arrays_sha256": arrays, "model_id": arrays[:12]}


def _checked_header(text: str, path: Path, wanted: str) -> dict[str, Any]:
    """The header of one of the station's files without its own checksum. Raises DataError."""
    try:
        header = json.loads(text)
    except json.JSONDecodeError as error:
        raise damaged(path, f"line {error.lineno} is not JSON") from error
    if not isinstance(header, dict) or header.get("format") != wanted:
        raise damaged(path, f"it is not of format {wanted}")
    stated = header.pop("header_sha256", None)
    if stated != digest(header):
        raise damaged(path, "its content has been changed")
    return header


def digest(header: Mapping[str, Any]) -> str:
    """Checksum of a header in its canonical form."""
    canonical = json.dumps(header, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def damaged(path: Path, what: str) -> DataError:
    """What is said of a file that cannot be trusted."""
    return DataError(
        f"model file {path} is damaged: {what}", remedy=REMEDY, code="data.model_file", file=str(path)
    )


def _pack_recipe(recipe: Recipe, arrays: Arrays) -> dict[str, Any]:
    widths = []
    for width, model in recipe.widths.items():
        place = f"{recipe.name}/{width:g}"
        arrays[f"{place}/voltages"] = pack_voltages(model.voltages_V)
        arrays[f"{place}/soh"] = model.soh
        arrays[f"{place}/weights"] = model.weights
        arrays[f"{place}/cells"] = model.cells.astype(np.int16)
        arrays[f"{place}/column_mean"] = model.column_mean_V
        arrays[f"{place}/column_covariance"] = model.column_covariance_V2
        subsets = {
            name: _pack_learned(learned, f"{place}/{name}", arrays) for name, learned in model.subsets.items()
        }
        noisy = [
            {
                "noise_V": level_V,
                "subsets": {
                    name: _pack_learned(learned, f"{place}/{level_V:g}/{name}", arrays)
                    for name, learned in found.items()
                },
            }
            for level_V, found in model.noisy.items()
        ]
        widths.append({"width_s": width, "subsets": subsets, "noisy": noisy})
    return {
        "chemistry": recipe.chemistry,
        "nominal_capacity_Ah": recipe.nominal_capacity_Ah,
        "third_amplitude_C": recipe.third_amplitude_C,
        "widths": widths,
    }


def _unpack_recipe(name: str, entry: Mapping[str, Any], arrays: Arrays) -> Recipe:
    widths = {}
    for item in entry["widths"]:
        place = f"{name}/{item['width_s']:g}"
        widths[item["width_s"]] = WidthModel(
            item["width_s"],
            unpack_voltages(arrays[f"{place}/voltages"]),
            arrays[f"{place}/soh"],
            arrays[f"{place}/weights"],
            arrays[f"{place}/cells"].astype(np.int64),
            arrays[f"{place}/column_mean"],
            arrays[f"{place}/column_covariance"],
            {
                subset: _unpack_learned(subset, numbers, f"{place}/{subset}", arrays)
                for subset, numbers in item["subsets"].items()
            },
            {
                level["noise_V"]: {
                    subset: _unpack_learned(subset, numbers, f"{place}/{level['noise_V']:g}/{subset}", arrays)
                    for subset, numbers in level["subsets"].items()
                }
                for level in item.get("noisy", [])
            },
        )
    return Recipe(name, entry["chemistry"], entry["nominal_capacity_Ah"], entry["third_amplitude_C"], widths)


def _pack_learned(learned: Learned, place: str, arrays: Arrays) -> dict[str, Any]:
    ridge, kernel = learned.ridge, learned.kernel
    arrays[f"{place}/mean"] = learned.mean
    arrays[f"{place}/projection"] = learned.projection
    arrays[f"{place}/lengths"] = kernel.lengths
    arrays[f"{place}/ridge"] = np.array([ridge.mean, ridge.scale, ridge.slopes])
    packed: dict[str, Any] = {
        "kernel": {"linear": kernel.linear, "bend": kernel.bend, "noise": kernel.noise},
        "ridge_intercept": ridge.intercept,
        "calibration": vars(learned.calibration),
    }
    for number, companion in enumerate(learned.companions):
        arrays[f"{place}/companion{number}"] = companion.lengths
    if learned.companions:
        packed["companions"] = [
            {"linear": c.linear, "bend": c.bend, "noise": c.noise} for c in learned.companions
        ]
        packed["shares"] = list(learned.shares)
    return packed


def _unpack_learned(subset: str, entry: Mapping[str, Any], place: str, arrays: Arrays) -> Learned:
    ridge = arrays[f"{place}/ridge"]
    return Learned(
        subset,
        arrays[f"{place}/mean"],
        arrays[f"{place}/projection"],
        Kernel(arrays[f"{place}/lengths"], **entry["kernel"]),
        Ridge(ridge[0], ridge[1], ridge[2], entry["ridge_intercept"]),
        Calibration(**entry["calibration"]),
        tuple(
            Kernel(arrays[f"{place}/companion{number}"], **numbers)
            for number, numbers in enumerate(entry.get("companions", []))
        ),
        tuple(entry.get("shares", ())),
    )


def _pack_classes(classes: GaussianClasses, place: str, arrays: Arrays) -> dict[str, Any]:
    arrays[f"{place}/means"] = classes.means
    arrays[f"{place}/covariances"] = classes.covariances
    return {"names": list(classes.names), "temperature": classes.temperature}


def _unpack_classes(entry: Mapping[str, Any], place: str, arrays: Arrays) -> GaussianClasses:
    return GaussianClasses(
        tuple(entry["names"]), arrays[f"{place}/means"], arrays[f"{place}/covariances"], entry["temperature"]
    )
