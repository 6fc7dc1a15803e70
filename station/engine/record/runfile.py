"""From a journal to the run file: Parquet with the column names of the Battery Data Format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from station.engine.record.journal_reader import Journal, read_journal
from station.errors import DataError

if TYPE_CHECKING:
    import numpy as np

    from station.rawfiles import Recording


def finalise(run_dir: Path) -> Path:
    """Write ``run.parquet`` beside ``journal.jsonl`` and return its path.

    Works for a run that was cut short as well. Raises DataError when the journal cannot be read,
    holds no sample, or the file cannot be written.
    """
    import numpy as np

    from station.rawfiles import write_run_parquet

    journal = read_journal(run_dir / "journal.jsonl")
    if not journal.samples:
        raise DataError(
            f"{journal.path}: holds no sample",
            remedy="the run ended before anything was measured; its journal says why",
            code="data.no_samples",
            file=str(journal.path),
        )
    count = len(journal.samples)
    columns: dict[str, np.ndarray[Any, np.dtype[Any]]] = {
        "Test Time / s": journal.column("t_s"),
        "Unix Time / s": journal.column("unix_s"),
        "Voltage / V": journal.column("voltage_V"),
        "Current / A": journal.column("current_A"),
        "Step Count / 1": journal.column("segment") + 1,
        "Cycle Count / 1": np.ones(count, dtype=np.int64),
        "Record Index / 1": np.arange(1, count + 1, dtype=np.int64),
        "Surface Temperature / degC": journal.column("surface_degC"),
        "Ambient Temperature / degC": journal.column("ambient_degC"),
        "Commanded Current / A": journal.column("command_A"),
        "Terminals Voltage / V": journal.column("terminals_V"),
    }
    path = run_dir / "run.parquet"
    try:
        write_run_parquet(path, columns, _metadata(journal))
    except OSError as error:
        raise DataError(
            f"{path}: cannot be written: {error.strerror or error}",
            remedy="free disk space and check rights",
            code="data.run_write",
            file=str(path),
        ) from error
    return path


def recording_of(journal: Journal) -> Recording:
    """The journal as its run file would be read, without writing one: a run may still be going on."""
    from station.rawfiles import RUN_FORMAT, Recording, SampleTable

    metadata = json.loads(json.dumps(_metadata(journal)))  # as it would come out of a file
    return Recording(
        samples=SampleTable(
            journal.column("t_s"),
            journal.column("current_A"),
            journal.column("voltage_V"),
            journal.column("surface_degC"),
            journal.column("segment") + 1,
        ),
        steps=None,
        source=str(journal.path),
        format=RUN_FORMAT,
        nominal_capacity_Ah=metadata["nominal_capacity_Ah"],
        metadata=metadata,
    )


def _metadata(journal: Journal) -> dict[str, Any]:
    header = {key: value for key, value in journal.header.items() if key not in ("k", "format")}
    return {
        **header,
        "nominal_capacity_Ah": header.get("battery", {}).get("nominal_capacity_Ah"),
        "edges": [{key: value for key, value in edge.items() if key != "k"} for edge in journal.edges],
        "events": [{key: value for key, value in event.items() if key != "k"} for event in journal.events],
        "balancing": any((row.get("balancing_active") or 0) > 0 for row in journal.bms),
        "cells": [
            [row["t"], row["voltages_V"], *([row["at"]] if "at" in row else [])] for row in journal.cells
        ],
        "void": [[row["from_s"], row["to_s"]] for row in journal.voids],
        "gaps": [{key: value for key, value in gap.items() if key != "k"} for gap in journal.gaps],
        "rounds": [{key: value for key, value in row.items() if key != "k"} for row in journal.rounds],
        "totals": {key: value for key, value in journal.totals[-1].items() if key not in ("k", "t")}
        if journal.totals
        else None,
        "end": journal.end,
        "torn": journal.torn,
    }
