"""``station verify``, ``station sign``, ``station key``: proof that needs no database, and the key behind
it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from station.cli.options import DataOption, JsonOption, data_folder
from station.cli.output import print_json, say

if TYPE_CHECKING:
    from station.evidence import Verified

key_app = typer.Typer(help="The key with which this station signs.", no_args_is_help=True)
TrustOption = Annotated[
    list[Path] | None,
    typer.Option("--key", help="Public key (PEM) that is believed, beside the station's own."),
]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("verify")(verify)
    app.command("sign")(sign)
    app.add_typer(key_app, name="key")


def verify(
    files: Annotated[
        list[Path],
        typer.Argument(help="Signed results, folders of runs or files in them, exports of events."),
    ],
    key: TrustOption = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Check signed documents, offline: any changed byte is found. No database is needed.

    Ends with 6 as well where all is as signed, but by a key that is not known here.
    """
    from station.errors import ExitCode
    from station.evidence import read_public_key, trusted_keys
    from station.evidence import verify as check
    from station.evidence.keys import key_id_of

    trusted = trusted_keys(data_folder(data))
    for path in key or []:
        raw = read_public_key(path)
        trusted[key_id_of(raw)] = raw
    found = [check(path, trusted) for path in files]
    if json:
        print_json({"verified": [one.as_dict() for one in found]})
    else:
        for one in found:
            _tell(one)
    if not all(one.trusted for one in found):
        raise typer.Exit(ExitCode.DATA)


def _tell(one: Verified) -> None:
    unknown = "NOT KNOWN HERE: ask the station for its public key, give it with --key"
    whose = "trusted" if one.trusted else unknown
    say(f"{one.file}: signed {one.made_utc} by {one.key_id} ({whose}); {one.kind}, {one.checked} checked")
    if one.unsigned:
        say(f"  not signed, not checked: {', '.join(one.unsigned)}")


def sign(
    run_id: Annotated[str, typer.Argument(help="Run on record without a signed result.")],
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Sign the result of a run that could not be signed when it ended, or was made before there was a key."""
    from station.errors import UsageError
    from station.evidence import sign_run, station_key
    from station.records import open_records

    folder = data_folder(data)
    with open_records(folder) as records:
        row = records.show_run(run_id)
        if row["result"] is None:
            raise UsageError(
                f"run {run_id} has no result",
                remedy="only results are signed",
                code="evidence.no_result",
                run_id=run_id,
            )
        if any(file["kind"] == "signed" for file in row["files"]):
            raise UsageError(
                f"run {run_id} is signed already",
                remedy="see: station verify",
                code="evidence.signed_already",
                run_id=run_id,
            )
        key = station_key(folder)
        path = sign_run(folder / "runs" / run_id, row["result"], records.newest_event(), key)
        records.add_file(run_id, path, "signed")
        records.add_event(
            "evidence.signed_later", {"run_id": run_id, "key_id": key.key_id}, run_id=run_id, source="cli"
        )
    if json:
        print_json({"file": str(path), "key_id": key.key_id})
    else:
        say(str(path))


@key_app.command("show")
def show(data: DataOption = None, json: JsonOption = False) -> None:
    """Who this station is, and whom it believes. The key is made when there is none yet."""
    from station.evidence import station_key, trusted_keys

    key = station_key(data_folder(data))
    trusted = sorted(trusted_keys(data_folder(data)))
    if json:
        print_json({"key_id": key.key_id, "public_key": key.public_raw.hex(), "trusted": trusted})
    else:
        say(f"station {key.key_id}; believed: {', '.join(trusted)}")


@key_app.command("export")
def export(
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write here [default: stdout].")
    ] = None,
    data: DataOption = None,
) -> None:
    """The public key as PEM, for those who check this station's documents."""
    from station.evidence import station_key
    from station.records.files import write_whole

    pem = station_key(data_folder(data)).public_pem
    if output is None:
        say(pem.decode().rstrip())
    else:
        write_whole(output, pem)
        say(str(output))
