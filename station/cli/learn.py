"""``station learn``: fit the estimators to a labelled pulse table, and everything about learning on site."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from station.cli import learn_adopt, learn_labels, learn_type
from station.cli.options import JsonOption
from station.cli.output import print_json, say


class _TableOrCommand(TyperGroup):
    """``station learn TABLE -o OUT`` means ``station learn fit TABLE -o OUT``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the command's name before anything that is neither a command nor a request for help."""
        if args and args[0] not in self.commands and args[0] != "--help":
            args = ["fit", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_TableOrCommand,
    help="Fit the estimators to a labelled pulse table (station learn TABLE -o OUT), and learn on site.",
    no_args_is_help=True,
)


@app.command("fit")
def fit(
    table: Annotated[
        Path, typer.Argument(help="Labelled pulse table (columns as data/pulsebat/pulses.parquet).")
    ],
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder for the model files and the model card.")],
    json: JsonOption = False,
) -> int:
    """Fit the estimators of all types; needs the development extra (scikit-learn)."""
    from station.models.training import learn

    report = learn(table, out)
    if json:
        print_json(report)
    else:
        say(f"models written to {out}")
    return 0


app.command("label")(learn_labels.label)
app.command("labels")(learn_labels.labels)
app.command("pulses")(learn_labels.pulses)
app.command("propose")(learn_type.propose)
app.command("start-type")(learn_type.start_type)
app.command("compare")(learn_adopt.compare)
app.command("adopt")(learn_adopt.adopt)
