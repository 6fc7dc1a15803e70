"""``station rules``: check and show rule sets and price tables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from station.cli.options import JsonOption
from station.cli.output import print_json, say

app = typer.Typer(help="Rule sets and price tables of decisions.", no_args_is_help=True)
RulesFile = Annotated[Path | None, typer.Argument(help="Rule set [default: the one that ships].")]


@app.command("check")
def check(file: RulesFile = None, json: JsonOption = False) -> None:
    """Check a rule set; a wrong one is told with file, line, field and remedy."""
    from station.models.rulebook import load_rules
    from station.models.rulebook.shelf import describe

    report = describe(load_rules(file))
    if json:
        print_json(report)
        return
    for key, value in report.items():
        say(f"{key:10} {', '.join(map(str, value)) if isinstance(value, list) else value}")


@app.command("prices")
def prices(
    file: Annotated[str, typer.Argument(help="Price table, or `example`.")], json: JsonOption = False
) -> None:
    """Check a price table."""
    from station.models.rulebook import load_prices
    from station.models.rulebook.shelf import describe

    report = describe(load_prices(file))
    if json:
        print_json(report)
        return
    for key, value in report.items():
        say(f"{key:13} {', '.join(map(str, value)) if isinstance(value, list) else value}")


@app.command("show")
def show(what: Annotated[Literal["default", "example-prices"], typer.Argument()] = "default") -> None:
    """Print a file that ships, as a start for your own."""
    from station.models.rulebook import DEFAULT_RULES, EXAMPLE_PRICES

    path = {"default": DEFAULT_RULES, "example-prices": EXAMPLE_PRICES}[what]
    say(path.read_text(encoding="utf-8").rstrip())


@app.command("schema")
def schema(what: Annotated[Literal["rules", "prices", "facts"], typer.Argument()] = "rules") -> None:
    """The JSON Schema of rule sets, price tables or known facts, for editors."""
    from pydantic import BaseModel

    from station.diagnosis.decision import PriceTable, RuleSet
    from station.models.rulebook import KnownFacts

    kinds: dict[str, type[BaseModel]] = {"rules": RuleSet, "prices": PriceTable, "facts": KnownFacts}
    print_json(kinds[what].model_json_schema())
