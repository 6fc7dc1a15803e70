"""``station learn``: fit the estimators to a labelled pulse table, and everything about learning on site."""

from __future__ import annotations

import json as jsonlib
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
    simulate_policy: Annotated[
        bool,
        typer.Option(
            "--simulate-policy",
            help="Fit no models: replay fixed and adaptive tests on unseen cells, write policy.json.",
        ),
    ] = False,
    gains_only: Annotated[
        bool,
        typer.Option(
            "--gains-only", help="Learn only the gains of an adaptive test, beside the model files."
        ),
    ] = False,
    seed: Annotated[int, typer.Option("--seed", help="Draws the SOC that replays start from.")] = 1,
    cache: Annotated[
        Path | None, typer.Option("--cache", help="Folder for predictions, to go on after a break.")
    ] = None,
    json: JsonOption = False,
) -> int:
    """Fit the estimators of all types; needs the development extra (scikit-learn)."""
    if simulate_policy:
        return _simulate(table, out, seed, cache, json)
    if gains_only:
        return _gains(table, out, cache)
    from station.models.training import learn

    report = learn(table, out)
    if json:
        print_json(report)
    else:
        say(f"models written to {out}")
    return 0


def _simulate(table: Path, out: Path, seed: int, cache: Path | None, json: bool) -> int:
    from station.models.training.learn import SEED
    from station.models.training.simulate import simulate_policy, table_text

    report: dict[str, Any] = simulate_policy(table, seed, SEED, cache)
    out.mkdir(parents=True, exist_ok=True)
    file = out / "policy.json"
    file.write_text(jsonlib.dumps(report, indent=1) + "\n", encoding="utf-8")
    if json:
        print_json(report)
    else:
        say(table_text(report))
        say(f"written: {file}")
    return 0


def _gains(table: Path, out: Path, cache: Path | None) -> int:
    from station.models.store import load_models
    from station.models.training.gains import write_gains
    from station.models.training.table import read_labelled

    write_gains(read_labelled(table), load_models(out), out, cache)
    say(f"gains written to {out}")
    return 0


app.command("label")(learn_labels.label)
app.command("labels")(learn_labels.labels)
app.command("pulses")(learn_labels.pulses)
app.command("propose")(learn_type.propose)
app.command("start-type")(learn_type.start_type)
app.command("compare")(learn_adopt.compare)
app.command("adopt")(learn_adopt.adopt)
