"""``station stats``: questions to all results together."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from station.cli.options import DataOption, JsonOption, data_folder
from station.cli.output import print_json, say

app = typer.Typer(
    help="Yield, spread, repeatability, and channels that read otherwise.", no_args_is_help=True
)
SinceOption = Annotated[str | None, typer.Option("--since", help="ISO 8601, UTC.")]
UntilOption = Annotated[str | None, typer.Option("--until", help="ISO 8601, UTC, not included.")]


class By(StrEnum):
    """What results are told apart by."""

    MAKER = "maker"
    SOURCE = "source"
    TYPE = "type"
    PROFILE = "profile"
    BENCH = "bench"
    CHANNEL = "channel"
    MONTH = "month"


ByOption = Annotated[By, typer.Option("--by", help="What results are told apart by.")]


@app.command("yield")
def yields(
    by: ByOption = By.MAKER,
    since: SinceOption = None,
    until: UntilOption = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """What came of the tests, and the share that passed with its 90 % interval."""
    from station.archive.questions import yields as ask

    _tell(ask(_facts(data, since, until), by.value), json)


@app.command("spread")
def spread(
    by: ByOption = By.TYPE,
    since: SinceOption = None,
    until: UntilOption = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """How much batteries differ: the newest test of each."""
    from station.archive.questions import spreads

    _tell(spreads(_facts(data, since, until), by.value), json)


@app.command("repeat")
def repeat(
    by: ByOption = By.PROFILE,
    since: SinceOption = None,
    until: UntilOption = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """How well a test repeats: batteries tested twice by one profile within a month."""
    from station.archive.questions import repeatability

    _tell(repeatability(_facts(data, since, until), by.value), json)


@app.command("channels")
def channels(
    since: SinceOption = None,
    until: UntilOption = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Each channel against its peers on alike batteries; those that read otherwise or drift come first."""
    from station.archive.channels import compare_channels

    _tell(compare_channels(_facts(data, since, until)), json)


def _facts(data: Any, since: str | None, until: str | None) -> Any:
    from station.archive.facts import facts_table
    from station.records import open_records

    with open_records(data_folder(data)) as records:
        return facts_table(records, since=since, until=until)


def _tell(rows: list[dict[str, Any]], json: bool) -> None:
    if json:
        print_json({"rows": rows})
        return
    if not rows:
        say("no results to ask")
        return
    names = list(rows[0])
    table = [names, *([_text(row[name]) for name in names] for row in rows)]
    widths = [max(len(line[i]) for line in table) for i in range(len(names))]
    for line in table:
        say("  ".join(word.ljust(width) for word, width in zip(line, widths, strict=True)).rstrip())


def _text(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
