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
    from station.diagnosis.decision import fingerprint, plain
    from station.models.rulebook import load_rules

    rules = load_rules(file)
    report = {
        "name": rules.name,
        "version": rules.version,
        "sha256": fingerprint(plain(rules)),
        "grades": {grade.grade: grade.soh_min.value for grade in rules.grades},
        "uses": [use.use for use in rules.uses if use.blocked is None],
        "blocked": [use.use for use in rules.uses if use.blocked is not None],
        "findings": [rule.finding for rule in rules.safety],
    }
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
    from station.diagnosis.decision import fingerprint, plain
    from station.models.rulebook import load_prices

    table = load_prices(file)
    report = {
        "name": table.name,
        "version": table.version,
        "sha256": fingerprint(plain(table)),
        "example": table.example,
        "dated": table.dated,
        "max_age_days": table.max_age_days,
        "currency": table.currency,
        "reuse": [price.use for price in table.reuse],
        "recycling": [route.route for route in table.recycling],
    }
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
