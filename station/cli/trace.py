"""``station trace``: what traceability platforms are told, in time."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from station.cli.options import DataOption, JsonOption, data_folder
from station.cli.output import language, print_json, say

app = typer.Typer(help="Messages to traceability platforms: queue, files, deadlines.", no_args_is_help=True)
TemplateArgument = Annotated[str, typer.Argument(help="Template, as listed by: station trace templates.")]
WhoOption = Annotated[str, typer.Option("--who", help="Who does it [default: the user].")]


@app.command("list")
def list_items(
    everything: Annotated[bool, typer.Option("--all", help="Confirmed ones, too.")] = False,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """What is not confirmed yet, the most urgent first, with the last day of each."""
    from station.exports.trace import queue
    from station.records import open_records

    with open_records(data_folder(data)) as records:
        rows = queue(records, datetime.now().astimezone().date(), all_states=everything)
    if json:
        print_json({"items": rows})
        return
    if not rows:
        say("nothing waits")
        return
    say(f"{'':8} {'last day':10} {'left':>7} {'template':20} {'state':10} what, batch")
    for row in rows:
        left = "" if row["days_left"] is None else f"{row['days_left']} d"
        say(
            f"{row['urgency']:8} {row['due_on'] or '-':10} {left:>7} {row['template']:20} {row['state']:10} "
            f"{row['subject']}  {row['batch'] or ''}".rstrip()
        )


@app.command("templates")
def list_templates(data: DataOption = None, json: JsonOption = False) -> None:
    """The templates with their columns, deadlines, and how sure they are."""
    from station.exports.template import in_language
    from station.exports.trace import template_rows

    rows = template_rows(data_folder(data))
    if json:
        print_json({"templates": rows})
        return
    for row in rows:
        due = f"{row['deadline']['working_days']} working days" if row["deadline"] else "no deadline"
        say(f"{row['name']:20} {row['title'].get(language(), row['name'])}  {due}")
        say(f"  {in_language(row, 'evidence', language())}")
        say(
            "  "
            + ", ".join(column["name"] + ("*" if column["required"] else "") for column in row["columns"])
        )


@app.command("add")
def add(
    template: TemplateArgument,
    battery: Annotated[str | None, typer.Option("--battery", help="Its code.")] = None,
    run_id: Annotated[str | None, typer.Option("--run", help="Test it tells of.")] = None,
    on: Annotated[
        str | None, typer.Option("--on", help="Day it happened, as 2026-11-28 [default: today].")
    ] = None,
    given: Annotated[
        list[str] | None, typer.Option("--set", help="NAME=VALUE of a field 'given.NAME'.")
    ] = None,
    who: WhoOption = "",
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Queue one message; what it must hold and nobody knows is refused."""
    from station.exports.trace import add as put
    from station.records import open_records

    with open_records(data_folder(data)) as records:
        item, new = put(
            records, template, battery,
            run_id=run_id, happened_on=_day(on), given=_pairs(given or []), by=who or _user(),
        )  # fmt: skip
    _done(
        {**item, "new": new},
        json,
        f"{item['subject']} {'queued' if new else 'was queued'}, due {item['due_on'] or '-'}",
    )


@app.command("collect")
def collect(
    simulated: Annotated[
        bool, typer.Option("--simulated", help="Those of simulated batteries, too.")
    ] = False,
    who: WhoOption = "",
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Queue every completed test that is not queued yet."""
    from station.exports.trace import collect as gather
    from station.records import open_records

    with open_records(data_folder(data)) as records:
        told = gather(records, by=who or _user(), simulated=simulated)
    _done(told, json, f"{told['queued']} queued, {told['there']} were, {told['incomplete']} lack something")


@app.command("export")
def export(
    template: TemplateArgument,
    kind: Annotated[Literal["csv", "xlsx", "json"], typer.Option("--format")] = "xlsx",
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder to write into.")] = Path(),
    who: WhoOption = "",
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Write all that waits into one file; a batch that was cut off is written again, under its own name."""
    from station.exports.trace import export as write
    from station.records import open_records

    with suppress(OSError):  # what follows says what is wrong
        output.mkdir(parents=True, exist_ok=True)
    with open_records(data_folder(data)) as records:
        told = write(records, template, output, kind, by=who or _user())
    _done({"batch": told}, json, f"{told['file']}: {told['count']} items" if told else "nothing waits")


@app.command("confirm")
def confirm(
    batch: Annotated[str, typer.Argument(help="Batch, as listed.")],
    receipt: Annotated[str, typer.Option("--receipt", help="What the platform answered.")],
    refused: Annotated[bool, typer.Option("--refused", help="It refused: the items wait again.")] = False,
    who: WhoOption = "",
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Note the platform's answer to a batch."""
    from station.records import open_records

    with open_records(data_folder(data)) as records:
        count = records.answer_batch(batch, taken=not refused, receipt=receipt, by=who or _user())
    _done(
        {"batch": batch, "count": count},
        json,
        f"{batch}: {count} items {'refused' if refused else 'confirmed'}",
    )


def _day(text: str | None) -> date | None:
    from station.errors import UsageError

    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"{text!r} is no day", remedy="write it as 2026-11-28", code="trace.day", day=text
        ) from error


def _pairs(texts: list[str]) -> dict[str, str]:
    from station.errors import UsageError

    pairs = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise UsageError(f"{text!r} sets nothing", remedy="write NAME=VALUE", code="usage.request")
        pairs[name] = value
    return pairs


def _user() -> str:
    import getpass

    return getpass.getuser()


def _done(told: dict[str, Any], json: bool, text: str) -> None:
    if json:
        print_json(told)
    else:
        say(text)
