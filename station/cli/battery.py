"""``station battery``: codes, what they say, and how vehicle, pack, module and cell belong together."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from station.cli.options import DataOption, JsonOption, WhoOption, WhyOption, data_folder
from station.cli.output import language, print_json, say

app = typer.Typer(help="Identity of batteries: codes, parts, second life.", no_args_is_help=True)
Code = Annotated[str, typer.Argument(help="Code as scanned or typed.")]
Level = Literal["vehicle", "pack", "module", "cell"]
LevelOption = Annotated[
    Level | None, typer.Option("--level", help="What it is, where the code does not say.")
]


@app.command("show")
def show(code: Code, data: DataOption = None, json: JsonOption = False) -> None:
    """What the code says, its other codes, what holds it, what it holds, its tests and corrections."""
    from station.identity import show as told_of
    from station.records import open_records

    with open_records(data_folder(data)) as records:
        told = told_of(records, code)
    if json:
        print_json(told)
        return
    say(f"{told['code']}  {told['kind']}  {told['level'] or 'level not known'}")
    for key, value in told["decoded"].items():
        say(f"  {key:16} {'not known' if value is None else value}")
    for note in told["notes"]:
        say(f"  ! {_sentence(note['code'], note['params'])}")
    if len(told["codes"]) > 1:
        say("codes    " + " → ".join(told["codes"]))
    if told["holders"]:
        say("sits in  " + " → ".join(f"{row['code']} ({row['level'] or '?'})" for row in told["holders"]))
    _tree(told["parts"], 0)
    for run in told["tests"]:
        soh = "" if run["soh"] is None else f"SOH {run['soh']:.1%}"
        say(f"test     {run['run_id']}  {run['verdict'] or '-'}  {run['grade'] or '-'}  {soh}")
    for change in told["changes"]:
        say(
            f"changed  {change['field']}: {change['old']} → {change['new']}  {change['who']}: {change['why']}"
        )
    if not told["on_record"]:
        say("not on record")


@app.command("add")
def add(
    code: Code,
    level: LevelOption = None,
    who: WhoOption = "",
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Put a code on record: GB/T 34014, a VIN, or any text where there is no such code."""
    from station.identity import add as put
    from station.records import open_records

    with open_records(data_folder(data)) as records:
        told = put(records, code, level=level, who=who or _user())
    _done(told, json, f"{told['code']}  {told['kind']}  {told['level'] or 'level not known'}")


@app.command("link")
def link(
    holder: Annotated[str, typer.Argument(help="What holds: vehicle, pack or module.")],
    parts: Annotated[list[str], typer.Argument(help="What sits in it.")],
    holder_level: Annotated[Level | None, typer.Option("--holder-level")] = None,
    part_level: Annotated[Level | None, typer.Option("--part-level")] = None,
    move: Annotated[bool, typer.Option("--move", help="It has been moved here from elsewhere.")] = False,
    who: WhoOption = "",
    why: WhyOption = "",
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Say which parts sit in what: vehicle → pack → module → cell."""
    from station.identity import link as join
    from station.records import open_records

    with open_records(data_folder(data)) as records:
        rows = [
            join(
                records, holder, part, who=who, why=why, move=move,
                parent_level=holder_level, child_level=part_level,
            )
            for part in parts
        ]  # fmt: skip
    _done({"links": rows}, json, "\n".join(f"{row['parent']} holds {row['child']}" for row in rows))


@app.command("unlink")
def unlink(
    part: Code, who: WhoOption = "", why: WhyOption = "", data: DataOption = None, json: JsonOption = False
) -> None:
    """Say that a part has been taken out; that it was there stays on record."""
    from station.identity import unlink as take
    from station.records import open_records

    with open_records(data_folder(data)) as records:
        row = take(records, part, who=who, why=why)
    _done(row, json, f"{row['child']} is out of {row['parent']}")


@app.command("recode")
def recode(
    old: Annotated[str, typer.Argument(help="Code so far.")],
    new: Annotated[str, typer.Argument(help="Code of the product of its second life.")],
    who: WhoOption = "",
    why: WhyOption = "",
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Give a new code for a second life; the old one is kept, and either finds the whole history."""
    from station.identity import recode as give
    from station.records import open_records

    with open_records(data_folder(data)) as records:
        row = give(records, old, new, who=who, why=why)
    _done(row, json, f"{row['parent']} → {row['child']}")


@app.command("correct")
def correct(
    code: Code,
    field: Annotated[str, typer.Argument(help="level, chemistry, nominal_capacity_Ah, maker or made_on.")],
    value: Annotated[str, typer.Argument(help="The right value.")],
    who: WhoOption = "",
    why: WhyOption = "",
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Correct a field of a battery; the old value is kept with who, when and why."""
    from station.identity import describe
    from station.records import open_records

    new: Any = value
    if field == "nominal_capacity_Ah":
        new = _capacity(value)
    with open_records(data_folder(data)) as records:
        row = records.correct("battery", describe(code).code, field, new, who=who, why=why)
    _done(row, json, f"{row['key']} {field}: {row['old']} → {row['new']}")


@app.command("conflicts")
def conflicts(data: DataOption = None, json: JsonOption = False) -> None:
    """Codes that cannot all be true, and codes that are probably one and the same."""
    from dataclasses import asdict
    from datetime import UTC, datetime

    from station.identity import find_conflicts
    from station.records import open_records

    with open_records(data_folder(data)) as records:
        found = find_conflicts(
            records.identities(), records.links(), records.batteries(), records.list_runs(limit=1_000_000),
            datetime.now(UTC).date(),
        )  # fmt: skip
    _done(
        {"conflicts": [asdict(one) for one in found]},
        json,
        "\n".join(f"{', '.join(one.batteries)}: {_sentence(one.code, one.params)}" for one in found)
        or "none",
    )


def _tree(parts: list[dict[str, Any]], depth: int) -> None:
    for part in parts:
        say(f"holds    {'  ' * depth}{part['code']} ({part['level'] or '?'})")
        _tree(part["parts"], depth + 1)


def _capacity(text: str) -> float:
    from station.errors import UsageError

    try:
        value = float(text)
        if not 0 < value < 10_000:
            raise ValueError("out of range")
    except ValueError as error:
        raise UsageError(
            f"{text!r} is no capacity in Ah", remedy="give a number above 0", code="usage.request"
        ) from error
    return value


def _sentence(code: str, params: dict[str, Any]) -> str:
    from station.messages import say as translate

    return translate(code, params, language()).text


def _user() -> str:
    import getpass

    return getpass.getuser()


def _done(told: dict[str, Any], json: bool, text: str) -> None:
    if json:
        print_json(told)
    else:
        say(text)
