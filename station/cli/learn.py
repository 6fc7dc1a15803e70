"""``station learn``: fit the estimators to a labelled pulse table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from station.cli.options import JsonOption
from station.cli.output import print_json, say


def learn(
    table: Annotated[
        Path, typer.Argument(help="Labelled pulse table (columns as data/pulsebat/pulses.parquet).")
    ],
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder for the model files and the model card.")],
    json: JsonOption = False,
) -> int:
    """Fit the estimators; needs the development extra (scikit-learn)."""
    from station.models.training import learn as fit

    report = fit(table, out)
    if json:
        print_json(report)
    else:
        say(f"models written to {out}")
    return 0
