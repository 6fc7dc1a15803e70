"""``station profile explain|diff|hash``: what a profile says, in words, against another, and as a number."""

from __future__ import annotations

from typing import Annotated

import typer

from station.cli.options import DataOption, JsonOption, data_folder
from station.cli.output import language, print_json, say

ProfileArgument = Annotated[str, typer.Argument(help="Name of a profile, or a YAML file.")]
VersionOption = Annotated[int | None, typer.Option("--version", help="Version [default: in use].", min=1)]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command("explain")(explain)
    app.command("diff")(diff)
    app.command("hash")(hash_of)


def explain(
    profile: ProfileArgument,
    lang: Annotated[str, typer.Option("--lang", help="zh or en [default: STATION_LANG].")] = "",
    nominal_capacity: Annotated[
        float | None, typer.Option("--nominal-capacity", help="Ah; also tells amps and Ah.", min=0)
    ] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """What a profile does, in plain words."""
    from profiles.explaining import explain as lines_of
    from station.service.profile_shelf import ProfileShelf

    chosen = "zh" if (lang or language()) == "zh" else "en"
    found = ProfileShelf(data_folder(data)).read(profile)
    lines = lines_of(found, "zh" if chosen == "zh" else "en", nominal_capacity_Ah=nominal_capacity or None)
    if json:
        rows = [{"place": line.place, "depth": line.depth, "text": line.text} for line in lines]
        print_json({"name": found.name, "lang": chosen, "lines": rows})
        return
    for line in lines:
        say(str(line))


def diff(
    before: Annotated[str, typer.Argument(help="A profile, or a YAML file.")],
    after: Annotated[str, typer.Argument(help="The other one.")],
    version: Annotated[
        int | None, typer.Option("--version", help="Version of the first [default: in use].", min=1)
    ] = None,
    text: Annotated[bool, typer.Option("--text", help="Line by line, as the files stand.")] = False,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """What the second says differently from the first, step by step."""
    from profiles.difference import differences
    from station.service.profile_shelf import ProfileShelf

    shelf = ProfileShelf(data_folder(data))
    if text:
        for row in shelf.text_diff(before, version, after):
            say(row)
        return
    changes = differences(shelf.read(before, version), shelf.read(after))
    if json:
        print_json({"same": not changes, "changes": [change.as_dict() for change in changes]})
        return
    for change in changes:
        say(str(change))
    if not changes:
        say("both say the same")


def hash_of(
    profile: ProfileArgument,
    version: VersionOption = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """The canonical hash: the same for YAML, JSON and Python, whatever the comments and the order."""
    from profiles.hashing import profile_hash
    from station.service.profile_shelf import ProfileShelf

    shelf = ProfileShelf(data_folder(data))
    found = shelf.read(profile, version)
    standing = shelf.approvals.of(found.name)
    told = {"name": found.name, "hash": profile_hash(found)}
    if json:
        approved = standing is not None and standing.sha256 == told["hash"]
        print_json({**told, "approved": approved})
        return
    say(f"{told['hash']}  {told['name']}")
