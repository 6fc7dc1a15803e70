"""``station profile import|export``: profiles from and to the formats of other tools."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from station.cli.options import DataOption, JsonOption, data_folder
from station.cli.output import note, print_json, say

CapacityOption = Annotated[
    float | None, typer.Option("--nominal-capacity", help="Ah, of one series group.", min=0)
]
SeriesOption = Annotated[int, typer.Option("--series", help="Cells in series.", min=1, max=400)]
FormatOption = Annotated[
    str, typer.Option("--format", help="unicycler, pybamm; export also neware, arbin, maccor.")
]
OutOption = Annotated[Path | None, typer.Option("-o", "--output", help="File to write [default: stdout].")]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command("import")(import_file)
    app.command("export")(export)


def import_file(
    file: Annotated[Path, typer.Argument(help="An aurora-unicycler protocol, or PyBaMM experiment strings.")],
    format: FormatOption = "unicycler",
    name: Annotated[str, typer.Option("--name", help="Name of the profile.")] = "",
    nominal_capacity: CapacityOption = None,
    series: SeriesOption = 1,
    current_max_C: Annotated[
        float | None,
        typer.Option(
            "--current-max-C", help="The most where a held voltage or power says no current.", min=0
        ),
    ] = None,
    output: OutOption = None,
    json: JsonOption = False,
) -> None:
    """Make a profile of another tool's protocol; what cannot be said is refused by step."""
    from profiles import to_yaml
    from station.exchange import IMPORTS, import_profile

    _known(format, IMPORTS)
    found = import_profile(
        _text(file),
        format,
        name=name,
        series_cells=series,
        nominal_capacity_Ah=nominal_capacity or None,
        current_max_C=current_max_C or None,
    )
    text = to_yaml(found.profile)
    if json:
        _write(text, output, quiet=True)
        print_json({"name": found.profile.name, "notes": list(found.notes), "text": text})
        return
    _write(text, output)
    for line in found.notes:
        note(line)


def export(
    profile: Annotated[str, typer.Argument(help="Name of a profile, or a YAML file.")],
    format: FormatOption = "unicycler",
    nominal_capacity: CapacityOption = None,
    series: SeriesOption = 1,
    chemistry: Annotated[
        str | None, typer.Option("--chemistry", help="LFP, NMC, LMO …: its voltages.")
    ] = None,
    without_checks: Annotated[
        bool, typer.Option("--without-checks", help="Leave out what only this station judges; it is told.")
    ] = False,
    output: OutOption = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Write a profile for another tool or cycler; what cannot be said there is refused by step."""
    from station.errors import UsageError
    from station.exchange import EXPORTS, export_profile
    from station.service.profile_shelf import ProfileShelf

    _known(format, EXPORTS)
    if not nominal_capacity:
        raise UsageError(
            "the nominal capacity is not known",
            remedy="give it: --nominal-capacity AH",
            code="exchange.capacity",
        )
    found = export_profile(
        ProfileShelf(data_folder(data)).read(profile),
        format,
        nominal_capacity_Ah=nominal_capacity,
        series_cells=series,
        chemistry=chemistry,
        without_checks=without_checks,
    )
    if json:
        _write(found.text, output, quiet=True)
        print_json({"format": format, "left_out": list(found.left_out), "text": found.text})
        return
    _write(found.text, output)
    for line in found.left_out:
        note(f"left out: {line}")


def _known(format: str, known: tuple[str, ...]) -> None:
    from station.errors import UsageError

    if format not in known:
        raise UsageError(
            f"{format!r} is no format that is known here",
            remedy=f"use one of {', '.join(known)}",
            code="exchange.format",
            format=format,
            known=", ".join(known),
        )


def _text(path: Path) -> str:
    from station.errors import UsageError

    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path}: cannot be read: {error}",
            remedy="check the name; the file must be UTF-8 text",
            code="exchange.unreadable",
            file=str(path),
        ) from error


def _write(text: str, output: Path | None, *, quiet: bool = False) -> None:
    if output is not None:
        output.write_text(text, encoding="utf-8")
        if not quiet:
            note(f"written: {output}")
    elif not quiet:
        say(text.rstrip())
