"""``station rules``: check, show, try and install rule sets and price tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from station.cli.options import DataOption, JsonOption, WhoOption, WhyOption, data_folder
from station.cli.output import print_json, say

if TYPE_CHECKING:
    from station.models.rulebook import RuleShelf
    from station.versions import Version

app = typer.Typer(help="Rule sets and price tables of decisions.", no_args_is_help=True)
RulesFile = Annotated[Path | None, typer.Argument(help="Rule set [default: the one that ships].")]
KindArgument = Annotated[Literal["rules", "prices"], typer.Argument()]
FileArgument = Annotated[Path, typer.Argument(help="YAML file.")]


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


@app.command("versions")
def versions(data: DataOption = None, json: JsonOption = False) -> None:
    """Which rule sets and price tables were installed, and what is in use."""
    shelf = _shelf(data)
    log = [line.as_dict() for line in shelf.kept.log()]
    in_use = {kind: line.number if (line := shelf.kept.in_use(kind)) else 0 for kind in ("rules", "prices")}
    if json:
        print_json({"in_use": in_use, "versions": log})
        return
    for row in log:
        say(f"{row['name']:7} v{row['number']:<4} {row['t_utc']}  {row['who']}: {row['why']}")
    for kind, number in in_use.items():
        say(f"in use: {kind} {f'v{number}' if number else 'as shipped' if kind == 'rules' else 'none'}")


@app.command("diff")
def diff(
    kind: KindArgument,
    file: FileArgument,
    version: Annotated[
        int | None, typer.Option("--version", help="Version [default: in use]; 0 ships.", min=0)
    ] = None,
    data: DataOption = None,
) -> None:
    """What a file changes against a version."""
    for line in _shelf(data).diff(kind, _text_of(file), version):
        say(line)


@app.command("try")
def attempt(
    rules: Annotated[Path | None, typer.Option("--rules", help="Rule set [default: in use].")] = None,
    prices: Annotated[Path | None, typer.Option("--prices", help="Price table [default: in use].")] = None,
    runs: Annotated[int, typer.Option("--runs", help="How many of the newest results.", min=1)] = 50,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """What the last results would be by other rules or prices; nothing is written."""
    from station.models.rulebook.shelf import read_prices, read_rules
    from station.records import open_records
    from station.reports.try_rules import try_rules

    shelf = _shelf(data)
    with open_records(data_folder(data)) as records:
        found = try_rules(
            records.newest_results(runs),
            shelf.rules() if rules is None else read_rules(_text_of(rules), str(rules)),
            shelf.prices() if prices is None else read_prices(_text_of(prices), str(prices)),
        )
    changed = [row for row in found if row["changes"]]
    if json:
        print_json({"runs": found, "changed": len(changed)})
        return
    for row in changed:
        before, after = row["before"], row["after"]
        say(
            f"{row['run_id']:32} {row['battery']:26} {before['verdict']} {before['grade'] or ''} → "
            f"{after['verdict']} {after['grade'] or ''}  ({', '.join(row['changes'])})"
        )
    say(f"{len(changed)} of {len(found)} results would change")


@app.command("install")
def install(
    kind: KindArgument,
    file: FileArgument,
    who: WhoOption = "",
    why: WhyOption = "",
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Decide by this file from now on; what was in use stays kept."""
    _told(_shelf(data).install(kind, _text_of(file), who, why), data, json)


@app.command("use")
def use(
    kind: KindArgument,
    version: Annotated[int, typer.Argument(help="0 is what ships.", min=0)],
    who: WhoOption = "",
    why: WhyOption = "",
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Decide by an earlier version again."""
    _told(_shelf(data).use(kind, version, who, why), data, json)


def _told(version: Version, data: Path | None, json: bool) -> None:
    from station.records import open_records

    params = {"version": version.number, "who": version.who, "sha256": version.sha256}
    with open_records(data_folder(data)) as records:
        records.add_event(
            "rules.in_use" if version.name == "rules" else "prices.in_use", params, source="cli"
        )
    if json:
        print_json(version.as_dict())
    else:
        say(f"in use: {version.name} v{version.number}")


def _shelf(data: Path | None) -> RuleShelf:
    from station.models.rulebook import RuleShelf

    return RuleShelf(data_folder(data) / "rules")


def _text_of(path: Path) -> str:
    from station.errors import DataError

    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"{path} cannot be read: {error}", remedy="check the path", code="data.rules", file=str(path)
        ) from error


@app.command("schema")
def schema(what: Annotated[Literal["rules", "prices", "facts"], typer.Argument()] = "rules") -> None:
    """The JSON Schema of rule sets, price tables or known facts, for editors."""
    from pydantic import BaseModel

    from station.diagnosis.decision import PriceTable, RuleSet
    from station.models.rulebook import KnownFacts

    kinds: dict[str, type[BaseModel]] = {"rules": RuleSet, "prices": PriceTable, "facts": KnownFacts}
    print_json(kinds[what].model_json_schema())
