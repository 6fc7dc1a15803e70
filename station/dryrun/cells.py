"""What hangs on the simulated channel: a word of the command line as the simulators' own configuration."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from station.bench import Channel
from station.errors import UsageError

CHEMISTRIES = ("LFP", "NMC", "LMO")
_CELL_ID = re.compile(r"[A-Z]{3,4}\d+-\d+")
NOMINAL_AH = 20.0
"""Of a cell whose capacity nobody gave."""


def cell_model(
    word: str,
    channel: Channel,
    *,
    capacity_Ah: float | None = None,
    soh: float | None = None,
    soc: float | None = None,
) -> dict[str, Any]:
    """``word`` is a chemistry (``LFP``, ``NMC``, ``LMO``), a cell of the measured table (``LFP35-037``), or
    a YAML or JSON file with a battery as bench files have it.

    A channel of several cells in series gets that many. Raises UsageError.
    """
    if word.upper() in CHEMISTRIES:
        cell: dict[str, Any] = {
            "kind": "model",
            "chemistry": word.upper(),
            "nominal_capacity_Ah": capacity_Ah or NOMINAL_AH,
            "soh": 0.9 if soh is None else soh,
            "soc": 0.5 if soc is None else soc,
        }
    elif _CELL_ID.fullmatch(word):
        cell = {"kind": "measured", "cell_id": word, "soc": "random" if soc is None else soc}
    elif Path(word).suffix in {".yaml", ".yml", ".json"}:
        return _from_file(Path(word))
    else:
        raise UsageError(
            f"{word!r} is no cell to simulate",
            remedy=f"use {', '.join(CHEMISTRIES)}, a cell of the measured table such as LFP35-037, "
            "or a file with a battery as in a bench file's simulation section",
            code="dryrun.cell",
            cell=word,
        )
    return cell if channel.series_cells == 1 else _string(cell, channel.series_cells)


def _string(cell: dict[str, Any], series: int) -> dict[str, Any]:
    return {"kind": "string", "series": series, "cell": cell}


def _from_file(path: Path) -> dict[str, Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        text = path.read_text(encoding="utf-8")
        data = json.loads(text) if path.suffix == ".json" else YAML(typ="safe", pure=True).load(text)
    except (OSError, ValueError, YAMLError) as error:
        raise UsageError(
            f"{path}: cannot be read as a battery: {error}",
            remedy="write a mapping with kind: model, measured, replay or string",
            code="dryrun.cell",
            cell=str(path),
        ) from error
    if not isinstance(data, dict) or "kind" not in data:
        raise UsageError(
            f"{path}: holds no battery",
            remedy="write a mapping with kind: model, measured, replay or string",
            code="dryrun.cell",
            cell=str(path),
        )
    if "table" in data:  # beside the file that names it
        beside = path.parent / str(data["table"])
        data["table"] = str(beside.resolve()) if beside.exists() else data["table"]
    return data
