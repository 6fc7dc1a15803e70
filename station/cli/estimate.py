"""``station estimate``: a pulse table in, one row per pulse block out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from station.cli.options import JsonOption, judge_with_adopted_models
from station.cli.output import print_json, say


def estimate(
    table: Annotated[Path, typer.Argument(help="Pulse table, .parquet or .csv, with columns U1 … U41.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Where to write: .csv, .parquet or .json.")],
    json: JsonOption = False,
) -> int:
    """Estimate SOH with a 90 % interval and chemistry for every row of a pulse table."""
    from station.models.estimate import estimate_table

    judge_with_adopted_models()

    summary = estimate_table(table, out)
    report = {"table": str(table), "out": str(out), "rows": summary.rows, "abstained": summary.abstained}
    if json:
        print_json(report)
    else:
        say(f"{summary.rows} rows, {summary.abstained} without an estimate → {out}")
    return 0
