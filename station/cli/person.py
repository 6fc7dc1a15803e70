"""``station person``: who may log in. The first administrator is made here; there is no default password."""

from __future__ import annotations

import getpass
import sys
from typing import Annotated, Any

import typer

from station.cli.options import DataOption, JsonOption, data_folder
from station.cli.output import print_json, say
from station.errors import UsageError

app = typer.Typer(help="People who may log in at the station.", no_args_is_help=True)

NameArgument = Annotated[str, typer.Argument(help="Name as it stands on the page.")]
StdinOption = Annotated[
    bool, typer.Option("--stdin", help="Read the PIN, or the badge, from one line of stdin.")
]


@app.command("add")
def add(
    name: NameArgument,
    role: Annotated[str, typer.Option("--role", help="operator, engineer or admin.")] = "operator",
    badge: Annotated[bool, typer.Option("--badge", help="A badge instead of a PIN: scan it.")] = False,
    stdin: StdinOption = False,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Put somebody on record. PIN and badge are asked for, never an argument that others can see."""
    from station.records import open_records
    from station.service.persons import add_person

    secret = _secret(badge, stdin)
    by = _who()
    with open_records(data_folder(data)) as records:
        row = add_person(records, by, name, role, None if badge else secret, secret if badge else None)
        records.add_event("person.added", {"who": by, "name": row["name"], "role": role}, source="cli")
    _told(row, json)


@app.command("list")
def list_persons(data: DataOption = None, json: JsonOption = False) -> None:
    """Everybody on record."""
    from station.records import open_records

    with open_records(data_folder(data)) as records:
        rows = records.persons()
    if json:
        print_json({"persons": rows})
        return
    for row in rows:
        _told(row, False)


@app.command("set")
def change(
    name: NameArgument,
    role: Annotated[str | None, typer.Option("--role", help="operator, engineer or admin.")] = None,
    active: Annotated[bool | None, typer.Option("--active/--inactive", help="May log in or not.")] = None,
    pin: Annotated[bool, typer.Option("--pin", help="Ask for a new PIN.")] = False,
    badge: Annotated[bool, typer.Option("--badge", help="Ask for a new badge.")] = False,
    stdin: StdinOption = False,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Change somebody. A running service ends a session only for changes made in its window."""
    from station.records import open_records
    from station.service.persons import change_person

    wanted: dict[str, Any] = {}
    if role is not None:
        wanted["role"] = role
    if active is not None:
        wanted["active"] = active
    if pin or badge:
        wanted["badge" if badge else "pin"] = _secret(badge, stdin)
    by = _who()
    with open_records(data_folder(data)) as records:
        row = next((row for row in records.persons() if row["name"] == name), None)
        if row is None:
            raise UsageError(
                f"there is no person {name!r} on record",
                remedy="station person list",
                code="person.unknown",
                person=name,
            )
        row = change_person(records, by, row["id"], wanted)
        records.add_event("person.changed", {"who": by, "name": name, "fields": sorted(wanted)}, source="cli")
    _told(row, json)


def _secret(badge: bool, stdin: bool) -> str:
    if stdin:
        return sys.stdin.readline().rstrip("\r\n")
    asked: str = typer.prompt("Badge" if badge else "PIN", hide_input=True, confirmation_prompt=not badge)
    return asked


def _who() -> str:
    try:
        return f"{getpass.getuser()[:50]} (command line)"
    except (OSError, KeyError, ImportError):  # no such user on this system
        return "command line"


def _told(row: dict[str, Any], json: bool) -> None:
    if json:
        print_json(row)
        return
    keys = " + ".join(word for word in ("pin", "badge") if row[word]) or "-"
    say(
        f"{row['id']:4} {row['name']:24} {row['role']:9} {'active' if row['active'] else 'inactive':9} {keys}"
    )
