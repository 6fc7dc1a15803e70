"""``station learn propose`` and ``start-type``: a new cell type from few capacity tests."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from station.cli.learn_labels import SimulatedOption
from station.cli.options import DataOption, JsonOption, data_folder
from station.cli.output import note, print_json, say

PulsesOption = Annotated[
    Path, typer.Option("--pulses", help="Pulse table of the cells: station learn pulses, or one of your own.")
]
LabelsOption = Annotated[
    Path | None,
    typer.Option("--labels", help="Labels, .csv or .parquet [default: those of this station]."),
]
TypeOption = Annotated[
    str, typer.Option("--type", help="Cell type as in 'LFP 20 Ah', where the table holds several.")
]


def propose(
    pulses: PulsesOption,
    count: Annotated[int, typer.Option("--count", help="How many cells.", min=1, max=1000)] = 20,
    cell_type: TypeOption = "",
    labels: LabelsOption = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Which cells are worth a capacity test: those whose pulses are least like any cell chosen before."""
    import numpy as np

    from station.models.training.fitting import learned_subsets
    from station.models.training.onboarding import propose_cells
    from station.models.training.table import read_pulses

    rows = _one_type(read_pulses(pulses), cell_type)
    rows = rows.where(rows.width_s == rows.width_s.max())
    known = sorted({item.cell_id for item in _labels(labels, data)} & set(rows.cells.tolist()))
    subset = learned_subsets(rows)[0]
    found = propose_cells(rows, count, subset, labelled=known)
    report: dict[str, Any] = {
        "type": str(rows.types[0]),
        "cells": len(np.unique(rows.cells)),
        "labelled": known,
        "proposed": [
            {"cell_id": item.cell, "distance_sd": round(item.distance, 3), "nearest": item.near}
            for item in found
        ],
    }
    if json:
        print_json(report)
        return
    note(f"{report['type']}: {report['cells']} cells with pulses, {len(known)} labelled")
    for item in found:
        why = "nearest to the mean of all" if item.near is None else f"unlike all before, nearest {item.near}"
        say(f"{item.cell:26} {item.distance:6.2f} sd  {why}")


def start_type(
    pulses: PulsesOption,
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder for the candidate's model files.")],
    labels: LabelsOption = None,
    cell_type: TypeOption = "",
    base: Annotated[
        Path | None, typer.Option("--base", help="Models to start from [default: those in use].")
    ] = None,
    simulated: SimulatedOption = False,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Learn a new cell type from labelled cells, with its relatives as a start; in use only once adopted."""
    from station.models.gains import gains_beside
    from station.models.in_use import adoptions_in
    from station.models.labels import join
    from station.models.store import load_models
    from station.models.training.start import save_started
    from station.models.training.table import file_sha256, read_pulses

    rows = _one_type(join(read_pulses(pulses), _labels(labels, data), simulated=simulated), cell_type)
    beside: Path | None = base
    if base is not None:
        models = load_models(base)
    else:
        adoptions = adoptions_in(data_folder(data))
        models = adoptions.load()
        beside = adoptions.gains_folder(str(models.info.get("model_id")))
    sources: dict[str, Any] = {"pulses_sha256": file_sha256(pulses), "simulated": simulated}
    if labels is not None and labels.is_file():
        sources["labels_sha256"] = file_sha256(labels)
    started = save_started(models, rows, out, sources, gains_beside(models, beside))
    if json:
        print_json({**vars(started), "out": str(out)})
        return
    say(f"{started.name} from {len(started.cells)} cells, relatives {', '.join(started.relatives)} → {out}")
    for item in started.figures:
        if item["noise_V"] == 0.0:
            say(
                f"  {item['width_s']:g} s {item['subset']:12} MAPE {item['mape']:.2f} %  "
                f"(mean of the cells {item['trivial_mape']:.2f} %)  half-width {item['half_width']:.1f} pp  "
                f"coverage {item['coverage']:.0f} %"
            )
    say(
        "figures are of cells left out in turn; before it is used: station learn compare, station learn adopt"
    )


def _labels(path: Path | None, data: Path | None) -> Any:
    from station.models.labels import LabelTable, read_labels

    return read_labels(path) if path is not None else LabelTable(data_folder(data)).labels()


def _one_type(rows: Any, wanted: str) -> Any:
    """The rows of the wanted type. Raises UsageError when it is not there, or not said among several."""
    from station.errors import UsageError

    names = sorted(set(rows.types.tolist()))
    if wanted and wanted not in names:
        raise UsageError(
            f"no cell of type {wanted!r}", remedy=f"there are: {', '.join(names)}", code="learn.no_such_type"
        )
    if not wanted and len(names) > 1:
        raise UsageError(
            f"{len(names)} types: {', '.join(names)}", remedy="choose one: --type", code="learn.several_types"
        )
    return rows.where(rows.types == (wanted or names[0]))
