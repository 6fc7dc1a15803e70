"""``station profile approve|withdraw|approvals``: who stands for a profile, which is frozen by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from station.cli.options import DataOption, JsonOption, WhoOption, WhyOption, data_folder
from station.cli.output import print_json, say

if TYPE_CHECKING:
    from pathlib import Path

    from station.service.approvals import Approval


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command("approve")(approve)
    app.command("withdraw")(withdraw)
    app.command("approvals")(approvals)


def approve(
    profile: Annotated[str, typer.Argument(help="Name of a profile, or a YAML file.")],
    who: WhoOption = "",
    why: WhyOption = "",
    version: Annotated[
        int | None, typer.Option("--version", help="Version [default: in use].", min=1)
    ] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Approve what a profile says now: from then on one of this name that says something else is refused."""
    from station.service.profile_shelf import ProfileShelf

    line = ProfileShelf(data_folder(data)).approve(profile, version, who, why)
    _record(data, "profile.approved", line)
    _tell(line, json)


def withdraw(
    name: Annotated[str, typer.Argument(help="Name of the profile.")],
    who: WhoOption = "",
    why: WhyOption = "",
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Withdraw an approval; the profile may be changed again."""
    from station.service.profile_shelf import ProfileShelf

    line = ProfileShelf(data_folder(data)).approvals.withdraw(name, who, why)
    _record(data, "profile.approval_withdrawn", line)
    _tell(line, json)


def approvals(
    name: Annotated[str | None, typer.Argument(help="Of this profile alone.")] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Who approved and withdrew what, oldest first."""
    from station.service.profile_shelf import ProfileShelf

    lines = ProfileShelf(data_folder(data)).approvals.log(name)
    if json:
        print_json({"approvals": [line.as_dict() for line in lines]})
        return
    for line in lines:
        _tell(line, as_json=False)


def _record(data: Path | None, code: str, line: Approval) -> None:
    from station.records import open_records

    with open_records(data_folder(data)) as records:
        records.add_event(
            code,
            {"name": line.name, "version": line.version, "who": line.who, "sha256": line.sha256},
            source="cli",
        )


def _tell(line: Approval, as_json: bool) -> None:
    if as_json:
        print_json(line.as_dict())
        return
    what = f"approved {line.sha256[:12]}" if line.sha256 else "withdrawn"
    version = f" v{line.version}" if line.version else ""
    say(f"{line.t_utc}  {line.name}{version}  {what}  {line.who}: {line.why}")
